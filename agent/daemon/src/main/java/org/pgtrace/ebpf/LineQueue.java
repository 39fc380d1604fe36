package org.pgtrace.ebpf;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** Lines from the thread that reads them to the one that polls: one writer, one reader, no lock. */
final class LineQueue {
  private final int mask;
  private final long[] numbers;
  private final AtomicReferenceArray<@Nullable String> texts;

  /** Lines ever written, and ever taken. */
  private final AtomicLong written = new AtomicLong();

  private final AtomicLong taken = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();

  /**
   * @param capacity lines, a power of two
   */
  LineQueue(int capacity) {
    if (Integer.bitCount(capacity) != 1) {
      throw new IllegalArgumentException("not a power of two: " + capacity);
    }
    mask = capacity - 1;
    numbers = new long[capacity * ProbeLines.WIDTH];
    texts = new AtomicReferenceArray<>(capacity);
  }

  /** Puts a copy of the line, or counts it where there is no room. */
  boolean offer(long[] line, String text) {
    if (tryPut(line, text)) {
      return true;
    }
    refused.incrementAndGet();
    return false;
  }

  boolean tryPut(long[] line, String text) {
    long at = written.get();
    if (at - taken.get() > mask) {
      return false;
    }
    int slot = (int) at & mask;
    System.arraycopy(line, 0, numbers, slot * ProbeLines.WIDTH, ProbeLines.WIDTH);
    if (!text.isEmpty()) {
      texts.set(slot, text);
    }
    written.set(at + 1);
    return true;
  }

  /**
   * Takes the oldest line.
   *
   * @param line gets its numbers
   * @return its text, or null where there is no line
   */
  @Nullable String poll(long[] line) {
    long at = taken.get();
    if (at == written.get()) {
      return null;
    }
    int slot = (int) at & mask;
    System.arraycopy(numbers, slot * ProbeLines.WIDTH, line, 0, ProbeLines.WIDTH);
    String text = texts.get(slot);
    if (text != null) {
      texts.set(slot, null);
    }
    taken.set(at + 1);
    return text == null ? "" : text;
  }

  /** How many lines found no room. */
  long refused() {
    return refused.get();
  }
}
