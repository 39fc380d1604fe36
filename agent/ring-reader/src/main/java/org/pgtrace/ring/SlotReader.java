package org.pgtrace.ring;

import java.io.IOException;

/** One slot of a segment. Everything it returns was written by others and may be anything. */
public final class SlotReader {
  private final SegmentReader segment;
  private final SharedMemory memory;
  private final int index;
  private final int base;

  SlotReader(SegmentReader segment, SharedMemory memory, int index, int base) {
    this.segment = segment;
    this.memory = memory;
    this.index = index;
    this.base = base;
  }

  public int index() {
    return index;
  }

  /** Whether a process has the slot; false also where none has it yet. */
  public boolean isProcessAlive() {
    return segment.isSlotLocked(index);
  }

  /** PGT_SLOT_*. */
  public int state() {
    return memory.getIntAcquire(base + SlotLayout.STATE);
  }

  public int pid() {
    return memory.getInt(base + SlotLayout.PID);
  }

  public long startTicks() {
    return memory.getLong(base + SlotLayout.START_TICKS);
  }

  /** 0: is no parallel worker. */
  public int leaderPid() {
    return memory.getInt(base + SlotLayout.LEADER_PID);
  }

  public int backendType() {
    return memory.getInt(base + SlotLayout.BACKEND_TYPE);
  }

  public int sessionNumber() {
    return memory.getInt(base + SlotLayout.SESSION_NUMBER);
  }

  public boolean enabled() {
    return memory.getInt(base + SlotLayout.ENABLED) != 0;
  }

  public int level() {
    return memory.getInt(base + SlotLayout.LEVEL);
  }

  /** What somebody else has asked of the session last. */
  public ControlWord control() {
    return ControlWord.of(memory.getLongAcquire(base + SlotLayout.CONTROL));
  }

  /** Monotonic clock, ns. */
  public long anchorMonoNs() {
    return memory.getLong(base + SlotLayout.ANCHOR_MONO_NS);
  }

  /** The same moment, ns since the Unix epoch. */
  public long anchorWallNs() {
    return memory.getLong(base + SlotLayout.ANCHOR_WALL_NS);
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

  public String database() {
    return Texts.fixed(memory, base + SlotLayout.DATABASE, SlotLayout.DATABASE_LENGTH);
  }

  public String role() {
    return Texts.fixed(memory, base + SlotLayout.ROLE, SlotLayout.ROLE_LENGTH);
  }

  public String application() {
    return Texts.fixed(memory, base + SlotLayout.APPLICATION, SlotLayout.APPLICATION_LENGTH);
  }

  public String identifier() {
    return Texts.fixed(memory, base + SlotLayout.IDENTIFIER, SlotLayout.IDENTIFIER_LENGTH);
  }

  public String traceFile() {
    return Texts.fixed(memory, base + SlotLayout.TRACE_FILE, SlotLayout.TRACE_FILE_LENGTH);
  }

  public void setTraceFile(String path) {
    Texts.putFixed(memory, base + SlotLayout.TRACE_FILE, SlotLayout.TRACE_FILE_LENGTH, path);
  }

  /** Asks the session to send its statements' texts and its waits' names again. */
  public void requestTexts() {
    int offset = base + SlotLayout.RESEND;
    memory.putIntRelease(offset, memory.getInt(offset) + 1);
  }

  /** What the last daemon committed. */
  public Commit commit() {
    long sequence = memory.getLongAcquire(base + SlotLayout.COMMIT_SEQ);
    int at = commitOffset(sequence);
    return new Commit(
        memory.getLong(at + CommitLayout.READ_POS),
        memory.getLong(at + CommitLayout.FILE_LENGTH),
        memory.getLong(at + CommitLayout.FILE_NUMBER));
  }

  /**
   * Commits: the file stands for everything below the position, whose space may be used again. A
   * reader that starts later sees the whole commit or the one before.
   */
  public void commit(long readPosition, long fileLength, long fileNumber) {
    long sequence = memory.getLong(base + SlotLayout.COMMIT_SEQ) + 1;
    int at = commitOffset(sequence);
    memory.putLong(at + CommitLayout.READ_POS, readPosition);
    memory.putLong(at + CommitLayout.FILE_LENGTH, fileLength);
    memory.putLong(at + CommitLayout.FILE_NUMBER, fileNumber);
    memory.putLongRelease(base + SlotLayout.COMMIT_SEQ, sequence);
    memory.putLongRelease(base + SlotLayout.READ_POS, readPosition);
  }

  /** Maps the ring, beginning at what was committed last. Only for a slot in use. */
  public RingReader openRing() throws IOException {
    return new RingReader(this, segment.mapRing(index), segment.ringSize());
  }

  /**
   * Takes a slot that is closed, or whose process is over, away from its session: gives the ring's
   * memory back and makes the slot free. False where its state has changed.
   *
   * @throws IOException where the memory cannot be given back; the slot is free nevertheless
   */
  public boolean free(int expectedState) throws IOException {
    if (expectedState != Layout.SLOT_FREEING
        && !memory.compareAndSetInt(base + SlotLayout.STATE, expectedState, Layout.SLOT_FREEING)) {
      return false;
    }
    try {
      segment.releaseRing(index);
    } finally {
      int first = SlotLayout.PID;
      memory.zero(base + first, SlotLayout.SIZE - first);
      memory.putIntRelease(base + SlotLayout.STATE, Layout.SLOT_FREE);
    }
    return true;
  }

  private int commitOffset(long sequence) {
    return base + SlotLayout.COMMIT + (int) (sequence & 1) * CommitLayout.SIZE;
  }
}
