package org.pgtrace.daemon;

import java.util.Arrays;

/**
 * The cursors whose texts are in one trace file, each at its number's place. One that is pushed out
 * by another is introduced once more, which does no harm.
 */
final class KnownCursors {
  /** A power of two, more than the cursors that a session uses at a time. */
  private static final int PLACES = 8192;

  private final int[] cursors = new int[PLACES];

  boolean contains(int cursor) {
    return cursors[cursor & (PLACES - 1)] == cursor;
  }

  void add(int cursor) {
    cursors[cursor & (PLACES - 1)] = cursor;
  }

  void remove(int cursor) {
    if (contains(cursor)) {
      cursors[cursor & (PLACES - 1)] = 0;
    }
  }

  void clear() {
    Arrays.fill(cursors, 0);
  }
}
