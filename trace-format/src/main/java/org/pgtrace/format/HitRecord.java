package org.pgtrace.format;

import java.util.Arrays;

/**
 * The values of one HIT line: blocks of a relation that were found in buffers, in order; mutable
 * and used again. Numbers of 32 bits are unsigned.
 */
public final class HitRecord {
  /** A block that is not known. */
  public static final long UNKNOWN = -1;

  private static final int SPANS_MIN = 512;

  /** Cursor number; 0 outside of any statement. */
  public long cursor;

  /** OID of the relation, -1 where that is not known. */
  public long objectId = -1;

  /** Name of the relation; nothing where it is not known. */
  public final ByteSpan relation = new ByteSpan();

  /** Number of the relation's file. */
  public long relationFile;

  /** The server's ForkNumber. */
  public long fork;

  /** Number of the plan node that executed, 0 for none. */
  public int node;

  /** Moment of the last hit, in microseconds of the Unix epoch. */
  public long tim;

  private long[] first = new long[SPANS_MIN];
  private long[] last = new long[SPANS_MIN];
  private boolean[] guessed = new boolean[SPANS_MIN];
  private int spans;

  /** Forgets the blocks and keeps the memory. */
  public void clearSpans() {
    spans = 0;
  }

  /**
   * Adds blocks that follow each other.
   *
   * @param block the first one
   * @param count how many; nothing is added where there are none
   */
  public void addSpan(long block, long count) {
    if (count <= 0) {
      return;
    }
    if (spans == first.length) {
      first = Arrays.copyOf(first, spans * 2);
      last = Arrays.copyOf(last, spans * 2);
      guessed = Arrays.copyOf(guessed, spans * 2);
    }
    first[spans] = block;
    last[spans] = block + count - 1;
    guessed[spans] = false;
    spans++;
  }

  /**
   * Adds a hit whose block the server did not look for again.
   *
   * @param block the one that it was in all likelihood, or {@link #UNKNOWN}
   */
  public void addGuess(long block) {
    addSpan(block, 1);
    guessed[spans - 1] = true;
  }

  /** How many blocks were found, each as often as it was. */
  public long blocks() {
    long blocks = 0;
    for (int i = 0; i < spans; i++) {
      blocks += last[i] - first[i] + 1;
    }
    return blocks;
  }

  int spans() {
    return spans;
  }

  long first(int span) {
    return first[span];
  }

  long last(int span) {
    return last[span];
  }

  boolean guessed(int span) {
    return guessed[span];
  }
}
