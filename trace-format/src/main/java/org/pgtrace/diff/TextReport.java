package org.pgtrace.diff;

import java.io.PrintWriter;
import java.util.List;
import org.pgtrace.diff.Finding.Outcome;
import org.pgtrace.diff.PlanPairs.Pair;

/** A comparison for people, 100 columns wide. */
public final class TextReport {
  private static final int WIDTH = 100;
  private static final int TEXT_LINES_MAX = 6;
  private static final int PAIRS_MAX = 4;
  private static final int LABEL_WIDTH = 10;

  private final Comparison comparison;
  private final PrintWriter out;

  private TextReport(Comparison comparison, PrintWriter out) {
    this.comparison = comparison;
    this.out = out;
  }

  /** Writes it to {@code out}, which is not closed. */
  public static void write(Comparison comparison, PrintWriter out) {
    TextReport report = new TextReport(comparison, out);
    report.head();
    report.changed();
    report.single("new statements", true);
    report.single("gone statements", false);
    new TotalsText(comparison, out).write();
    out.flush();
  }

  private void head() {
    out.println(comparison.headline());
    for (String loss : comparison.losses()) {
      wrapped("incomplete: " + loss, 0);
    }
    out.println("base: " + side(comparison.base()));
    out.println("new:  " + side(comparison.next()));
    wrapped("judged: " + String.join(", ", comparison.checks().words()), 0);
    for (String warning : comparison.warnings()) {
      wrapped("warning: " + warning, 0);
    }
  }

  private static String side(Workload workload) {
    return PlainText.oneLine(workload.path().toString())
        + " ("
        + Comparison.plural(workload.files(), "file")
        + ", "
        + Comparison.plural(workload.statements().size(), "statement")
        + ")";
  }

  private void wrapped(String text, int indent) {
    for (String line : Wrap.words(PlainText.oneLine(text), WIDTH - indent)) {
      out.println(" ".repeat(indent) + line);
    }
  }

  private void changed() {
    for (StatementDiff statement : comparison.statements()) {
      if (statement.isChanged() && !statement.isNew() && !statement.isGone()) {
        statement(statement);
        findings(statement);
        plans(statement);
        ObjectsText.write(statement, comparison.hasHits(), out);
        waits(statement);
      }
    }
  }

  private void statement(StatementDiff statement) {
    out.println();
    out.println("-".repeat(WIDTH));
    text(statement, 0);
    out.println(identity(statement));
  }

  private void text(StatementDiff statement, int indent) {
    List<String> lines = Wrap.words(PlainText.oneLine(statement.key().sql()), WIDTH - indent);
    for (String line : lines.subList(0, Math.min(TEXT_LINES_MAX, lines.size()))) {
      out.println(" ".repeat(indent) + line);
    }
    if (lines.size() > TEXT_LINES_MAX) {
      out.println(" ".repeat(indent) + "    ...");
    }
  }

  private static String identity(StatementDiff statement) {
    StatementStats stats = statement.isGone() ? statement.base() : statement.next();
    return "  statement "
        + statement.place()
        + ", sqlid "
        + statement.key().sqlId()
        + (statement.key().isRecursive() ? ", recursive" : "")
        + ", "
        + Comparison.plural(stats.executions, "execution");
  }

  private void findings(StatementDiff statement) {
    for (Outcome outcome : Outcome.values()) {
      for (Finding finding : statement.findings()) {
        if (finding.outcome() == outcome) {
          wrapped(label(outcome.label()) + finding.text(), 2);
        }
      }
    }
    String noise = TotalsText.noise(statement);
    if (!noise.isEmpty()) {
      wrapped(label("also") + noise, 2);
    }
  }

  private static String label(String text) {
    return text + " ".repeat(LABEL_WIDTH - text.length());
  }

  private void plans(StatementDiff statement) {
    if (!statement.hasPlanChange()) {
      return;
    }
    List<Pair> pairs = PlanPairs.of(statement);
    for (Pair pair : pairs.subList(0, Math.min(PAIRS_MAX, pairs.size()))) {
      out.println();
      out.println(PlanColumns.line(title("base", pair.base()), ' ', title("new", pair.next())));
      PlanColumns.of(pair.base().nodes, pair.next().nodes).forEach(out::println);
    }
    if (pairs.size() > PAIRS_MAX) {
      out.println();
      out.println("  and " + Comparison.plural(pairs.size() - PAIRS_MAX, "more plan"));
    }
  }

  private static String title(String side, PlanUse plan) {
    String what = plan.nodes.isEmpty() ? ", not in the trace" : "";
    return side + " plan " + plan.hash + ", " + Numbers.count(plan.executions) + "x" + what;
  }

  private void waits(StatementDiff statement) {
    List<WaitsText.Event> events = WaitsText.of(statement).longest();
    if (!events.isEmpty()) {
      out.println();
      out.println(TotalsText.row("  waits by event", "base", "new", ""));
      for (WaitsText.Event event : events) {
        out.println(
            TotalsText.row("    " + event.name(), event.base(), event.next(), event.change()));
      }
    }
  }

  private void single(String title, boolean isNew) {
    boolean isFirst = true;
    for (StatementDiff statement : comparison.statements()) {
      if (isNew ? statement.isNew() : statement.isGone()) {
        if (isFirst) {
          out.println();
          out.println("-".repeat(WIDTH));
          out.println(title);
          isFirst = false;
        }
        out.println();
        text(statement, 2);
        single(statement, isNew ? statement.next() : statement.base());
      }
    }
  }

  private void single(StatementDiff statement, StatementStats stats) {
    out.println("  " + identity(statement));
    findings(
        statement,
        "rows "
            + Numbers.count(stats.rows)
            + ", reads "
            + Numbers.count(stats.reads)
            + ", temp "
            + Numbers.count(stats.figure(Check.TEMP, comparison.hasWaits()))
            + (stats.errorCount() > 0 ? ", errors " + Numbers.count(stats.errorCount()) : ""));
  }

  private void findings(StatementDiff statement, String figures) {
    for (Finding finding : statement.findings()) {
      boolean isItself = finding.check() == Check.STATEMENTS;
      wrapped(
          label(finding.outcome().label()) + finding.text() + (isItself ? ": " + figures : ""), 4);
    }
  }
}
