package org.pgtrace.ring;

/** The clock of the segment: CLOCK_MONOTONIC, which is what System.nanoTime counts on Linux. */
public final class MonotonicClock {
  private MonotonicClock() {}

  /** Now, ns. */
  public static long nowNs() {
    return System.nanoTime();
  }
}
