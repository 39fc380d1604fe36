package org.pgtrace.format;

/** The values of one XCTEND line; mutable and used again. */
public final class TransactionEndRecord {
  /** Whether it was a rollback. */
  public boolean isRollback;

  /** Whether nothing was written. */
  public boolean isReadOnly;

  /** Moment of the end; -1: before Oracle 11. */
  public long tim;
}
