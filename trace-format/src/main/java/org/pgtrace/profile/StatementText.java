package org.pgtrace.profile;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Prints all of one statement. */
final class StatementText {
  private static final int TEXT_LINES = 12;
  private static final int OBJECTS_MAX = 10;
  private static final int BINDS_MAX = 20;
  private static final int TREE_MAX = 25;
  private static final int BAR = 30;

  private final Page page;
  private final AccountText account;
  private final PlanText plans;
  private final long responseUs;
  private int treeLines;

  StatementText(Page page, long responseUs) {
    this.page = page;
    this.responseUs = responseUs;
    account = new AccountText(page);
    plans = new PlanText(page);
  }

  void print(int rank, StatementProfile s) {
    page.rule('=');
    head(rank, s);
    calls(s);
    if (hasRemarks(s)) {
      remarks(s);
      page.blank();
    }
    account.print(s);
    account.waits(
        s.waitsBetween, "Waits between its calls, in seconds (time, count, max. wait):", "");
    account.workers(s.workers, "");
    account.waits(s.readByOthers, "Read for it by others, beside this time:", "");
    objects(s);
    latency(s);
    slowest(s);
    s.plans.values().forEach(plans::print);
    tree(s);
  }

  private void head(int rank, StatementProfile s) {
    String sqlId = s.sqlId();
    StringBuilder line = new StringBuilder().append(rank).append(". SQL ID ");
    line.append(sqlId.isEmpty() ? "-" : sqlId);
    if (s.sqlIds() > 1) {
      line.append(" and ").append(s.hasMoreSqlIds() ? "more than " : "").append(s.sqlIds() - 1);
      line.append(" more");
    }
    line.append(": ").append(Page.percent(Page.part(s.self.elapsedUs, responseUs)));
    line.append(" of the response time");
    page.heading(line.toString());
    page.blank();
    page.paragraph(s.text, "", TEXT_LINES);
    page.blank();
  }

  private void calls(StatementProfile s) {
    page.line(
        "%-8s %8s %12s %12s %9s %10s %9s %10s",
        "call", "count", "cpu", "elapsed", "disk", "query", "current", "rows");
    page.line(
        "%s",
        "------- "
            + (" " + "-".repeat(8))
            + (" " + "-".repeat(12)).repeat(2)
            + (" " + "-".repeat(9))
            + (" " + "-".repeat(10))
            + (" " + "-".repeat(9))
            + (" " + "-".repeat(10)));
    for (CallRow row : CallRow.values()) {
      CallFigures figures = s.calls.get(row);
      if (figures != null || row.compareTo(CallRow.FETCH) <= 0) {
        callLine(row.label(), figures == null ? new CallFigures() : figures);
      }
    }
    callLine("total", s.total());
    if (s.depthMax > 0 || s.self.elapsedUs != s.total().elapsedUs) {
      callLine("own", s.self);
    }
    page.blank();
  }

  private static boolean hasRemarks(StatementProfile s) {
    return s.self.misses + s.errors + s.depthMax + s.diskBlocks + s.cacheBlocks > 0;
  }

  private void remarks(StatementProfile s) {
    if (s.self.misses > 0) {
      misses(s);
    }
    if (s.errors > 0) {
      page.line("Errors: %d", s.errors);
      s.errorTexts.forEach((text, count) -> page.line("  %6d  %s", count, text));
    }
    if (s.depthMin != Integer.MAX_VALUE && s.depthMax > 0) {
      page.line(
          s.depthMin == s.depthMax ? "Recursive depth: %d" : "Recursive depth: %d to %d",
          s.depthMin,
          s.depthMax);
    }
    if (s.diskBlocks + s.cacheBlocks > 0) {
      page.line("Blocks read: %d from disk, %d from the page cache", s.diskBlocks, s.cacheBlocks);
    }
  }

  private void misses(StatementProfile s) {
    for (CallRow row : CallRow.values()) {
      CallFigures figures = s.calls.get(row);
      if (figures != null && figures.misses > 0) {
        String name = row.label().toLowerCase(Locale.ROOT);
        page.line("Misses in plan cache during %s: %d", name, figures.misses);
      }
    }
  }

  private void callLine(String name, CallFigures f) {
    page.line(
        "%-8s %8d %12s %12s %9d %10d %9d %10d",
        name,
        f.count,
        Page.seconds(f.cpuUs),
        Page.seconds(f.elapsedUs),
        f.disk,
        f.query,
        f.current,
        f.rows);
  }

