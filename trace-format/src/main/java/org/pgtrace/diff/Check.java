package org.pgtrace.diff;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** What can be compared of a statement, by the name that {@code --fail-on} and budgets know. */
enum Check {
  STATEMENTS("statements", Unit.NONE, true),
  PLAN("plan", Unit.NONE, true),
  ROWS("rows", Unit.COUNT, true),
  EXECUTIONS("executions", Unit.COUNT, true),
  ERRORS("errors", Unit.COUNT, true),
  READS("reads", Unit.BLOCKS, true),
  PHYSICAL("physical", Unit.BLOCKS, false),
  TEMP("temp", Unit.BLOCKS, true),
  WAITS("waits", Unit.MICROSECONDS, false),
  ELAPSED("elapsed", Unit.MICROSECONDS, false),
  CPU("cpu", Unit.MICROSECONDS, false);

  /** What a figure counts. */
  enum Unit {
    /** There is no figure. */
    NONE,
    /** Compared exactly. */
    COUNT,
    BLOCKS,
    MICROSECONDS
  }

  private final String label;
  private final Unit unit;
  private final boolean isDefault;

  Check(String label, Unit unit, boolean isDefault) {
    this.label = label;
    this.unit = unit;
    this.isDefault = isDefault;
  }

  String label() {
    return label;
  }

  Unit unit() {
    return unit;
  }

  /** Whether it is judged unless somebody says otherwise. */
  boolean isDefault() {
    return isDefault;
  }

  /** Whether a change within a part of the base's figure is none. */
  boolean hasTolerance() {
    return unit == Unit.BLOCKS || unit == Unit.MICROSECONDS;
  }

  static Optional<Check> named(String name) {
    return Arrays.stream(values()).filter(c -> c.label.equals(name)).findFirst();
  }

  /** All names, for messages. */
  static String names() {
    return Arrays.stream(values())
        .map(c -> c.hasTolerance() ? c.label + "[+N%]" : c.label)
        .collect(Collectors.joining(", "));
  }
}
