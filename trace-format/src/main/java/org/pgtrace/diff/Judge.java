package org.pgtrace.diff;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.pgtrace.diff.Finding.Outcome;

/** Says what of a statement is not as it was, and what that means. */
final class Judge {
  /** Microseconds: a change of time that is less is none. */
  static final long MIN_US = 1000;

  private final long minBlocks;
  private final boolean hasWaits;

  /**
   * @param minBlocks a change of blocks that is less is none
   * @param hasWaits whether both traces tell of waits
   */
  Judge(long minBlocks, boolean hasWaits) {
    this.minBlocks = minBlocks;
    this.hasWaits = hasWaits;
  }

  List<Finding> judge(StatementStats base, StatementStats next, Checks checks) {
    List<Finding> findings = new ArrayList<>();
    if (!base.isThere() || !next.isThere()) {
      String text = base.isThere() ? "gone" : "new";
      findings.add(new Finding(Check.STATEMENTS, outcome(checks, Check.STATEMENTS), text));
    } else {
      plan(base, next, checks, findings);
      for (Check check : Check.values()) {
        if (check.unit() == Check.Unit.COUNT) {
          exact(check, base, next, checks, findings);
        } else if (check.hasTolerance() && isComparable(check, base, next)) {
          tolerant(check, base, next, checks, findings);
        }
      }
    }
    if (next.isThere()) {
      limits(next, checks, findings);
    }
    return findings;
  }

  private static Outcome outcome(Checks checks, Check check) {
    return checks.has(check) ? Outcome.FAILED : Outcome.NOTED;
  }

  private static void plan(
      StatementStats base, StatementStats next, Checks checks, List<Finding> findings) {
    if (base.plans.isEmpty() || next.plans.isEmpty()) {
      return;
    }
    boolean isOther = !base.plans.keySet().equals(next.plans.keySet());
    boolean isOtherUse = base.executions == next.executions && !uses(base).equals(uses(next));
    if (isOther || isOtherUse) {
      String text = "plan " + list(base) + " -> " + list(next);
      findings.add(new Finding(Check.PLAN, outcome(checks, Check.PLAN), text));
    }
  }

  private static Map<Long, Long> uses(StatementStats statement) {
    return statement.plans.values().stream()
        .collect(Collectors.toMap(p -> p.hash, p -> p.executions));
  }

  /** Its plans, with how often each was executed where there are several. */
  private static String list(StatementStats statement) {
    boolean isOne = statement.plans.size() == 1;
    return statement.plans.values().stream()
        .map(p -> isOne ? "" + p.hash : p.hash + " (" + Numbers.count(p.executions) + "x)")
        .collect(Collectors.joining(", "));
  }

  private void exact(
      Check check,
      StatementStats base,
      StatementStats next,
      Checks checks,
      List<Finding> findings) {
    boolean isSame =
        check == Check.ERRORS
            ? base.errors.equals(next.errors)
            : base.figure(check, hasWaits) == next.figure(check, hasWaits);
    if (!isSame) {
      String text = change(check, base, next);
      if (check == Check.ERRORS) {
        text += " (" + errorNames(base, next) + ")";
      }
      findings.add(new Finding(check, outcome(checks, check), text));
    }
  }

  private static String errorNames(StatementStats base, StatementStats next) {
    Set<String> names = new TreeSet<>(base.errors.keySet());
    names.addAll(next.errors.keySet());
    return String.join(", ", names);
  }

  /** What a utility statement reads are catalogs, and that depends on what is in caches. */
  private static boolean isComparable(Check check, StatementStats base, StatementStats next) {
    boolean isRead = check == Check.READS || check == Check.PHYSICAL;
    return !isRead || !base.plans.isEmpty() || !next.plans.isEmpty();
  }

  private void tolerant(
      Check check,
      StatementStats base,
      StatementStats next,
      Checks checks,
      List<Finding> findings) {
    boolean isNoise = !checks.has(check) && !check.isDefault();
    long was = base.figure(check, hasWaits);
    long is = next.figure(check, hasWaits);
    double percent = checks.tolerance(check);
    if (isNoise || !isBeyond(check, was, is, percent)) {
      return;
    }
    boolean isJudged = checks.has(check);
    Outcome outcome = !isJudged ? Outcome.NOTED : is > was ? Outcome.FAILED : Outcome.IMPROVED;
    String allowed = isJudged ? "allowed +" + Numbers.plain(percent) + " %" : "";
    findings.add(new Finding(check, outcome, change(check, base, next, allowed)));
  }

  private boolean isBeyond(Check check, long was, long is, double percent) {
    long min = check.unit() == Check.Unit.BLOCKS ? minBlocks : MIN_US;
    long change = Math.abs(is - was);
    return change >= min && change * 100.0 > was * percent;
  }

  private String change(Check check, StatementStats base, StatementStats next) {
    return change(check, base, next, "");
  }

  private String change(Check check, StatementStats base, StatementStats next, String allowed) {
    long was = base.figure(check, hasWaits);
    long is = next.figure(check, hasWaits);
    String percent = Numbers.change(was, is);
    String more =
        percent.isEmpty() || allowed.isEmpty() ? percent + allowed : percent + ", " + allowed;
    return check.label()
        + " "
        + Numbers.figure(check.unit(), was)
        + " -> "
        + Numbers.figure(check.unit(), is)
        + (more.isEmpty() ? "" : " (" + more + ")");
  }

  private void limits(StatementStats next, Checks checks, List<Finding> findings) {
    for (Check check : Check.values()) {
      OptionalDouble limit = checks.limit(check);
      long is = next.figure(check, hasWaits);
      if (limit.isPresent() && is > limit.getAsDouble()) {
        String text =
            check.label()
                + " "
                + Numbers.figure(check.unit(), is)
                + ", the budget is "
                + Numbers.figure(check.unit(), (long) limit.getAsDouble());
        findings.add(new Finding(check, Outcome.FAILED, text));
      }
    }
  }
}
