package org.pgtrace.daemon;

import org.pgtrace.ring.SlotReader;

/** Turns a session's monotonic times into microseconds of the Unix epoch. */
final class SessionClock {
  private static final long NS_PER_US = 1000;

  /** The year 2200: what a damaged time is cut to. */
  private static final long TIM_MAX = 7_258_118_400_000_000L;

  private final long wallMinusMonoNs;

  SessionClock(SlotReader slot) {
    this.wallMinusMonoNs = slot.anchorWallNs() - slot.anchorMonoNs();
  }

  long tim(long monotonicNs) {
    long tim = Math.floorDiv(monotonicNs + wallMinusMonoNs, NS_PER_US);
    return Math.max(0, Math.min(tim, TIM_MAX));
  }
}
