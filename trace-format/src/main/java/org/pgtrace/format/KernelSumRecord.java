package org.pgtrace.format;

/**
 * The values of one OS line of {@code src=ebpf}: what the kernel's own probes have seen in an
 * execution or a session; mutable and used again. Times are in microseconds.
 */
public final class KernelSumRecord {
  /** Cursor number; 0: the session. */
  public long cursor;

  /** Calls that read from files. */
  public long reads;

  public long readUs;
  public long readBytes;

  /** Calls that write to files. */
  public long writes;

  public long writeUs;
  public long writtenBytes;

  /** Calls that sync files. */
  public long syncs;

  public long syncUs;

  /** Requests to devices in these calls. */
  public long requests;

  public long requestBytes;
  public long deviceUs;

  /** Times off the processor because the process had to wait. */
  public long sleeps;

  public long sleepUs;

  /** Times off the processor because another was to run. */
  public long preemptions;

  /** Ready to run and without a processor, after sleeps and preemptions. */
  public long runQueueUs;

  /** Something of it was not seen. */
  public boolean isIncomplete;

  /** Its end, in microseconds of the Unix epoch. */
  public long tim;
}
