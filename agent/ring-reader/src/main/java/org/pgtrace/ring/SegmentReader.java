package org.pgtrace.ring;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.pgtrace.ring.SegmentException.Problem;

/**
 * A mapped segment: header and slots, once; each ring separately while it is in use. Not safe for
 * several threads.
 */
public final class SegmentReader implements AutoCloseable {
  /** What the segment is opened for. */
  public enum Access {
    /** To look at: nothing is written, not even the mapping allows it. */
    READ,
    /** To ask something of sessions, with {@link Requests}. */
    ASK,
    /** To drain, after {@link #tryLock}. */
    DRAIN
  }

  /** Bytes of header and slots that are mapped at most. */
  private static final long DIRECTORY_MAX = 64L << 20;

  private final Path path;
  private final SegmentFile file;
  private final SharedMemory memory;
  private final int headerSize;
  private final int slotSize;
  private final long ringsOffset;
  private final int ringSize;
  private final List<SlotReader> slots;

  private SegmentReader(Path path, SegmentFile file, SharedMemory memory, Sizes sizes) {
    this.path = path;
    this.file = file;
    this.memory = memory;
    this.headerSize = (int) sizes.header;
    this.slotSize = (int) sizes.slot;
    this.ringsOffset = sizes.ringsOffset;
    this.ringSize = (int) sizes.ring;
    List<SlotReader> all = new ArrayList<>();
    int count = (int) sizes.slots;
    for (int i = 0; i < count; i++) {
      WorkersSlot workers = new WorkersSlot(this, memory, i + count, slotOffset(i + count));
      all.add(new SlotReader(this, memory, i, slotOffset(i), workers));
    }
    this.slots = List.copyOf(all);
  }