  private void objects(StatementProfile s) {
    List<Map.Entry<String, ObjectBlocks>> objects = s.objects();
    if (objects.isEmpty()) {
      return;
    }
    page.line("Objects:");
    page.line(
        "  %8s %9s %9s %9s %12s %9s  %s",
        "reads", "blocks", "disk", "cache", "seconds", "hits", "object");
    for (Map.Entry<String, ObjectBlocks> e :
        objects.subList(0, Math.min(OBJECTS_MAX, objects.size()))) {
      ObjectBlocks o = e.getValue();
      page.line(
          "  %8d %9d %9d %9d %12s %9d  %s",
          o.reads,
          o.blocks,
          o.diskBlocks,
          o.cacheBlocks,
          Page.seconds(o.elapsedUs),
          o.hits,
          e.getKey());
    }
    if (objects.size() > OBJECTS_MAX) {
      page.line("  ... and %d more", objects.size() - OBJECTS_MAX);
    }
    page.blank();
  }

  private void latency(StatementProfile s) {
    Latency l = s.latency;
    if (l.count() < 2) {
      return;
    }
    page.line("Executions: %d, in seconds", l.count());
    page.line(
        "  min %s   p50 ~%s   p90 ~%s   p99 ~%s   max %s",
        Page.seconds(l.minUs()),
        Page.seconds(l.percentileUs(50)),
        Page.seconds(l.percentileUs(90)),
        Page.seconds(l.percentileUs(99)),
        Page.seconds(l.maxUs()));
    page.line(
        "  the slowest 1%% took ~%s of their time, the slowest 10%% ~%s",
        Page.percent(l.shareOfSlowest(0.01)), Page.percent(l.shareOfSlowest(0.1)));
    long limit = 1;
    for (int i = 0; i < Latency.DECADES; i++) {
      limit *= 10;
      if (l.count(i) > 0) {
        String name =
            i == Latency.DECADES - 1
                ? "from " + Page.seconds(limit / 10)
                : "below " + Page.seconds(limit);
        page.line(
            "  %-20s %9d %12s  %s",
            name,
            l.count(i),
            Page.seconds(l.timeUs(i)),
            page.bar(Page.part(l.count(i), l.count()), BAR));
      }
    }
    page.blank();
  }

  private void slowest(StatementProfile s) {
    if (s.slowest().stream().allMatch(execution -> execution.binds().isEmpty())) {
      return;
    }
    page.line("Bind values of the slowest executions:");
    for (SlowExecution execution : s.slowest()) {
      page.line(
          "  %s seconds, line %d of %s",
          Page.seconds(execution.elapsedUs()), execution.line(), tail(execution.file(), 50));
      List<SlowExecution.Bind> binds = execution.binds();
      for (SlowExecution.Bind bind : binds.subList(0, Math.min(BINDS_MAX, binds.size()))) {
        page.line("    %4d %-20s %s", bind.position(), Page.fit(bind.type(), 20), value(bind));
      }
      int more = binds.size() + execution.moreBinds() - Math.min(BINDS_MAX, binds.size());
      if (more > 0) {
        page.line("    ... and %d more", more);
      }
    }
    page.blank();
  }

  private static String value(SlowExecution.Bind bind) {
    return bind.isNull() ? "NULL" : bind.value() + (bind.isCut() ? "..." : "");
  }

  private static String tail(String text, int width) {
    return text.length() <= width ? text : "..." + text.substring(text.length() - width + 3);
  }

  private void tree(StatementProfile s) {
    if (s.tree.children.isEmpty()) {
      return;
    }
    page.line("Recursive statements inside of it (seconds with their own recursive ones):");
    page.line("  %9s %12s  %-13s", "executes", "seconds", "sql id");
    treeLines = 0;
    branches(s.tree, 0);
    if (treeLines > TREE_MAX) {
      page.line("  ... and %d more", treeLines - TREE_MAX);
    }
    page.blank();
  }

  private void branches(TreeNode node, int level) {
    for (TreeNode child : node.mostTimeFirst()) {
      treeLines++;
      if (treeLines <= TREE_MAX) {
        String sqlId = child.statement.sqlId();
        page.line(
            "  %9d %12s  %-13s %s%s",
            child.executions,
            Page.seconds(child.elapsedUs),
            sqlId.isEmpty() ? "-" : sqlId,
            "  ".repeat(level),
            child.statement.text);
      }
      branches(child, level + 1);
    }
  }
}
