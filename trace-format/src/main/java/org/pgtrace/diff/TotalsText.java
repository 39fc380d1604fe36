package org.pgtrace.diff;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What is shown and, unless it was asked for, not judged: it is another in each run. */
final class TotalsText {
  private static final Check[] NOISY = {Check.ELAPSED, Check.CPU, Check.WAITS, Check.PHYSICAL};

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
    for (WaitsText.Event event : WaitsText.of(comparison).longest()) {
      line("  " + event.name(), event.base(), event.next(), event.change());
    }
  }

  private void line(String name, String was, String is, String change) {
    out.println(row(name, was, is, change));
  }

  /** A figure of both traces. */
  static String row(String name, String was, String is, String change) {
    return String.format(Locale.ROOT, "%-42s %20s %20s %14s", name, was, is, change)
        .stripTrailing();
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
