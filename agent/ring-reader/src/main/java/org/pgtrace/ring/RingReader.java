package org.pgtrace.ring;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Reads one ring. Damage stops it for good: {@link #damage} says where and why, and nothing is
 * thrown. Makes no garbage.
 */
public final class RingReader implements AutoCloseable {
  /** A PAD has at least its length and type. */
  private static final int PAD_MIN = 8;

  private static final int[] STRUCT_SIZE = structSizes();

  private final RingSlot slot;
  private final SharedMemory memory;
  private final ByteBuffer bytes;
  private final int size;
  private final EventRecord event;
  private long position;
  private long unknownRecords;
  private boolean closed;
  private Optional<RingDamage> damage = Optional.empty();

  RingReader(RingSlot slot, long position) throws IOException {
    this.slot = slot;
    this.memory = slot.segment.mapRing(slot.index());
    this.bytes = memory.bytes();
    this.size = slot.segment.ringSize();
    this.event = new EventRecord(bytes, slot instanceof WorkersSlot);
    this.position = position;
  }

  /** Position of the next record. */
  public long position() {
    return position;
  }

  /** Goes on at another position, which is checked when it is used. */
  void seek(long newPosition) {
    position = newPosition;
  }

  /** Records of types that this reader does not know, skipped. */
  public long unknownRecords() {
    return unknownRecords;
  }

  /** Why reading has stopped. */
  public Optional<RingDamage> damage() {
    return damage;
  }

  /** Whether everything that is in the ring now has been read, or cannot be. */
  public boolean isDrained() {
    return damage.isPresent() || slot.head() == position;
  }

  /**
   * Hands over the records that are in the ring now, at most {@code maxRecords}. The position moves
   * on, the writer's space does not: that is for {@link SlotReader#commit(Positions, long, long)}.
   *
   * @return how many records were handed over
   */
  public int drain(EventHandler handler, int maxRecords) {
    return drain(handler, maxRecords, head());
  }

  int drain(EventHandler handler, int maxRecords, long head) {
    int count = 0;
    boolean goOn = true;
    while (goOn && count < maxRecords && hasNext(head)) {
      count++;
      goOn = handler.onEvent(next());
    }
    return count;
  }

  /** Where the records end that are in the ring now; where nothing can be read, the position. */
  long head() {
    if (closed || damage.isPresent()) {
      return position;
    }
    long head = slot.head();
    if (position < 0
        || head < position
        || head - position > size
        || ((head | position) & (Layout.RECORD_ALIGN - 1)) != 0) {
      stop(RingDamage.Reason.POSITIONS);
      return position;
    }
    return head;
  }

  /** Goes to the next record of a known type below a head; whether there is one. */
  boolean hasNext(long head) {
    while (position < head && damage.isEmpty()) {
      int offset = (int) (position % size);
      int length = bytes.getInt(offset + EventLayout.Record.LENGTH);
      int type = bytes.getShort(offset + EventLayout.Record.TYPE) & 0xffff;
      if (!isPlausible(offset, length, type, head)) {
        return false;
      }
      boolean known = type < STRUCT_SIZE.length && STRUCT_SIZE[type] != 0;
      if (known) {
        int flags = bytes.getShort(offset + EventLayout.Record.FLAGS) & 0xffff;
        event.set(offset, length, type, flags);
        return true;
      }
      position += length;
      unknownRecords += type == Layout.EV_PAD ? 0 : 1;
    }
    return false;
  }

  /** When the record ended that {@link #hasNext} has found: monotonic clock, ns. */
  long nextTimeNs() {
    return event.timeNs();
  }

  /** Takes the record that {@link #hasNext} has found. */
  EventRecord next() {
    position += event.length();
    event.setPositions(position, 0);
    return event;
  }

  @Override
  public void close() {
    closed = true;
    memory.close();
  }

  private boolean isPlausible(int offset, int length, int type, long head) {
    if (length < (type == Layout.EV_PAD ? PAD_MIN : EventLayout.Record.SIZE)) {
      return stop(RingDamage.Reason.LENGTH_TOO_SMALL);
    }
    if ((length & (Layout.RECORD_ALIGN - 1)) != 0) {
      return stop(RingDamage.Reason.LENGTH_NOT_ALIGNED);
    }
    if (length > Layout.RECORD_MAX) {
      return stop(RingDamage.Reason.LENGTH_TOO_BIG);
    }
    if (length > size - offset) {
      return stop(RingDamage.Reason.LENGTH_PAST_END);
    }
    if (length > head - position) {
      return stop(RingDamage.Reason.LENGTH_PAST_HEAD);
    }
    if (type < STRUCT_SIZE.length) {
      int struct = STRUCT_SIZE[type];
      if (length < struct) {
        return stop(RingDamage.Reason.STRUCT_TOO_SHORT);
      }
      if (!hasWhatFollows(offset, type, length - struct)) {
        return stop(RingDamage.Reason.TEXT_PAST_RECORD);
      }
    }
    return true;
  }

  /** Reads the lengths of texts and spans, once, and tells whether {@code room} bytes hold them. */
  private boolean hasWhatFollows(int offset, int type, int room) {
    long first = 0;
    int second = 0;
    switch (type) {
      case Layout.EV_ATTRIBUTE -> first = u32(offset + EventLayout.Attribute.TEXT_LENGTH);
      case Layout.EV_STATEMENT -> first = u32(offset + EventLayout.Statement.TEXT_LENGTH);
      case Layout.EV_NODE -> first = u32(offset + EventLayout.Node.TEXT_LENGTH);
      case Layout.EV_ERROR -> first = u32(offset + EventLayout.Error.TEXT_LENGTH);
      case Layout.EV_BIND -> {
        first = u16(offset + EventLayout.Bind.TYPE_NAME_LENGTH);
        second = u16(offset + EventLayout.Bind.VALUE_LENGTH);
      }
      case Layout.EV_WAIT_NAME -> {
        first = u16(offset + EventLayout.WaitName.TYPE_LENGTH);
        second = u16(offset + EventLayout.WaitName.NAME_LENGTH);
      }
      case Layout.EV_FILE_NAME -> first = u32(offset + EventLayout.FileName.PATH_LENGTH);
      case Layout.EV_OBJECT -> first = u32(offset + EventLayout.Object.NAME_LENGTH);
      case Layout.EV_HITS ->
          first = u32(offset + EventLayout.Hits.SPAN_COUNT) * EventLayout.Span.SIZE;
      default -> {
        return true;
      }
    }
    if (first + second > room) {
      return false;
    }
    event.setTexts(STRUCT_SIZE[type], (int) first, second);
    return true;
  }

  private int u16(int offset) {
    return bytes.getShort(offset) & 0xffff;
  }

  private long u32(int offset) {
    return bytes.getInt(offset) & 0xffffffffL;
  }

  private boolean stop(RingDamage.Reason reason) {
    damage = Optional.of(new RingDamage(slot.index(), position, reason));
    return false;
  }

  private static int[] structSizes() {
    int[] sizes = new int[Layout.EV_RUNS + 1];
    sizes[Layout.EV_LOST] = EventLayout.Lost.SIZE;
    sizes[Layout.EV_SESSION] = EventLayout.Session.SIZE;
    sizes[Layout.EV_ATTRIBUTE] = EventLayout.Attribute.SIZE;
    sizes[Layout.EV_SESSION_END] = EventLayout.SessionEnd.SIZE;
    sizes[Layout.EV_STATEMENT] = EventLayout.Statement.SIZE;
    sizes[Layout.EV_CALL] = EventLayout.Call.SIZE;
    sizes[Layout.EV_BIND] = EventLayout.Bind.SIZE;
    sizes[Layout.EV_PLAN] = EventLayout.Plan.SIZE;
    sizes[Layout.EV_NODE] = EventLayout.Node.SIZE;
    sizes[Layout.EV_ERROR] = EventLayout.Error.SIZE;
    sizes[Layout.EV_XACT_END] = EventLayout.XactEnd.SIZE;
    sizes[Layout.EV_WAIT] = EventLayout.Wait.SIZE;
    sizes[Layout.EV_WAIT_NAME] = EventLayout.WaitName.SIZE;
    sizes[Layout.EV_FILE_NAME] = EventLayout.FileName.SIZE;
    sizes[Layout.EV_OBJECT] = EventLayout.Object.SIZE;
    sizes[Layout.EV_SUMMARY] = EventLayout.Summary.SIZE;
    sizes[Layout.EV_IDLE] = EventLayout.Record.SIZE;
    sizes[Layout.EV_HITS] = EventLayout.Hits.SIZE;
    sizes[Layout.EV_CHARGE] = EventLayout.Charge.SIZE;
    sizes[Layout.EV_RUNS] = EventLayout.Runs.SIZE;
    return sizes;
  }
}
