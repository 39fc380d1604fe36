package org.pgtrace.format;

/**
 * One WAIT line as it stands in a trace, Oracle's or pg_trace's; mutable and used again. Texts that
 * the line does not have are empty, numbers {@link #NONE}.
 */
public final class WaitLine {
  /** A number that the line does not have. */
  public static final long NONE = -1;

  /** Cursor number; 0 outside of any statement. */
  public long cursor;

  /** {@code nam}. */
  public String name = "";

  /** {@code ela}, in microseconds. */
  public long elapsedUs;

  // The three parameters; values are unsigned.
  public String name1 = "";
  public long value1;
  public String name2 = "";
  public long value2;
  public String name3 = "";
  public long value3;

  /** Whether the line has {@code obj#}: before Oracle 10.2 there was none. */
  public boolean hasObject;

  /** {@code obj#}; -1 (since 23c 4294967295) where it is not known. */
  public long objectId;

  /** End of the wait; {@link #NONE}: before Oracle 10.2. */
  public long tim;

  // What follows is pg_trace's own, and of the full form.

  /** {@code Type/Name}. */
  public String pg = "";

  /** Plan node, from 1. */
  public int node;

  /** CPU inside of the wait, in microseconds. */
  public long cpuUs;

  /** Relation whose blocks they are. */
  public String relation = "";

  /** {@code main}, {@code fsm}, {@code vm} or {@code init}. */
  public String fork = "";

  /** OID of the tablespace, or {@link #NONE}. */
  public long tablespace = NONE;

  /** OID of the database, or {@link #NONE}. */
  public long database = NONE;

  /** Path of a file that is no relation's. */
  public String file = "";

  /** Where the bytes of a read came from. */
  public ReadTier tier = ReadTier.UNKNOWN;

  /** Process id of who holds the lock; 0: not known. */
  public long holder;

  /** What is locked. */
  public String lock = "";

  /** The server's lock mode. */
  public String lockMode = "";

  /** A process id, or a position in the log. */
  public String target = "";

  /** {@code pg_trace}, {@code io-worker:PID}, {@code io_uring}. */
  public String by = "";

  /** Whether the kernel's own probes have seen it: {@code src=ebpf}. */
  public boolean isByKernel;

  /** Whether another process or the kernel did the read for the session: no wait of its own. */
  public boolean isReadByOthers() {
    return by.startsWith("io");
  }

  /** Blocks of a read or write of relations or temporary files, by the third parameter's name. */
  public long blocks() {
    return name3.equals("blocks") || name3.equals("block cnt") ? value3 : 0;
  }

  /** Forgets what only some lines have. */
  public void clearDetails() {
    pg = "";
    node = 0;
    cpuUs = 0;
    relation = "";
    fork = "";
    tablespace = NONE;
    database = NONE;
    file = "";
    tier = ReadTier.UNKNOWN;
    holder = 0;
    lock = "";
    lockMode = "";
    target = "";
    by = "";
    isByKernel = false;
  }
}
