package org.pgtrace.format;

/** The two forms of a trace file. */
public enum TraceForm {
  /** Oracle's grammar plus lines and fields for what Oracle never had. */
  FULL,
  /** Only what an Oracle 19c trace may contain, so that readers made for Oracle know each line. */
  STRICT
}
