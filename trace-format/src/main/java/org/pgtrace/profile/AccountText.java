package org.pgtrace.profile;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Prints where the time of sessions went, so that it adds up. */
final class AccountText {
  private static final int BAR = 14;
  private static final int NAME = 38;

  private final Page page;

  AccountText(Page page) {
    this.page = page;
  }

  private record Row(String name, long us, long count, long maxUs) {}

  void print(SessionProfile s) {
    page.heading("Response time, in seconds");
    List<Row> rows = new ArrayList<>();
    for (WaitSum wait : s.waits.mostTimeFirst()) {
      rows.add(new Row(wait.name, wait.waitUs(), wait.count, wait.maxUs));
    }
    rows.add(new Row("CPU in calls", s.cpuInCallsUs, s.calls, -1));
    rows.add(new Row("CPU between calls", s.cpuBetweenCallsUs(), -1, -1));
    rows.add(new Row("unaccounted", s.unaccountedUs(), -1, -1));
    rows.sort(Comparator.comparingLong(Row::us).reversed());
    header();
    rows.forEach(row -> row(row, s.responseUs()));
    total("response time", s.responseUs());
    WaitSum think = s.think;
    row(new Row("think time of the client", think.waitUs(), think.count, think.maxUs), 0);
    total("wall time", s.wallUs);
    page.blank();
    beside(s);
  }

  /** The parts of what a statement's own calls took. */
  void print(StatementProfile s) {
    page.line("Time of its own calls, without recursive statements, in seconds:");
    List<Row> rows = new ArrayList<>();
    for (WaitSum wait : s.waits.mostTimeFirst()) {
      rows.add(new Row(wait.name, wait.waitUs(), wait.count, wait.maxUs));
    }
    rows.add(new Row("CPU", s.self.cpuUs, s.self.count, -1));
    rows.add(new Row("unaccounted", s.unaccountedUs(), -1, -1));
    rows.sort(Comparator.comparingLong(Row::us).reversed());
    header();
    rows.forEach(row -> row(row, s.self.elapsedUs));
    total("total", s.self.elapsedUs);
    page.blank();
  }

  private void header() {
    page.line(
        "  %-" + NAME + "s %12s %6s %9s %12s  %s", "", "seconds", "", "count", "max. wait", "");
  }

  private void row(Row row, long wholeUs) {
    double part = Page.part(row.us, wholeUs);
    page.line(
        "  %-" + NAME + "s %12s %6s %9s %12s  %s",
        Page.fit(row.name, NAME),
        Page.seconds(row.us),
        wholeUs > 0 ? Page.percent(part) : "",
        row.count < 0 ? "" : String.valueOf(row.count),
        row.maxUs < 0 ? "" : Page.seconds(row.maxUs),
        page.bar(part, BAR));
  }

  private void total(String name, long us) {
    page.line("  %-" + NAME + "s %12s", "", "------------");
    page.line("  %-" + NAME + "s %12s", name, Page.seconds(us));
  }

  private void beside(SessionProfile s) {
    if (s.diskBlocks + s.cacheBlocks > 0) {
      page.line("Blocks read: %d from disk, %d from the page cache.", s.diskBlocks, s.cacheBlocks);
      page.blank();
    }
    workers(s.workers, "");
    waits(s.readByOthers, "Read for it by others, beside this time:", "");
  }

  /** Parallel workers. */
  void workers(WorkerShare w, String indent) {
    if (w.isEmpty()) {
      return;
    }
    page.line(
        "%sParallel workers, beside this time: %d parts, elapsed %s, CPU %s, waits %s",
        indent,
        w.parts,
        Page.seconds(w.elapsedUs),
        Page.seconds(w.cpuUs),
        Page.seconds(w.waits.waitUs()));
    page.line(
        "%s  disk %d, query %d, rows %d; blocks from disk %d, from the page cache %d",
        indent, w.disk, w.query, w.rows, w.diskBlocks, w.cacheBlocks);
    w.waits.mostTimeFirst().forEach(wait -> wait(wait, indent));
    page.blank();
  }

  /** Waits that are in no account. */
  void waits(WaitTable waits, String title, String indent) {
    if (waits.isEmpty()) {
      return;
    }
    page.line(indent + title);
    waits.mostTimeFirst().forEach(wait -> wait(wait, indent));
    page.blank();
  }

  private void wait(WaitSum wait, String indent) {
    page.line(
        "%s  %-" + (NAME + 10) + "s %12s %9d %12s",
        indent,
        Page.fit(wait.name, NAME + 10),
        Page.seconds(wait.waitUs()),
        wait.count,
        Page.seconds(wait.maxUs));
  }
}
