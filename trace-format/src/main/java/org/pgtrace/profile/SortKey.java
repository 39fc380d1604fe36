package org.pgtrace.profile;

import java.util.Comparator;
import java.util.Locale;

/** By what statements are put in order, the greatest first; without recursive statements. */
public enum SortKey {
  /** Time of its calls. */
  ELAPSED,
  /** CPU time of its calls. */
  CPU,
  /** Calls of all kinds. */
  CALLS,
  /** Rows returned or processed. */
  ROWS,
  /** Blocks read. */
  DISK,
  /** Blocks looked up. */
  QUERY,
  /** Time of its waits in its calls. */
  WAITS,
  /** Plans made. */
  MISSES,
  /** Its slowest execution, with recursive statements. */
  MAX;

  /** The name in lower case, as it is given and shown. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  Comparator<StatementProfile> order() {
    return Comparator.comparingLong(this::figure)
        .thenComparingLong(statement -> statement.self.elapsedUs)
        .reversed()
        .thenComparingInt(statement -> statement.number);
  }

  private long figure(StatementProfile statement) {
    return switch (this) {
      case ELAPSED -> statement.self.elapsedUs;
      case CPU -> statement.self.cpuUs;
      case CALLS -> statement.self.count;
      case ROWS -> statement.self.rows;
      case DISK -> statement.self.disk;
      case QUERY -> statement.self.query;
      case WAITS -> statement.waits.waitUs();
      case MISSES -> statement.self.misses;
      case MAX -> statement.latency.maxUs();
    };
  }
}
