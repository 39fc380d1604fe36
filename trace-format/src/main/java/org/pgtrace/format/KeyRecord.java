package org.pgtrace.format;

/** A line {@code *** KEY:(VALUE) TIME}; mutable and used again. */
public final class KeyRecord {
  /** Such as {@code SESSION ID}. */
  public String key = "";

  /** What is between the brackets. */
  public String value = "";

  /** Microseconds of the Unix epoch, as in {@link StampRecord}. */
  public long epochUs;
}
