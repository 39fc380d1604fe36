package org.pgtrace.ring;

import java.util.Locale;

/** Which blocks have a record each (PGT_BLOCKS_*). */
public enum Blocks {
  /** None. */
  OFF(Layout.BLOCKS_OFF),
  /** Those read and written. */
  PHYSICAL(Layout.BLOCKS_PHYSICAL),
  /** Those found in a buffer, too. */
  ALL(Layout.BLOCKS_ALL);

  private final int number;

  Blocks(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }

  /** What a number stands for, which anybody may have written. */
  static String nameOf(int number) {
    for (Blocks value : values()) {
      if (value.number == number) {
        return value.toString();
      }
    }
    return "?" + number;
  }

  /** As the setting pg_trace.blocks has it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