  /**
   * Opens a segment and checks that it can be read.
   *
   * @throws SegmentException where it is none, or one that this program cannot read
   */
  public static SegmentReader open(Path path, Access access) throws IOException {
    SegmentFile file = SegmentFile.open(path, access != Access.READ);
    try {
      long fileSize = file.size();
      if (fileSize < SegmentLayout.SIZE) {
        throw new SegmentException(
            path,
            Problem.NOT_A_SEGMENT,
            "no pg_trace segment: " + fileSize + " bytes are less than a header");
      }
      Sizes sizes;
      try (SharedMemory header = file.map(0, SegmentLayout.SIZE)) {
        checkKind(path, header);
        sizes = Sizes.read(header);
        sizes.check(path, fileSize);
      }
      SharedMemory memory = file.map(0, (int) sizes.directory());
      return new SegmentReader(path, file, memory, sizes);
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  public Path path() {
    return path;
  }

  /**
   * Becomes the one process that drains this segment; false while another one does. Ends with this
   * process, or with {@link #close}.
   */
  public boolean tryLock() throws IOException {
    return file.tryLock();
  }

  /** Whether the server, or a process that it has left behind, is alive. */
  public boolean isServerAlive() {
    return file.isLocked(Layout.LOCK_SERVER);
  }

  /** Whether a daemon, this one or another, drains the segment. */
  public boolean isDrained() {
    return file.isLocked(Layout.LOCK_DAEMON);
  }

  /** PGT_SEGMENT_READY or PGT_SEGMENT_STOPPED. */
  public int state() {
    return memory.getIntAcquire(SegmentLayout.STATE);
  }

  /** One a session. */
  public List<SlotReader> slots() {
    return slots;
  }

  /** Bytes of one ring. */
  public int ringSize() {
    return ringSize;
  }

  public String layoutVersion() {
    return (memory.bytes().getShort(SegmentLayout.LAYOUT_MAJOR) & 0xffff)
        + "."
        + (memory.bytes().getShort(SegmentLayout.LAYOUT_MINOR) & 0xffff);
  }

  public int serverPid() {
    return memory.getInt(SegmentLayout.SERVER_PID);
  }

  public long serverStartTicks() {
    return memory.getLong(SegmentLayout.SERVER_START_TICKS);
  }

  public int port() {
    return memory.getInt(SegmentLayout.PORT);
  }

  public String cluster() {
    return Texts.fixed(memory, SegmentLayout.CLUSTER, SegmentLayout.CLUSTER_LENGTH);
  }

  public String serverVersion() {
    return Texts.fixed(memory, SegmentLayout.SERVER_VERSION, SegmentLayout.SERVER_VERSION_LENGTH);
  }

  public String dataDirectory() {
    return Texts.fixed(memory, SegmentLayout.DATA_DIRECTORY, SegmentLayout.DATA_DIRECTORY_LENGTH);
  }

  /** Why the server's processes do not see what is asked of them from outside; empty: they do. */
  public String noRequests() {
    return Texts.fixed(memory, SegmentLayout.NO_REQUESTS, SegmentLayout.NO_REQUESTS_LENGTH);
  }

  /** The attached daemon, or 0. */
  public int daemonPid() {
    return memory.getIntAcquire(SegmentLayout.DAEMON_PID);
  }

  public long daemonStartTicks() {
    return memory.getLong(SegmentLayout.DAEMON_START_TICKS);
  }

  /** Monotonic clock, ns. */
  public long daemonHeartbeatNs() {
    return memory.getLongAcquire(SegmentLayout.DAEMON_HEARTBEAT_NS);
  }

  public String traceDirectory() {
    return Texts.fixed(memory, SegmentLayout.TRACE_DIR, SegmentLayout.TRACE_DIR_LENGTH);
  }

  /** Of the server, bytes. */
  public int blockSize() {
    return memory.getInt(SegmentLayout.BLOCK_SIZE);
  }

  /** Says that this daemon drains the segment. */
  public void attach(int pid, long startTicks, String traceDirectory, long nowNs) {
    int generation = memory.getInt(SegmentLayout.DAEMON_GENERATION);
    memory.putInt(SegmentLayout.DAEMON_GENERATION, generation + 1);
    memory.putLong(SegmentLayout.DAEMON_START_TICKS, startTicks);
    Texts.putFixed(memory, SegmentLayout.TRACE_DIR, SegmentLayout.TRACE_DIR_LENGTH, traceDirectory);
    heartbeat(nowNs);
    memory.putIntRelease(SegmentLayout.DAEMON_PID, pid);
  }

  /**
   * Asks all sessions for records that are written on request alone.
   *
   * @param records {@link Layout#WANTS_RUNS}, or 0
   */
  public void askFor(int records) {
    memory.putIntRelease(SegmentLayout.DAEMON_WANTS, records);
  }

  /** Says that the daemon is alive. */
  public void heartbeat(long nowNs) {
    memory.putLongRelease(SegmentLayout.DAEMON_HEARTBEAT_NS, nowNs);
  }

  /** Says that nobody drains the segment. */
  public void detach() {
    askFor(0);
    memory.putIntRelease(SegmentLayout.DAEMON_PID, 0);
  }

  SharedMemory memory() {
    return memory;
  }

  SegmentFile file() {
    return file;
  }

  boolean isSlotLocked(int slot) {
    return file.isLocked(slotOffset(slot));
  }

  /** From the start of the file, and of {@link #memory}. */
  int slotOffset(int slot) {
    return headerSize + slot * slotSize;
  }

  /** Maps a slot's ring, which must be in use: a free one would be given memory by reading it. */
  SharedMemory mapRing(int slot) throws IOException {
    return file.map(ringOffset(slot), ringSize);
  }

  /** Gives the error's number, 0 for none. */
  int reserveRing(int slot) {
    return file.reserve(ringOffset(slot), ringSize);
  }

  void releaseRing(int slot) throws IOException {
    file.release(ringOffset(slot), ringSize);
  }

  long ringOffset(int slot) {
    return ringsOffset + (long) slot * ringSize;
  }

  @Override
  public void close() throws IOException {
    memory.close();
    file.close();
  }

  private static void checkKind(Path path, SharedMemory header) throws SegmentException {
    if (header.getLong(SegmentLayout.MAGIC) != Layout.MAGIC) {
      boolean swapped = Long.reverseBytes(header.getLong(SegmentLayout.MAGIC)) == Layout.MAGIC;
      throw swapped
          ? new SegmentException(
              path, Problem.OTHER_BYTE_ORDER, "segment of a machine with another byte order")
          : new SegmentException(path, Problem.NOT_A_SEGMENT, "no pg_trace segment: wrong magic");
    }
    if (header.getInt(SegmentLayout.ENDIAN) != Layout.ENDIAN) {
      throw new SegmentException(
          path, Problem.OTHER_BYTE_ORDER, "segment of a machine with another byte order");
    }
    int major = header.bytes().getShort(SegmentLayout.LAYOUT_MAJOR) & 0xffff;
    if (major != Layout.LAYOUT_MAJOR) {
      throw new SegmentException(
          path,
          Problem.OTHER_LAYOUT,
          "segment layout "
              + major
              + ", this program reads layout "
              + Layout.LAYOUT_MAJOR
              + ": use the pgtrace that belongs to the server's extension");
    }
    int state = header.getIntAcquire(SegmentLayout.STATE);
    if (state != Layout.SEGMENT_READY && state != Layout.SEGMENT_STOPPED) {
      throw new SegmentException(
          path, Problem.NOT_READY, "the server has not finished the segment (state " + state + ")");
    }
    int clock = header.getInt(SegmentLayout.CLOCK_ID);
    if (clock != Layout.CLOCK_MONOTONIC) {
      throw new SegmentException(path, Problem.OTHER_CLOCK, "unknown clock " + clock);
    }
  }

  /** The sizes that the header gives, each read once. */
  private record Sizes(
      long header, long slot, long slots, long align, long ringsOffset, long ring, long segment) {

    static Sizes read(SharedMemory header) {
      return new Sizes(
          Integer.toUnsignedLong(header.getInt(SegmentLayout.HEADER_SIZE)),
          Integer.toUnsignedLong(header.getInt(SegmentLayout.SLOT_SIZE)),
          Integer.toUnsignedLong(header.getInt(SegmentLayout.SLOT_COUNT)),
          Integer.toUnsignedLong(header.getInt(SegmentLayout.RECORD_ALIGN)),
          header.getLong(SegmentLayout.RINGS_OFFSET),
          header.getLong(SegmentLayout.RING_SIZE),
          header.getLong(SegmentLayout.SEGMENT_SIZE));
    }

    long directory() {
      return header + 2 * slots * slot;
    }

    void check(Path path, long fileSize) throws SegmentException {
      require(path, header >= SegmentLayout.SIZE && header % 8 == 0, "header_size", header);
      require(path, slot >= SlotLayout.SIZE && slot % 8 == 0, "slot_size", slot);
      require(path, slots >= 1 && slots <= Layout.SLOTS_MAX, "slot_count", slots);
      require(path, header <= DIRECTORY_MAX && slot <= DIRECTORY_MAX, "slot_size", slot);
      require(path, directory() <= DIRECTORY_MAX, "slot_count", slots);
      require(path, align == Layout.RECORD_ALIGN, "record_align", align);
      require(
          path,
          ring >= Layout.RECORD_ALIGN
              && ring <= Layout.RING_SIZE_MAX
              && ring % Layout.RECORD_ALIGN == 0,
          "ring_size",
          ring);
      require(path, segment > 0 && segment <= fileSize, "segment_size", segment);
      require(
          path,
          ringsOffset >= directory()
              && ringsOffset % Layout.RECORD_ALIGN == 0
              && ringsOffset <= segment - 2 * slots * ring,
          "rings_offset",
          ringsOffset);
    }

    private static void require(Path path, boolean holds, String field, long value)
        throws SegmentException {
      if (!holds) {
        throw new SegmentException(
            path, Problem.IMPOSSIBLE_SIZES, "damaged segment: " + field + " is " + value);
      }
    }
  }
}
