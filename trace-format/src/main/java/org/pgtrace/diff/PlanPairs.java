package org.pgtrace.diff;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Which plans of a statement to show side by side. */
final class PlanPairs {
  private PlanPairs() {}

  /** A plan of the base and one of the new trace. */
  record Pair(PlanUse base, PlanUse next) {}

  /** Each plan that only one of the traces has, beside one of the other. */
  static List<Pair> of(StatementDiff statement) {
    List<PlanUse> gone = only(statement.base(), statement.next());
    List<PlanUse> added = only(statement.next(), statement.base());
    List<Pair> pairs = new ArrayList<>();
    for (int i = 0; i < Math.max(gone.size(), added.size()); i++) {
      PlanUse base = i < gone.size() ? gone.get(i) : main(statement.base());
      PlanUse next = i < added.size() ? added.get(i) : main(statement.next());
      pairs.add(new Pair(base, next));
    }
    return pairs;
  }

  private static List<PlanUse> only(StatementStats of, StatementStats notOf) {
    return of.plans.values().stream().filter(p -> !notOf.plans.containsKey(p.hash)).toList();
  }

  private static PlanUse main(StatementStats statement) {
    return statement.plans.values().stream()
        .max(Comparator.comparingLong(p -> p.executions))
        .orElseThrow();
  }
}
