package org.pgtrace.format;

/** The values of one LOST line: how many events are missing; mutable and used again. */
public final class LostRecord {
  /** Dropped because the ring was full. */
  public long full;

  /** Dropped because they were over the limit of a record. */
  public long tooBig;

  /** Unfinished when their process died. */
  public long writerDied;

  /** Of the kernel's own probes; -1: the line is of the session's own events. */
  public long ebpf = -1;

  /** First moment of the gap. */
  public long fromTim;

  /** Last moment of the gap. */
  public long toTim;

  /** All of them. */
  public long events() {
    return ebpf >= 0 ? ebpf : full + tooBig + writerDied;
  }
}
