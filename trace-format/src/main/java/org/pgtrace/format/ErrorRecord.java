package org.pgtrace.format;

/** The values of one ERROR line; mutable and used again. */
public final class ErrorRecord {
  /** Cursor number. */
  public long cursor;

  /** Of Oracle its number, of PostgreSQL see {@link SqlState}. */
  public long error;

  /** Moment of the error. */
  public long tim;
}
