package org.pgtrace.format;

/**
 * The values of one SUMMARY line: where the time of an execution or of a session went, and where
 * its blocks came from; mutable and used again. All include recursive calls.
 */
public final class SummaryRecord {
  /** Cursor number; 0: the session. */
  public long cursor;

  /** Elapsed time, in microseconds. */
  public long elapsedUs;

  /** CPU of the process, user and system, in microseconds. */
  public long cpuUs;

  /** Waits without the CPU time inside of them, in microseconds. */
  public long waitUs;

  /** Of a session: the part of its waits that was for the client, between statements. */
  public long thinkUs;

  /** Blocks that were in a buffer, shared + local. */
  public long hits;

  /** Blocks read, shared + local. */
  public long reads;

  /** Of those: by calls in which the kernel read a device. */
  public long diskBlocks;

  /** Of those: by calls that the page cache could serve. */
  public long cacheBlocks;

  /** Parts of it that parallel workers did, those of recursive calls too; 0: nothing below. */
  public long workers;

  /** Elapsed time of those parts, in microseconds. */
  public long workersElapsedUs;

  /** CPU of the workers, in microseconds. */
  public long workersCpuUs;

  /** Of {@link #hits}: the workers'. */
  public long workersHits;

  /** Of {@link #reads}: the workers'. */
  public long workersReads;

  /** End of the execution or session, in microseconds of the Unix epoch. */
  public long tim;

  /** The rest, so that a line always adds up; negative where clocks did not agree. */
  long unaccountedUs() {
    return elapsedUs - cpuUs - waitUs;
  }
}
