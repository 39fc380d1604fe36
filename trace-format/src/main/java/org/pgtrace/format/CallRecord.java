package org.pgtrace.format;

/**
 * The values of one PARSE, EXEC or FETCH line; mutable and used again for each call. Time, CPU and
 * blocks include recursive calls; misses and rows do not.
 */
public final class CallRecord {
  /** Which call it was. */
  public CallKind kind = CallKind.EXEC;

  /** Cursor number. */
  public long cursor;

  /** CPU of the process, user and system, in microseconds. */
  public long cpuUs;

  /** Elapsed time, in microseconds. */
  public long elapsedUs;

  /** {@code p}: blocks read, shared + local + temp. */
  public long physicalReads;

  /** {@code cr}: blocks hit or read, shared + local. */
  public long consistentGets;

  /** {@code cu}: blocks dirtied, shared + local. */
  public long currentGets;

  /** {@code mis}: plans made by this call. */
  public int misses;

  /** {@code r}: rows returned or processed. */
  public long rows;

  /** {@code dep}: 0 when the client asked for it, one more for each level of recursion. */
  public int depth;

  /** {@code og}: Oracle's optimizer goal; 1 is ALL_ROWS. */
  public int optimizerGoal = 1;

  /** {@code plh}: plan hash, unsigned 32 bits; 0 where there is no plan. */
  public long planHash;

  /** Whether it ran already when tracing began: what was before is not in it. */
  public boolean isPartial;

  /** End of the call, in microseconds of the Unix epoch. */
  public long tim;
}
