package org.pgtrace.ring;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Copies of records that outlive their place in the ring, in order; the memory is used again. */
public final class EventCopies {
  /** More than this is given back when the copies are let go. */
  private static final int KEPT_BYTES = 64 * 1024;

  /** In use are the first ones. */
  private final List<EventRecord> copies = new ArrayList<>();

  private int size;
  private ByteBuffer bytes = allocate(0);
  private int used;

  /** How many there are. */
  public int size() {
    return size;
  }

  /** Their length together. */
  public int bytes() {
    return used;
  }

  public EventRecord get(int index) {
    return copies.get(index);
  }

  /** Copies a record behind the others. The copy is valid until {@link #clear}. */
  public EventRecord add(EventRecord record) {
    reserve(record.length());
    if (size == copies.size()) {
      copies.add(new EventRecord(bytes, false));
    }
    EventRecord copy = copies.get(size);
    copy.copy(record, bytes, used);
    size++;
    used += record.length();
    return copy;
  }

  /**
   * Moves records to an earlier place. Ring positions stay where they are: all up to a place are
   * the records up to its position, but for places inside of what has moved.
   */
  public void move(int from, int count, int to) {
    List<EventRecord> moved = copies.subList(to, from + count);
    long[] positions = moved.stream().mapToLong(EventRecord::endPosition).toArray();
    long[] workers = moved.stream().mapToLong(EventRecord::workersPosition).toArray();
    Collections.rotate(moved, count);
    for (int i = 0; i < positions.length; i++) {
      moved.get(i).setPositions(positions[i], workers[i]);
    }
  }

  /** Changes a field of a copy. */
  public void putU16(EventRecord copy, int offset, int value) {
    bytes.putShort(copy.base() + offset, (short) value);
  }

  /** Changes a field of a copy. */
  public void putI32(EventRecord copy, int offset, int value) {
    bytes.putInt(copy.base() + offset, value);
  }

  /** Changes a field of a copy. */
  public void putI64(EventRecord copy, int offset, long value) {
    bytes.putLong(copy.base() + offset, value);
  }

  /** Lets all copies go. */
  public void clear() {
    size = 0;
    used = 0;
    if (bytes.capacity() > KEPT_BYTES) {
      copies.clear();
      bytes = allocate(0);
    }
  }

  private void reserve(int more) {
    if (more > bytes.capacity() - used) {
      ByteBuffer longer = allocate(Math.max(bytes.capacity() * 2, used + more));
      longer.put(0, bytes, 0, used);
      bytes = longer;
      for (int i = 0; i < size; i++) {
        copies.get(i).setBytes(bytes);
      }
    }
  }

  private static ByteBuffer allocate(int capacity) {
    return ByteBuffer.allocate(capacity).order(ByteOrder.nativeOrder());
  }
}
