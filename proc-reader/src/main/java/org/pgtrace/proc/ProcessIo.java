package org.pgtrace.proc;

/**
 * {@code /proc/<pid>/io} (proc_pid_io(5)): of the whole process with all its threads and the
 * children that it has waited for. Counts are since the process started; what does not fit a long
 * is {@link Long#MAX_VALUE}.
 */
public final class ProcessIo {
  private static final byte[] RCHAR = ProcText.key("rchar:");
  private static final byte[] WCHAR = ProcText.key("wchar:");
  private static final byte[] SYSCR = ProcText.key("syscr:");
  private static final byte[] SYSCW = ProcText.key("syscw:");
  private static final byte[] READ_BYTES = ProcText.key("read_bytes:");
  private static final byte[] WRITE_BYTES = ProcText.key("write_bytes:");
  private static final byte[] CANCELLED = ProcText.key("cancelled_write_bytes:");

  private long rchar;
  private long wchar;
  private long syscr;
  private long syscw;
  private long readBytes;
  private long writeBytes;
  private long cancelledWriteBytes;

  Parser.Outcome parse(ProcText text) {
    rchar = text.numberOf(RCHAR);
    wchar = text.numberOf(WCHAR);
    syscr = text.numberOf(SYSCR);
    syscw = text.numberOf(SYSCW);
    readBytes = text.numberOf(READ_BYTES);
    writeBytes = text.numberOf(WRITE_BYTES);
    cancelledWriteBytes = text.numberOf(CANCELLED);
    return Parser.outcome(text);
  }

  /** Bytes that read calls gave it, from wherever: page cache, pipes, sockets without recv. */
  public long rchar() {
    return rchar;
  }

  /** Bytes that it gave to write calls. */
  public long wchar() {
    return wchar;
  }

  /** Read calls. */
  public long syscr() {
    return syscr;
  }

  /** Write calls. */
  public long syscw() {
    return syscw;
  }

  /** Bytes that were read from storage for it. */
  public long readBytes() {
    return readBytes;
  }

  /** Bytes of the pages that it made dirty, and that so have to go to storage. */
  public long writeBytes() {
    return writeBytes;
  }

  /** Of these, bytes that need no writing any more, as it cut or removed the file. */
  public long cancelledWriteBytes() {
    return cancelledWriteBytes;
  }
}
