package org.pgtrace.ring;

import java.io.IOException;

/** The slot of one session. */
public final class SlotReader extends RingSlot {
  private final WorkersSlot workers;

  SlotReader(SegmentReader segment, SharedMemory memory, int index, int base, WorkersSlot workers) {
    super(segment, memory, index, base);
    this.workers = workers;
  }

  /** The slot of the ring that others write for this session. */
  public WorkersSlot workers() {
    return workers;
  }

  /** Whether a process has the slot; false also where none has it yet. */
  public boolean isProcessAlive() {
    return segment.isSlotLocked(index);
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

  public boolean enabled() {
    return memory.getInt(base + SlotLayout.ENABLED) != 0;
  }

  public int level() {
    return memory.getInt(base + SlotLayout.LEVEL);
  }

  /** Grows by one where a call of the client begins and where it ends: odd while one runs. */
  public int activity() {
    return memory.getIntAcquire(base + SlotLayout.ACTIVITY);
  }

  /** The activity in which the client's execution began; 0: there is none. */
  public int statement() {
    return memory.getIntAcquire(base + SlotLayout.STATEMENT);
  }

  /** Its cursor. */
  public int statementCursor() {
    return memory.getInt(base + SlotLayout.STATEMENT_CURSOR);
  }

  /** When it began, monotonic clock, ns. */
  public long statementStartNs() {
    return memory.getLong(base + SlotLayout.STATEMENT_START_NS);
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

  /** Asks all writers to send their statements' texts and their waits' names again. */
  @Override
  public void requestTexts() {
    super.requestTexts();
    workers.requestTexts();
  }

  /** What the last daemon committed. */
  public Commit commit() {
    long sequence = memory.getLongAcquire(base + SlotLayout.COMMIT_SEQ);
    int at = commitOffset(sequence);
    return new Commit(
        new Positions(
            memory.getLong(at + CommitLayout.READ_POS),
            memory.getLong(at + CommitLayout.WORKERS_READ_POS)),
        memory.getLong(at + CommitLayout.FILE_LENGTH),
        memory.getLong(at + CommitLayout.FILE_NUMBER));
  }

  /**
   * Commits: the file stands for everything below the positions, whose space may be used again. A
   * reader that starts later sees the whole commit or the one before.
   */
  public void commit(Positions read, long fileLength, long fileNumber) {
    long sequence = memory.getLong(base + SlotLayout.COMMIT_SEQ) + 1;
    int at = commitOffset(sequence);
    memory.putLong(at + CommitLayout.READ_POS, read.session());
    memory.putLong(at + CommitLayout.FILE_LENGTH, fileLength);
    memory.putLong(at + CommitLayout.FILE_NUMBER, fileNumber);
    memory.putLong(at + CommitLayout.WORKERS_READ_POS, read.workers());
    memory.putLongRelease(base + SlotLayout.COMMIT_SEQ, sequence);
    setReadPosition(read.session());
    workers.setReadPosition(read.workers());
  }

  /** Where both rings end now. */
  public Positions heads() {
    return new Positions(head(), workers.isInUse(sessionNumber()) ? workers.head() : 0);
  }

  /** Maps both rings, beginning at what was committed last. Only for a slot in use. */
  public SessionRings openRings() throws IOException {
    return new SessionRings(this, openRing());
  }

  /** Maps the session's own ring alone. */
  public RingReader openRing() throws IOException {
    return new RingReader(this, commit().read().session());
  }

  /**
   * Maps the workers' ring, which must be in use.
   *
   * @see WorkersSlot#isInUse
   */
  RingReader openWorkersRing() throws IOException {
    return new RingReader(workers, commit().read().workers());
  }

  /**
   * Takes a slot that is closed, or whose process is over, away from its session: gives the memory
   * of both rings back and makes the slot free. False where its state has changed.
   *
   * @throws IOException where the memory cannot be given back; the slot is free nevertheless
   */
  public boolean free(int expectedState) throws IOException {
    if (expectedState != Layout.SLOT_FREEING
        && !memory.compareAndSetInt(base + SlotLayout.STATE, expectedState, Layout.SLOT_FREEING)) {
      return false;
    }
    try {
      // First: whoever claims the free slot finds no trace of the workers' ring.
      workers.free();
    } finally {
      try {
        segment.releaseRing(index);
      } finally {
        clear();
        setState(Layout.SLOT_FREE);
      }
    }
    return true;
  }

  private int commitOffset(long sequence) {
    return base + SlotLayout.COMMIT + (int) (sequence & 1) * CommitLayout.SIZE;
  }
}
