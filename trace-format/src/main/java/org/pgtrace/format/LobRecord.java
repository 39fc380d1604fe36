package org.pgtrace.format;

/** The values of one of Oracle's LOB lines; mutable and used again. They have no cursor. */
public final class LobRecord {
  /** Such as {@code LOBREAD}. */
  public String name = "";

  /** Such as {@code PERSISTENT LOB}; empty before 12c. */
  public String type = "";

  /** Bytes moved; -1 before 12c. */
  public long bytes = -1;

  /** Microseconds. */
  public long cpuUs;

  /** Microseconds. */
  public long elapsedUs;

  /** Blocks read. */
  public long physicalReads;

  /** {@code cr}. */
  public long consistentGets;

  /** {@code cu}. */
  public long currentGets;

  /** End of the call. */
  public long tim;
}
