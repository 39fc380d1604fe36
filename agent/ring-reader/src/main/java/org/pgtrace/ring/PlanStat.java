package org.pgtrace.ring;

import java.util.Locale;

/** Which executions have their plan written (PGT_PLAN_STAT_*). */
public enum PlanStat {
  /** None. */
  NEVER(Layout.PLAN_STAT_NEVER),
  /** The first one of each statement. */
  FIRST_EXECUTION(Layout.PLAN_STAT_FIRST),
  /** Each. */
  ALL_EXECUTIONS(Layout.PLAN_STAT_ALL);

  private final int number;

  PlanStat(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }

  /** What a number stands for, which anybody may have written. */
  static String nameOf(int number) {
    for (PlanStat value : values()) {
      if (value.number == number) {
        return value.toString();
      }
    }
    return "?" + number;
  }

  /** As the setting pg_trace.plan_stat has it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
