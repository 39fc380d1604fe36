package org.pgtrace.format;

/**
 * The values of one OS line: what the kernel has charged a process for an execution or a session;
 * mutable and used again. Figures that are {@link #UNKNOWN} are left out of the line.
 */
public final class OsRecord {
  /** A figure that could not be had. */
  public static final long UNKNOWN = -1;

  /** Cursor number; 0: the session. */
  public long cursor;

  public OsSource source = OsSource.RUSAGE;

  /** CPU in user mode, in microseconds. */
  public long userUs;

  /** CPU in the kernel, in microseconds. */
  public long systemUs;

  /** Read from a device, in units of 512 bytes. */
  public long inBlocks;

  /** To be written to a device, in units of 512 bytes. */
  public long outBlocks;

  /** Page faults that needed no I/O. */
  public long minorFaults;

  /** Page faults that did. */
  public long majorFaults;

  /** Context switches because the process had to wait. */
  public long voluntarySwitches;

  /** Context switches because another process was to run. */
  public long involuntarySwitches;

  /** Bytes that system calls have read, from wherever. Only of {@link OsSource#PROC}, as below. */
  public long readChars;

  /** Bytes that system calls have written, to wherever. */
  public long writtenChars;

  /** Bytes read from a device. */
  public long readBytes;

  /** Bytes to be written to a device. */
  public long writtenBytes;

  /** Memory that the process has now, in bytes. */
  public long residentBytes;

  /** Time on a run queue, ready to run and without a processor, in microseconds. */
  public long runDelayUs;

  /** Between the two samples, in microseconds. */
  public long spanUs;

  /** In that time the process's control group was held up by its CPU quota, in microseconds. */
  public long throttledUs = UNKNOWN;

  /** In that time some process of the machine could have run and had no CPU, in microseconds. */
  public long cpuPressureUs = UNKNOWN;

  /** The same of processes that waited for I/O. */
  public long ioPressureUs = UNKNOWN;

  /** The same of processes that waited for memory. */
  public long memoryPressureUs = UNKNOWN;

  /** In that time the disk of the server's data was at work, in microseconds. */
  public long diskBusyUs = UNKNOWN;

  /** The execution goes on: figures until now. */
  public boolean isRunning;

  /** The samples are not those of the silence before and after the statement. */
  public boolean isApproximate;

  /** End of the execution, or the moment of the sample; microseconds of the Unix epoch. */
  public long tim;
}
