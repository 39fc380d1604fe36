package org.pgtrace.diff;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * What one trace says of a statement, all its executions together: EXEC and FETCH calls without
 * recursive calls. Mutable while the trace is read.
 */
final class StatementStats {
  final StatementKey key;

  /** Place among the trace's statements by first use, from 1. */
  final int position;

  long executions;
  long rows;

  /** Blocks hit or read. */
  long reads;

  /** Blocks read, temporary ones too. */
  long physical;

  /** Blocks dirtied. */
  long dirtied;

  /** Microseconds. */
  long elapsed;

  /** Microseconds. */
  long cpu;

  /** Temporary blocks read and written, by the waits of it. */
  long tempOfWaits;

  /** The same by the server's count, recursive calls included. */
  long tempOfPlans;

  /** By SQLSTATE. */
  final Map<String, Long> errors = new TreeMap<>();

  /** By hash, in the order of first use. */
  final Map<Long, PlanUse> plans = new LinkedHashMap<>();

  /** By relation. */
  final Map<String, ObjectReads> objects = new TreeMap<>();

  /** By name, microseconds. */
  final Map<String, Tallied> waits = new TreeMap<>();

  StatementStats(StatementKey key, int position) {
    this.key = key;
    this.position = position;
  }

  /** Of a statement that a trace does not have. */
  static StatementStats none(StatementKey key) {
    return new StatementStats(key, 0);
  }

  boolean isThere() {
    return position > 0;
  }

  PlanUse plan(long hash) {
    return plans.computeIfAbsent(hash, PlanUse::new);
  }

  long errorCount() {
    return errors.values().stream().mapToLong(Long::longValue).sum();
  }

  long waitUs() {
    return waits.values().stream().mapToLong(w -> w.sum).sum();
  }

  /**
   * The figure that a check is about; of those without one 0.
   *
   * @param hasWaits whether both traces tell of waits
   */
  long figure(Check check, boolean hasWaits) {
    return switch (check) {
      case STATEMENTS, PLAN -> 0;
      case ROWS -> rows;
      case EXECUTIONS -> executions;
      case ERRORS -> errorCount();
      case READS -> reads;
      case PHYSICAL -> physical;
      case TEMP -> hasWaits ? tempOfWaits : tempOfPlans;
      case WAITS -> waitUs();
      case ELAPSED -> elapsed;
      case CPU -> cpu;
    };
  }
}
