package org.pgtrace.ring;

import java.nio.ByteBuffer;

/**
 * A record in the ring, or a copy of one, checked: its struct is whole and its texts or spans lie
 * inside of it. One object is used for all records of a ring. Offsets are those of {@link
 * EventLayout}.
 */
public final class EventRecord {
  private ByteBuffer bytes;
  private int base;
  private int length;
  private int type;
  private int flags;
  private int textOffset;
  private int firstTextLength;
  private int secondTextLength;
  private long endPosition;

  EventRecord(ByteBuffer bytes) {
    this.bytes = bytes;
  }

  void set(int base, int length, int type, int flags, long endPosition) {
    this.base = base;
    this.length = length;
    this.type = type;
    this.flags = flags;
    this.endPosition = endPosition;
  }

  void setTexts(int offset, int firstLength, int secondLength) {
    this.textOffset = offset;
    this.firstTextLength = firstLength;
    this.secondTextLength = secondLength;
  }

  /** Becomes a copy of a record, whose bytes go to {@code target} at {@code at}. */
  void copy(EventRecord record, ByteBuffer target, int at) {
    target.put(at, record.bytes, record.base, record.length);
    bytes = target;
    set(at, record.length, record.type, record.flags, record.endPosition);
    setTexts(record.textOffset, record.firstTextLength, record.secondTextLength);
  }

  /** The same bytes are elsewhere. */
  void setBytes(ByteBuffer same) {
    bytes = same;
  }

  void setEndPosition(long position) {
    endPosition = position;
  }

  int base() {
    return base;
  }

  /** Bytes. */
  public int length() {
    return length;
  }

  /** PGT_EV_*. */
  public int type() {
    return type;
  }

  /** Whether more records of the same group follow. */
  public boolean hasMore() {
    return (flags & Layout.RF_MORE) != 0;
  }

  /** PGT_RF_*. */
  public int flags() {
    return flags;
  }

  /** When the event ended: monotonic clock, ns. */
  public long timeNs() {
    return bytes.getLong(base + EventLayout.Record.TIME_NS);
  }

  /** Ring position after this record. */
  public long endPosition() {
    return endPosition;
  }

  public int u8(int offset) {
    return bytes.get(base + offset) & 0xff;
  }

  public int u16(int offset) {
    return bytes.getShort(base + offset) & 0xffff;
  }

  public int i32(int offset) {
    return bytes.getInt(base + offset);
  }

  public long u32(int offset) {
    return bytes.getInt(base + offset) & 0xffffffffL;
  }

  public long i64(int offset) {
    return bytes.getLong(base + offset);
  }

  public double f64(int offset) {
    return bytes.getDouble(base + offset);
  }

  /** Bytes of the text: a bind's type name, a wait's type, hits' spans, else all there is. */
  public int textLength() {
    return firstTextLength;
  }

  /** Bytes of the text that follows the first: a bind's value, a wait's name. */
  public int secondTextLength() {
    return secondTextLength;
  }

  /** How many spans follow, in hits. */
  public int spanCount() {
    return firstTextLength / EventLayout.Span.SIZE;
  }

  /** First block of a span, from 0. */
  public long spanFirst(int span) {
    return u32(textOffset + span * EventLayout.Span.SIZE + EventLayout.Span.FIRST);
  }

  /** Blocks of a span, from 0. */
  public long spanBlocks(int span) {
    return spanCount(span) & ~Layout.SPAN_GUESS;
  }

  /** Is the block of a span, from 0, a guess, or not known at all? */
  public boolean spanIsGuess(int span) {
    return (spanCount(span) & Layout.SPAN_GUESS) != 0;
  }

  private long spanCount(int span) {
    return u32(textOffset + span * EventLayout.Span.SIZE + EventLayout.Span.COUNT);
  }

  public void copyText(byte[] target, int at) {
    bytes.get(base + textOffset, target, at, firstTextLength);
  }

  public void copySecondText(byte[] target, int at) {
    bytes.get(base + textOffset + firstTextLength, target, at, secondTextLength);
  }

  /**
   * Copies a field of fixed size to {@code target} at {@code at}; returns how many bytes come
   * before its first NUL.
   */
  public int copyFixed(int offset, int length, byte[] target, int at) {
    bytes.get(base + offset, target, at, length);
    int count = 0;
    while (count < length && target[at + count] != 0) {
      count++;
    }
    return count;
  }
}
