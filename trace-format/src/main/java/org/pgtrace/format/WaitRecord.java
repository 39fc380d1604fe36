package org.pgtrace.format;

/**
 * The values of one WAIT line; mutable and used again for each wait. {@link #kind} says which of
 * its figures count. Numbers of 32 bits are unsigned.
 */
public final class WaitRecord {
  /** Cursor number; 0 outside of any statement. */
  public long cursor;

  /** What the server calls it. */
  public WaitEvent event = WaitEvent.unset();

  /** Which figures are known. */
  public WaitKind kind = WaitKind.PLAIN;

  /** The call that blocked. */
  public WaitCall call = WaitCall.UNKNOWN;

  /** Microseconds. */
  public long elapsedUs;

  /** CPU of the process meanwhile, in microseconds. */
  public long cpuUs;

  /** Number of the plan node that executed, 0 for none. */
  public int node;

  /** OID of the relation that was waited for, -1 where that is not known. */
  public long objectId = -1;

  /** Name of that relation; nothing where it is not known. */
  public final ByteSpan relation = new ByteSpan();

  /** Mode of the lock: the server's LOCKMODE; of a latch its LWLockMode. */
  public int lockMode;

  // Blocks of a relation.
  public long tablespace;
  public long database;
  public long relationFile;

  /** The server's ForkNumber. */
  public long fork;

  /** The first one. */
  public long block;

  /** How many. */
  public long blocks;

  /** Where the bytes of a read came from. */
  public ReadTier tier = ReadTier.UNKNOWN;

  /** Process id of the I/O worker that read them for the session, 0: none did. */
  public long ioWorker;

  /**
   * Whether io_uring read them for the session; the time is that from asking to when the server saw
   * it done.
   */
  public boolean isByIoUring;

  /** Number of a file that is no relation's, 0 where it is not known. */
  public long fileNumber;

  /** Number of a WAL file, without its timeline; the file's number where it is none. */
  public long walSegment;

  /** The file's path; nothing where it is not known. */
  public final ByteSpan path = new ByteSpan();

  /** Bytes from the file's beginning; negative: not known. */
  public long offset = -1;

  /** Bytes that the call moved; negative: it failed. */
  public long bytes;

  /** The server's LockTagType. */
  public int lockType;

  // The four fields of the lock's tag.
  public long lock1;
  public long lock2;
  public long lock3;
  public long lock4;

  /** Process id of who holds the lock, 0: not known. */
  public long holder;

  /** Process id of who is waited for, 0: not known. */
  public long targetPid;

  /** Position in the log that is waited for, 64 bits; 0: none. */
  public long targetLsn;

  /** Whether pg_trace itself read a catalog, or formatted a value. */
  public boolean isOwnWork;

  /** Whether the kernel's own probes have seen it, and not the server. */
  public boolean isByKernel;

  /** End of the wait, in microseconds of the Unix epoch. */
  public long tim;

  /** What Oracle's grammar calls this wait. */
  public WaitName name() {
    return event.name(kind, call, blocks);
  }

  /** What it is added up under: a read by others is no wait of the session. */
  public String sumName() {
    WaitName name = name();
    return ioWorker > 0 ? name.byIoWorker() : isByIoUring ? name.byIoUring() : name.nam();
  }
}
