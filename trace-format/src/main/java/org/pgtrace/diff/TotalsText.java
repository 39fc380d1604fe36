package org.pgtrace.diff;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What is shown and, unless it was asked for, not judged: it is another in each run. */
final class TotalsText {
  private static final Check[] NOISY = {Check.ELAPSED, Check.CPU, Check.WAITS, Check.PHYSICAL};
  private static final int EVENTS_MAX = 5;
  private static final Tallied NONE = new Tallied();

  private final Comparison comparison;
  private final PrintWriter out;

  TotalsText(Comparison comparison, PrintWriter out) {
    this.comparison = comparison;
    this.out = out;
  }

  void write() {
    out.println();
    out.println("-".repeat(100));
    line("all statements", "base", "new", "");
    total("executions", Check.EXECUTIONS);
    total("logical reads, blocks", Check.READS);
    for (Check check : NOISY) {
      String name = check == Check.PHYSICAL ? "physical reads, blocks" : check.label();
      total(comparison.checks().has(check) ? name : name + " (not judged)", check);
    }
    waits();
  }

  private void total(String name, Check check) {
    long was = comparison.base().sum(s -> s.figure(check, comparison.hasWaits()));
    long is = comparison.next().sum(s -> s.figure(check, comparison.hasWaits()));
    line(
        name,
        Numbers.figure(check.unit(), was),
        Numbers.figure(check.unit(), is),
        Numbers.change(was, is));
  }

  private void waits() {
    Map<String, Tallied> base = waits(comparison.base());
    Map<String, Tallied> next = waits(comparison.next());
    Set<String> names = new TreeSet<>(base.keySet());
    names.addAll(next.keySet());
    List<String> most =
        names.stream()
            .sorted(Comparator.comparingLong(n -> -Math.max(sum(base, n), sum(next, n))))
            .limit(EVENTS_MAX)
            .toList();
    for (String name : most) {
      line(
          "  " + PlainText.oneLine(name),
          event(base.getOrDefault(name, NONE)),
          event(next.getOrDefault(name, NONE)),
          Numbers.change(sum(base, name), sum(next, name)));
    }
  }

  private static Map<String, Tallied> waits(Workload workload) {
    Map<String, Tallied> all = new TreeMap<>();
    for (StatementStats statement : workload.statements().values()) {
      statement.waits.forEach(
          (name, wait) -> all.computeIfAbsent(name, n -> new Tallied()).add(wait));
    }
    return all;
  }

  private static long sum(Map<String, Tallied> waits, String name) {
    return waits.getOrDefault(name, NONE).sum;
  }

  private static String event(Tallied wait) {
    return wait.count == 0 ? "-" : Numbers.count(wait.count) + "x " + Numbers.time(wait.sum);
  }

  private void line(String name, String was, String is, String change) {
    String text = String.format(Locale.ROOT, "%-42s %20s %20s %14s", name, was, is, change);
    out.println(text.stripTrailing());
  }

  /** The same of one statement, in a line; figures that its findings name are left out. */
  static String noise(StatementDiff statement) {
    List<String> parts = new ArrayList<>();
    for (Check check : NOISY) {
      long was = statement.base().figure(check, true);
      long is = statement.next().figure(check, true);
      if (was != is && statement.findings().stream().noneMatch(f -> f.check() == check)) {
        parts.add(
            check.label()
                + " "
                + Numbers.figure(check.unit(), was)
                + " -> "
                + Numbers.figure(check.unit(), is));
      }
    }
    return String.join(", ", parts);
  }
}
