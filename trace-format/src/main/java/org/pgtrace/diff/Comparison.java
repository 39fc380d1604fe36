package org.pgtrace.diff;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.pgtrace.diff.Finding.Outcome;

/** Two traces of the same work, statement by statement. */
public final class Comparison {
  /** Blocks: a change that is less is none. */
  public static final long DEFAULT_MIN_BLOCKS = 16;

  private static final Check[] WEIGHED = {
    Check.READS, Check.TEMP, Check.ROWS, Check.EXECUTIONS, Check.PHYSICAL
  };

  /** The figures of a statement that is only in one trace change by so much. */
  private static final double RELATIVE_MAX = 1e6;

  private final Workload base;
  private final Workload next;
  private final Checks checks;
  private final boolean isIncompleteAllowed;
  private final List<StatementDiff> statements = new ArrayList<>();
  private final List<String> warnings;

  /** What it comes to. */
  public enum Verdict {
    /** Nothing that is judged is worse. */
    SAME,
    /** Something is. */
    REGRESSION,
    /** A trace has lost events, is damaged or has no end, so that nothing can be said. */
    INCOMPLETE
  }

  /**
   * How to judge.
   *
   * @param checks for all statements
   * @param budgets further rules, for some
   * @param minBlocks a change of blocks that is less is none
   * @param isIncompleteAllowed whether to judge traces of which a part is missing
   */
  public record Options(
      Checks checks, Budgets budgets, long minBlocks, boolean isIncompleteAllowed) {}

  /** Compares. */
  public Comparison(Workload base, Workload next, Options options) {
    this.base = base;
    this.next = next;
    checks = options.checks().with(options.budgets().global());
    isIncompleteAllowed = options.isIncompleteAllowed();
    Set<StatementKey> keys = new LinkedHashSet<>(next.statements().keySet());
    keys.addAll(base.statements().keySet());
    Map<Check, Long> totals = totals();
    Judge judge = new Judge(options.minBlocks(), hasWaits());
    for (StatementKey key : keys) {
      StatementStats was = base.statements().getOrDefault(key, StatementStats.none(key));
      StatementStats is = next.statements().getOrDefault(key, StatementStats.none(key));
      Checks own = options.checks().with(options.budgets().rulesFor(key));
      statements.add(
          new StatementDiff(key, was, is, judge.judge(was, is, own), rank(was, is, totals)));
    }
    statements.sort(
        Comparator.comparing((StatementDiff s) -> !s.has(Outcome.FAILED))
            .thenComparing(s -> !s.isChanged())
            .thenComparing(s -> s.isChanged() ? -s.rank() : 0));
    warnings = options.budgets().unused(keys);
  }

  /** Of the trace that has more. */
  private Map<Check, Long> totals() {
    Map<Check, Long> totals = new EnumMap<>(Check.class);
    for (Check check : WEIGHED) {
      totals.put(
          check,
          Math.max(
              base.sum(s -> s.figure(check, hasWaits())),
              next.sum(s -> s.figure(check, hasWaits()))));
    }
    return totals;
  }

  private double rank(StatementStats was, StatementStats is, Map<Check, Long> totals) {
    double rank = 0;
    for (Check check : WEIGHED) {
      long before = was.figure(check, hasWaits());
      long after = is.figure(check, hasWaits());
      if (before != after) {
        double smaller = Math.max(1, Math.min(before, after));
        double relative = Math.min(RELATIVE_MAX, Math.abs(after - before) / smaller);
        long total = totals.getOrDefault(check, 1L);
        rank += relative * Math.max(before, after) / total;
      }
    }
    return rank;
  }

  /** Whether both traces tell of waits. */
  boolean hasWaits() {
    return base.hasWaits && next.hasWaits;
  }

  /** Whether both traces tell of hits. */
  boolean hasHits() {
    return base.hasHits && next.hasHits;
  }

  Workload base() {
    return base;
  }

  Workload next() {
    return next;
  }

  /** Those for all statements. */
  Checks checks() {
    return checks;
  }

  /** Of both traces, the worst first; those that are as they were come last, in their order. */
  List<StatementDiff> statements() {
    return statements;
  }

  /** What its reader should know of the options. */
  List<String> warnings() {
    return warnings;
  }

  /** What is missing in the traces, for people. */
  List<String> losses() {
    List<String> losses = new ArrayList<>(base.losses());
    losses.addAll(next.losses());
    return losses;
  }

  /** How many findings have an outcome. */
  long count(Outcome outcome) {
    return statements.stream().mapToLong(s -> s.count(outcome)).sum();
  }

  /** How many statements have a finding of an outcome. */
  long statements(Outcome outcome) {
    return statements.stream().filter(s -> s.has(outcome)).count();
  }

  /** What it comes to. */
  public Verdict verdict() {
    if (!isIncompleteAllowed && !losses().isEmpty()) {
      return Verdict.INCOMPLETE;
    }
    return count(Outcome.FAILED) > 0 ? Verdict.REGRESSION : Verdict.SAME;
  }

  /** What it comes to, in a line. */
  String headline() {
    return switch (verdict()) {
      case INCOMPLETE -> "incomplete: a part of the trace is missing, so nothing can be concluded";
      case REGRESSION ->
          "regression: "
              + plural(count(Outcome.FAILED), "check")
              + " failed in "
              + plural(statements(Outcome.FAILED), "statement");
      case SAME -> "same" + differences();
    };
  }

  private String differences() {
    List<String> parts = new ArrayList<>();
    if (statements(Outcome.IMPROVED) > 0) {
      parts.add(plural(statements(Outcome.IMPROVED), "statement") + " improved");
    }
    if (count(Outcome.NOTED) > 0) {
      parts.add(plural(count(Outcome.NOTED), "difference") + " not judged");
    }
    return parts.isEmpty() ? "" : " (" + String.join(", ", parts) + ")";
  }

  static String plural(long count, String noun) {
    return Numbers.count(count) + " " + noun + (count == 1 ? "" : "s");
  }
}
