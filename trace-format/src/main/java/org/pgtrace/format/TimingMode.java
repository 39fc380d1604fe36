package org.pgtrace.format;

/** How the times of a plan's nodes were measured. */
public enum TimingMode {
  /** Each call of a node was timed. */
  EXACT,
  /** Some calls were timed; the times are estimates. */
  SAMPLED,
  /** Nothing was timed. */
  OFF
}
