package org.pgtrace.format;

/** A line of a trace file's head; mutable and used again. */
public final class HeadRecord {
  /** Such as {@code Trace file} or {@code Node name}; empty of the line that names the product. */
  public String label = "";

  /** What follows the label. */
  public String value = "";

  /** The whole line. */
  public final ByteSpan line = new ByteSpan();
}
