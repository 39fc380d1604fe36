package org.pgtrace.diff;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Waits by event in both traces: of all statements, or of one. */
record WaitsText(Map<String, Tallied> base, Map<String, Tallied> next) {
  private static final int EVENTS_MAX = 5;
  private static final Tallied NONE = new Tallied();

  static WaitsText of(StatementDiff statement) {
    return new WaitsText(statement.base().waits, statement.next().waits);
  }

  static WaitsText of(Comparison comparison) {
    return new WaitsText(sum(comparison.base()), sum(comparison.next()));
  }

  private static Map<String, Tallied> sum(Workload workload) {
    Map<String, Tallied> all = new TreeMap<>();
    for (StatementStats statement : workload.statements().values()) {
      statement.waits.forEach(
          (name, wait) -> all.computeIfAbsent(name, n -> new Tallied()).add(wait));
    }
    return all;
  }

  /**
   * An event in both.
   *
   * @param base how often and how long, {@code -} where there was none
   */
  record Event(String name, String base, String next, String change) {}

  /** The events that took most time, the longest first. */
  List<Event> longest() {
    Set<String> names = new TreeSet<>(base.keySet());
    names.addAll(next.keySet());
    return names.stream()
        .sorted(Comparator.comparingLong(name -> -Math.max(was(name).sum, is(name).sum)))
        .limit(EVENTS_MAX)
        .map(
            name ->
                new Event(
                    PlainText.oneLine(name),
                    text(was(name)),
                    text(is(name)),
                    Numbers.change(was(name).sum, is(name).sum)))
        .toList();
  }

  private Tallied was(String name) {
    return base.getOrDefault(name, NONE);
  }

  private Tallied is(String name) {
    return next.getOrDefault(name, NONE);
  }

  private static String text(Tallied wait) {
    return wait.count == 0 ? "-" : Numbers.count(wait.count) + "x " + Numbers.time(wait.sum);
  }
}
