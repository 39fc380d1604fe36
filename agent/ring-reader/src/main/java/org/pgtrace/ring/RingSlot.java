package org.pgtrace.ring;

/**
 * What describes one ring: a session's slot, or that of its workers' ring. Everything it returns
 * was written by others and may be anything.
 */
public abstract sealed class RingSlot permits SlotReader, WorkersSlot {
  final SegmentReader segment;
  final SharedMemory memory;
  final int index;
  final int base;

  RingSlot(SegmentReader segment, SharedMemory memory, int index, int base) {
    this.segment = segment;
    this.memory = memory;
    this.index = index;
    this.base = base;
  }

  public int index() {
    return index;
  }

  /** PGT_SLOT_*. */
  public int state() {
    return memory.getIntAcquire(base + SlotLayout.STATE);
  }

  public int sessionNumber() {
    return memory.getInt(base + SlotLayout.SESSION_NUMBER);
  }

  /** End of the last whole record. */
  public long head() {
    return memory.getLongAcquire(base + SlotLayout.HEAD);
  }

  /** Beyond head while a record is being written. */
  public long reservedTo() {
    return memory.getLongAcquire(base + SlotLayout.RESERVED_TO);
  }

  public long events() {
    return memory.getLong(base + SlotLayout.EVENTS);
  }

  public long lostFull() {
    return memory.getLong(base + SlotLayout.LOST_FULL);
  }

  public long lostTooBig() {
    return memory.getLong(base + SlotLayout.LOST_TOO_BIG);
  }

  public long gapFromNs() {
    return memory.getLong(base + SlotLayout.GAP_FROM_NS);
  }

  public long gapFull() {
    return memory.getLong(base + SlotLayout.GAP_FULL);
  }

  public long gapTooBig() {
    return memory.getLong(base + SlotLayout.GAP_TOO_BIG);
  }

  public long readPosition() {
    return memory.getLongAcquire(base + SlotLayout.READ_POS);
  }

  /** What lies below the position may be used again. */
  void setReadPosition(long position) {
    memory.putLongRelease(base + SlotLayout.READ_POS, position);
  }

  void requestTexts() {
    int offset = base + SlotLayout.RESEND;
    memory.putIntRelease(offset, memory.getInt(offset) + 1);
  }

  /** Forgets everything but the state. */
  void clear() {
    int first = SlotLayout.PID;
    memory.zero(base + first, SlotLayout.SIZE - first);
  }

  void setState(int state) {
    memory.putIntRelease(base + SlotLayout.STATE, state);
  }
}
