package org.pgtrace.format;

/** The values of one CLOSE line; mutable and used again. */
public final class CloseRecord {
  /** Cursor number. */
  public long cursor;

  /** Microseconds. */
  public long cpuUs;

  /** Microseconds. */
  public long elapsedUs;

  /** {@code dep}. */
  public int depth;

  /** 0 really closed, 1 to 3 the plan stays cached. */
  public int type;

  /** End of the call. */
  public long tim;
}
