package org.pgtrace.proc;

/**
 * How often a control group's CPU quota held it up: {@code cpu.stat} of both versions (the kernel's
 * Documentation/scheduler/sched-bwc.rst).
 */
public final class CgroupThrottling {
  private static final byte[] PERIODS = ProcText.key("nr_periods ");
  private static final byte[] THROTTLED = ProcText.key("nr_throttled ");
  private static final byte[] THROTTLED_US = ProcText.key("throttled_usec ");
  private static final byte[] THROTTLED_NS = ProcText.key("throttled_time ");
  private static final long NS_PER_US = 1000;

  private long periods;
  private long throttledPeriods;
  private long throttledUs;

  /** The file of version 2 is there for each group, these lines where the controller is on. */
  Parser.Outcome parseUnified(ProcText text) {
    if (!text.seekLine(PERIODS)) {
      return text.isUnderstood() ? Parser.Outcome.NOT_KEPT : Parser.Outcome.SENSELESS;
    }
    periods = text.number();
    throttledPeriods = text.numberOf(THROTTLED);
    throttledUs = text.numberOf(THROTTLED_US);
    return Parser.outcome(text);
  }

  Parser.Outcome parseV1(ProcText text) {
    periods = text.numberOf(PERIODS);
    throttledPeriods = text.numberOf(THROTTLED);
    throttledUs = text.numberOf(THROTTLED_NS) / NS_PER_US;
    return Parser.outcome(text);
  }

  /** Periods of the quota in which the group ran; 0 where there is no quota. */
  public long periods() {
    return periods;
  }

  /** Of them, those in which it had used up its quota and had to wait. */
  public long throttledPeriods() {
    return throttledPeriods;
  }

  /** Time that it had to wait, us, the CPUs' times added up. */
  public long throttledUs() {
    return throttledUs;
  }
}
