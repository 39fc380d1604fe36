package org.pgtrace.it;

import java.util.function.Consumer;

/**
 * Measurements of time. What else the machine does can spoil any one of them, and may last: each
 * try waits a little longer before it. Once undisturbed is enough.
 */
final class Undisturbed {
  private static final int TRIES = 30;
  private static final int PAUSE_STEP_MS = 100;

  private Undisturbed() {}

  /** Something whose times are of interest. */
  interface Measurement<T> {
    /**
     * Takes it once.
     *
     * @param run a number that tells the tries apart, from 0
     */
    T take(int run) throws Exception;
  }

  /**
   * Takes a measurement until what is said of its times holds.
   *
   * @param measurement fails for what no disturbance explains
   * @param times says what the times are to be
   * @return the measurement that was not disturbed
   */
  static <T> T once(Measurement<T> measurement, Consumer<T> times) throws Exception {
    for (int run = 0; run < TRIES - 1; run++) {
      T taken = measurement.take(run);
      try {
        times.accept(taken);
        return taken;
      } catch (AssertionError disturbed) {
        System.out.printf("try %d: %s%n", run, disturbed.getMessage());
      }
      Wait.sleep((long) run * PAUSE_STEP_MS);
    }
    T last = measurement.take(TRIES - 1);
    times.accept(last);
    return last;
  }
}
