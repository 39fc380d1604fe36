package org.pgtrace.proc;

/** The numbers in {@code /proc/<pid>/stat}, as they are there, by their place in proc(5). */
final class StatFields {
  static final int PARENT = 4;
  static final int MINOR_FAULTS = 10;
  static final int MAJOR_FAULTS = 12;
  static final int USER_TICKS = 14;
  static final int SYSTEM_TICKS = 15;
  static final int THREADS = 20;
  static final int START_TICKS = 22;
  static final int PROCESSOR = 39;
  static final int BLOCK_IO_DELAY_TICKS = 42;

  /** The first field after the state, which is the third. */
  private static final int FIRST = 4;

  private final long[] numbers;
  private char state;

  /**
   * Room for the fields that are wanted.
   *
   * @param last the last of them; those behind it need not be there
   */
  StatFields(int last) {
    numbers = new long[last + 1];
  }

  Parser.Outcome parse(ProcText text) {
    // The second field, the name, may hold blanks and brackets. No later field has brackets.
    text.afterLast(')');
    state = text.letter();
    for (int field = FIRST; field < numbers.length; field++) {
      numbers[field] = text.number();
    }
    return Parser.outcome(text);
  }

  char state() {
    return state;
  }

  /** Zombie or dead: nothing is left but an entry that nobody has collected. */
  boolean hasEnded() {
    return state == 'Z' || state == 'X' || state == 'x';
  }

  long number(int field) {
    return numbers[field];
  }
}
