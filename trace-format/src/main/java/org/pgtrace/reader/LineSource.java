package org.pgtrace.reader;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * The lines of a stream, in a buffer that is as long as the longest record has been so far. A
 * record of several lines is kept whole from {@link #mark()} to {@link #unmark()}. Indices are good
 * until the next line is asked for; those of a marked record are relative to its beginning.
 */
final class LineSource {
  private static final int CAPACITY_MIN = 1 << 16;

  /** Bytes that are left of a line over the limit. */
  private static final int BEGINNING = 1 << 10;

  private final InputStream in;
  private final int readSize;
  private final int recordMax;
  private byte[] buffer;
  private int limit;
  private int next;
  private int marked = -1;
  private long bufferOffset;
  private boolean isExhausted;

  private int start;
  private int end;
  private long number;
  private boolean isTerminated;
  private boolean isTooLong;
  private long skippedOffset;

  /**
   * @param readSize bytes asked for at once
   * @param recordMax bytes of the longest line, and of the longest record
   */
  LineSource(InputStream in, int readSize, int recordMax) {
    this.in = in;
    this.readSize = readSize;
    this.recordMax = recordMax;
    buffer = new byte[Math.min(CAPACITY_MIN, Math.max(recordMax, 16))];
  }

  /** Goes to the next line; false: there is none. */
  boolean next() throws IOException {
    start = next;
    int from = start;
    while (true) {
      int found = indexOfLineEnd(from);
      if (found >= 0) {
        lineTo(found, true);
        return true;
      }
      from = limit;
      if (isExhausted) {
        if (start == limit) {
          return false;
        }
        lineTo(limit, false);
        return true;
      }
      if (limit - start > recordMax) {
        skipLine();
        return true;
      }
      int before = start;
      fill();
      from -= before - start;
    }
  }

  private int indexOfLineEnd(int from) {
    byte[] b = buffer;
    int to = limit;
    for (int i = from; i < to; i++) {
      if (b[i] == '\n') {
        return i;
      }
    }
    return -1;
  }

  private void lineTo(int lineEnd, boolean terminated) {
    isTerminated = terminated;
    next = terminated ? lineEnd + 1 : lineEnd;
    number++;
    isTooLong = lineEnd - start > recordMax;
    if (isTooLong) {
      skippedOffset = bufferOffset + start;
      marked = -1;
      end = start + Math.min(BEGINNING, recordMax);
      return;
    }
    // Of Windows.
    end = terminated && lineEnd > start && buffer[lineEnd - 1] == '\r' ? lineEnd - 1 : lineEnd;
  }

  /** Of a line over the limit its beginning alone is there. */
  private void skipLine() throws IOException {
    byte[] beginning = Arrays.copyOfRange(buffer, start, start + Math.min(BEGINNING, recordMax));
    skippedOffset = bufferOffset + start;
    int found = -1;
    next = limit;
    marked = -1;
    while (found < 0 && !isExhausted) {
      start = limit;
      next = limit;
      fill();
      found = indexOfLineEnd(start);
    }
    next = found < 0 ? limit : found + 1;
    // What follows moves behind the beginning that is shown.
    int rest = limit - next;
    byte[] moved = new byte[Math.max(buffer.length, beginning.length + rest)];
    System.arraycopy(beginning, 0, moved, 0, beginning.length);
    System.arraycopy(buffer, next, moved, beginning.length, rest);
    bufferOffset += next - beginning.length;
    buffer = moved;
    start = 0;
    end = beginning.length;
    next = beginning.length;
    limit = beginning.length + rest;
    isTerminated = found >= 0;
    isTooLong = true;
    number++;
  }

  /** Reads the current line once more with the next call of {@link #next()}. */
  void back() {
    next = start;
    number--;
  }

  /** The rest of the current line, from an index, is a line of its own. */
  void splitAt(int index) {
    next = index;
    number--;
  }

  /** Keeps what follows from the current line's beginning on. */
  void mark() {
    marked = start;
  }

  /** Keeps what follows from the current line's end on. */
  void markNext() {
    marked = next;
  }

  /** Index of the first byte that is kept. */
  int marked() {
    return marked;
  }

  /** Bytes from the mark to the beginning of the current line. */
  int keptBytes() {
    return start - marked;
  }

  /** Keeps nothing any more. */
  void unmark() {
    marked = -1;
  }

  /** Whether so many bytes follow the current line, which are then in the buffer. */
  boolean hasAfter(long count) throws IOException {
    if (count > recordMax) {
      return false;
    }
    while (limit - next < count && !isExhausted) {
      fill();
    }
    return limit - next >= count;
  }

  /** Whether these bytes follow, so many bytes after the current line. */
  boolean isAfter(int distance, byte[] bytes) {
    int from = next + distance;
    return from + bytes.length <= limit
        && Arrays.equals(buffer, from, from + bytes.length, bytes, 0, bytes.length);
  }

  /** Whether nothing follows, so many bytes after the current line. */
  boolean endsAfter(int distance) {
    return isExhausted && next + distance == limit;
  }

  /** Goes on so many bytes after the current line, which have to be in the buffer. */
  void skip(int count) {
    for (int i = next; i < next + count; i++) {
      if (buffer[i] == '\n') {
        number++;
      }
    }
    next += count;
  }

  /** Makes room, moves what is needed to the front, and reads. */
  private void fill() throws IOException {
    int needed = marked >= 0 ? Math.min(marked, start) : start;
    if (buffer.length - limit < readSize) {
      int used = limit - needed;
      byte[] target =
          used + readSize > buffer.length - buffer.length / 4
              ? new byte[Math.max(2 * buffer.length, used + readSize)]
              : buffer;
      System.arraycopy(buffer, needed, target, 0, used);
      buffer = target;
      bufferOffset += needed;
      start -= needed;
      end -= needed;
      next -= needed;
      limit -= needed;
      marked -= marked >= 0 ? needed : 0;
    }
    int read = in.read(buffer, limit, readSize);
    if (read < 0) {
      isExhausted = true;
    } else {
      limit += read;
    }
  }

  byte[] array() {
    return buffer;
  }

  /** Index of the current line's first byte. */
  int start() {
    return start;
  }

  /** Index after the current line's last byte, without its end. */
  int end() {
    return end;
  }

  /** Index after the current line's end. */
  int nextStart() {
    return next;
  }

  /** Number of the current line, from 1. */
  long number() {
    return number;
  }

  /** Bytes before the current line. */
  long offset() {
    return isTooLong ? skippedOffset : bufferOffset + start;
  }

  /** Bytes before an index of the current line. */
  long offsetOf(int index) {
    return offset() + (index - start);
  }

  /** Whether the current line has an end. */
  boolean isTerminated() {
    return isTerminated;
  }

  /** Whether the current line is over the limit. */
  boolean isTooLong() {
    return isTooLong;
  }

  /** Whether the record that is kept is over the limit. */
  boolean isOverLimit() {
    return marked >= 0 && next - marked > recordMax;
  }
}
