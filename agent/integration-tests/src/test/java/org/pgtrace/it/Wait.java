package org.pgtrace.it;

import java.sql.Connection;
import java.time.Duration;
import java.util.concurrent.Callable;

/** Waiting for what another process does. */
final class Wait {
  private static final long POLL_MS = 10;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private Wait() {}

  static void until(String what, Callable<Boolean> condition) {
    until(what, LIMIT, condition);
  }

  static void until(String what, Duration limit, Callable<Boolean> condition) {
    long end = System.nanoTime() + limit.toNanos();
    while (!holds(what, condition)) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError("after " + limit.toMillis() + " ms still not: " + what);
      }
      sleep(POLL_MS);
    }
  }

  private static boolean holds(String what, Callable<Boolean> condition) {
    try {
      return condition.call();
    } catch (Exception e) {
      throw new AssertionError(what, e);
    }
  }

  /**
   * Until a session waits.
   *
   * @param asking another one
   * @param event a wait event of pg_stat_activity, or a type of them
   */
  static void untilSessionWaits(Connection asking, int pid, String event) {
    String sql =
        "SELECT count(*) FROM pg_stat_activity WHERE pid = %d AND '%s' IN (wait_event, wait_event_type)"
            .formatted(pid, event);
    until(pid + " waits for " + event, () -> Sql.value(asking, sql).equals("1"));
  }

  static void sleep(long ms) {
    try {
      Thread.sleep(ms);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
