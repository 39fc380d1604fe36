package org.pgtrace.ring;

/**
 * What somebody asks of a session, as PGT_CONTROL packs it in one word. Of the words that a session
 * is meant by, the one with the greatest counter counts.
 *
 * @param action PGT_CONTROL_ON or PGT_CONTROL_OFF; 0: nothing, its own settings are in force
 * @param level pg_trace.level
 * @param blocks PGT_BLOCKS_*
 * @param planStat PGT_PLAN_STAT_*
 * @param counter later requests have greater ones
 */
public record ControlWord(int action, int level, int blocks, int planStat, int counter) {
  /** Nothing was ever asked. */
  public static final ControlWord NONE = new ControlWord(0, 0, 0, 0, 0);

  private static final int BYTE = 0xff;
  private static final int LEVEL_SHIFT = 8;
  private static final int BLOCKS_SHIFT = 16;
  private static final int PLAN_STAT_SHIFT = 24;
  private static final int COUNTER_SHIFT = 32;

  static ControlWord of(long word) {
    return new ControlWord(
        (int) word & BYTE,
        (int) (word >>> LEVEL_SHIFT) & BYTE,
        (int) (word >>> BLOCKS_SHIFT) & BYTE,
        (int) (word >>> PLAN_STAT_SHIFT) & BYTE,
        (int) (word >>> COUNTER_SHIFT));
  }

  /** A request to trace; {@link Requests#ask} gives it its counter. */
  public static ControlWord on(int level, Blocks blocks, PlanStat planStat) {
    return new ControlWord(Layout.CONTROL_ON, level, blocks.number(), planStat.number(), 0);
  }

  /** A request to end the trace. */
  public static ControlWord off() {
    return new ControlWord(Layout.CONTROL_OFF, 0, 0, 0, 0);
  }

  /** The session's own settings, before all other words up to that counter. */
  public static ControlWord ownSettings(int counter) {
    return new ControlWord(0, 0, 0, 0, counter);
  }

  long word() {
    return action
        | (long) level << LEVEL_SHIFT
        | (long) blocks << BLOCKS_SHIFT
        | (long) planStat << PLAN_STAT_SHIFT
        | (long) counter << COUNTER_SHIFT;
  }

  ControlWord withCounter(int value) {
    return new ControlWord(action, level, blocks, planStat, value);
  }

  public boolean isOn() {
    return action == Layout.CONTROL_ON;
  }

  public boolean isOff() {
    return action == Layout.CONTROL_OFF;
  }

  /** Whether this one counts where the other one is meant, too. */
  public boolean isLaterThan(ControlWord other) {
    return Integer.compareUnsigned(counter, other.counter) > 0;
  }

  /** Such as {@code 12 physical all_executions}, {@code off}, or nothing. */
  public String describe() {
    return switch (action) {
      case Layout.CONTROL_ON ->
          level + " " + Blocks.nameOf(blocks) + " " + PlanStat.nameOf(planStat);
      case Layout.CONTROL_OFF -> "off";
      default -> "";
    };
  }
}
