package org.pgtrace.ebpf;

/**
 * One call that reads, writes or syncs. Reused for the next one: valid only while it is handled.
 */
public final class IoEvent {
  private static final int CALL_SHIFT = 56;
  private static final int FD_SHIFT = 32;
  private static final int FD_MASK = 0xffffff;
  private static final long ASKED_MASK = 0xffffffffL;
  private static final int GIVEN_SHIFT = 40;
  private static final int DONE_SHIFT = 48;

  private int pid;
  private long what;
  private long offset;
  private long result;
  private long beginNs;
  private long endNs;
  private long given;
  private long done;
  private PgFile file = PgFile.UNKNOWN;

  IoEvent() {}

  static boolean isCall(long what) {
    return what >= 0 && IoCall.isNumber((int) (what >>> CALL_SHIFT));
  }

  static int fd(long what) {
    int fd = (int) (what >>> FD_SHIFT) & FD_MASK;
    return fd == FD_MASK ? -1 : fd;
  }

  void set(long[] line, PgFile ofFile) {
    pid = (int) line[ProbeLines.PID];
    endNs = line[ProbeLines.TIME];
    beginNs = line[ProbeLines.IO_BEGIN];
    what = line[ProbeLines.IO_WHAT];
    offset = line[ProbeLines.IO_OFFSET];
    result = line[ProbeLines.IO_RESULT];
    given = line[ProbeLines.IO_GIVEN];
    done = line[ProbeLines.IO_DONE];
    file = ofFile;
  }

  /** Who called. */
  public int pid() {
    return pid;
  }

  /** What was called. */
  public IoCall call() {
    return IoCall.of((int) (what >>> CALL_SHIFT));
  }

  /** The descriptor, -1 where the caller gave none. */
  public int fd() {
    return fd(what);
  }

  /** Bytes from the file's begin, or -1 where the call has none, or uses the file's position. */
  public long offset() {
    return offset;
  }

  /** Bytes; 0 for calls that are asked for none. Its lower 32 bits. */
  public long asked() {
    return what & ASKED_MASK;
  }

  /** Bytes, or 0 for calls that return none, or the error's number below zero. */
  public long result() {
    return result;
  }

  /** Monotonic clock. */
  public long beginNs() {
    return beginNs;
  }

  /** Monotonic clock. */
  public long endNs() {
    return endNs;
  }

  /** The file, or {@link PgFile#UNKNOWN}. */
  public PgFile file() {
    return file;
  }

  /**
   * Requests that the process gave to devices in this call; 0 for a read: all was in the page
   * cache, or on its way there by an earlier request. The time that it waits for that is off the
   * CPU.
   */
  public int requests() {
    return (int) (given >>> GIVEN_SHIFT);
  }

  /** Bytes of these requests, read-ahead included. */
  public long requestBytes() {
    return given & ((1L << GIVEN_SHIFT) - 1);
  }

  /** Those of {@link #requests} that were complete when the call ended. */
  public int completedRequests() {
    return (int) (done >>> DONE_SHIFT);
  }

  /** Sum of the times that the device took for the {@link #completedRequests}, ns. */
  public long deviceNs() {
    return done & ((1L << DONE_SHIFT) - 1);
  }
}
