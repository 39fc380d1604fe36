package org.pgtrace.diff;

import java.util.List;

/**
 * A statement of both traces, or of one of them.
 *
 * @param key what makes it the same in both
 * @param base what the base says of it
 * @param next what the new trace says of it
 * @param findings what is not as it was
 * @param rank how much it matters: relative change, weighed with the statement's part of the trace
 */
record StatementDiff(
    StatementKey key,
    StatementStats base,
    StatementStats next,
    List<Finding> findings,
    double rank) {
  boolean isNew() {
    return !base.isThere();
  }

  boolean isGone() {
    return !next.isThere();
  }

  boolean isChanged() {
    return !findings.isEmpty();
  }

  long count(Finding.Outcome outcome) {
    return findings.stream().filter(f -> f.outcome() == outcome).count();
  }

  boolean has(Finding.Outcome outcome) {
    return count(outcome) > 0;
  }

  boolean hasPlanChange() {
    return findings.stream().anyMatch(f -> f.check() == Check.PLAN);
  }

  /** Such as {@code #3} or {@code #3 -> #4}. */
  String place() {
    if (isGone() || base.position == next.position) {
      return "#" + base.position;
    }
    return isNew() ? "#" + next.position : "#" + base.position + " -> #" + next.position;
  }
}
