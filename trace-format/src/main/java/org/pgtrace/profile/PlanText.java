package org.pgtrace.profile;

import java.util.List;
import java.util.Locale;
import org.pgtrace.format.NodeWait;

/** Prints a plan, all its executions together. */
final class PlanText {
  private static final int LEVELS_SHOWN = 16;

  /** Where the details of a node stand. */
  private static final String DETAIL = " ".repeat(30);

  private final Page page;

  PlanText(Page page) {
    this.page = page;
  }

  void print(PlanProfile plan) {
    List<PlanNode> nodes = plan.nodes();
    if (nodes.isEmpty()) {
      return;
    }
    page.line(
        "Plan hash %d: %d executions, elapsed %s; figures of %d of them",
        plan.hash, plan.executions, Page.seconds(plan.elapsedUs), plan.captures);
    page.line(
        "  %9s %9s %6s %13s %8s %7s  %s",
        "rows", "estimate", "off by", "self seconds", "self cr", "self pr", "operation");
    nodes.forEach(this::node);
    page.blank();
  }

  private void node(PlanNode n) {
    String indent = " ".repeat(Math.min(n.level, LEVELS_SHOWN));
    String figures =
        String.format(
            Locale.ROOT,
            "  %9d %9s %6s %13s %8s %7s  ",
            n.rows,
            estimate(n),
            offBy(n),
            n.isTimed ? (n.isSampled ? "~" : "") + Page.seconds(n.selfUs) : "",
            n.hasStatistics ? String.valueOf(n.selfQuery) : "",
            n.hasStatistics ? String.valueOf(n.selfDisk) : "");
    page.hanging(figures, indent, n.op);
    n.removed.forEach((kind, rows) -> page.hanging("", DETAIL, kind.label() + rows));
    String buffers = buffers(n);
    if (!buffers.isEmpty()) {
      page.hanging("", DETAIL, buffers);
    }
    for (NodeWait wait : n.waits()) {
      page.hanging("", DETAIL, wait(wait));
    }
  }

  private static String buffers(PlanNode n) {
    StringBuilder text = new StringBuilder();
    buffers(text, " hit=", n.selfHit);
    buffers(text, " read=", n.selfRead);
    buffers(text, " dirtied=", n.selfDirtied);
    return text.isEmpty() ? "" : "Buffers:" + text;
  }

  private static void buffers(StringBuilder text, String label, long blocks) {
    if (blocks != 0) {
      text.append(label).append(blocks);
    }
  }

  private static String wait(NodeWait wait) {
    String tiers =
        wait.fromDisk + wait.fromCache > 0
            ? " (disk " + wait.fromDisk + ", cache " + wait.fromCache + ")"
            : "";
    return "Wait: " + wait.nam + " " + wait.count + "x " + Page.seconds(wait.totalUs) + tiers;
  }

  /** Expected rows of all loops together, as the rows are. */
  private static String estimate(PlanNode n) {
    return n.hasEstimate ? String.valueOf(Math.round(n.estimatePerLoop() * n.loops)) : "";
  }

  private static String offBy(PlanNode n) {
    if (!n.isEstimateOff()) {
      return "";
    }
    double factor = n.factor();
    long times = Math.round(factor >= 1 ? factor : 1 / factor);
    String text = times > 9999 ? ">9999" : String.format(Locale.ROOT, "%d", times);
    return (factor >= 1 ? "+" : "-") + text;
  }
}
