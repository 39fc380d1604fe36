package org.pgtrace.diff;

import java.util.ArrayList;
import java.util.List;

/** Two plans side by side, as {@code diff -y} shows two texts. */
final class PlanColumns {
  /** Characters of a column. */
  static final int WIDTH = 48;

  private static final String INDENT = "  ";
  private static final int INDENT_MAX = 20;

  private final List<PlanNode> left;
  private final List<PlanNode> right;
  private final List<String> lines = new ArrayList<>();

  private PlanColumns(List<PlanNode> left, List<PlanNode> right) {
    this.left = left;
    this.right = right;
  }

  /** The lines of both; none has a blank at its end. */
  static List<String> of(List<PlanNode> left, List<PlanNode> right) {
    PlanColumns columns = new PlanColumns(left, right);
    columns.align();
    return columns.lines;
  }

  /** A line with what stands at its left, between, and at its right. */
  static String line(String left, char mark, String right) {
    return (left + " ".repeat(Math.max(0, WIDTH - left.length())) + " " + mark + " " + right)
        .stripTrailing();
  }

  private void align() {
    int[][] common = common();
    int i = 0;
    int j = 0;
    while (i < left.size() || j < right.size()) {
      int nextLeft = i;
      int nextRight = j;
      while (nextLeft < left.size() || nextRight < right.size()) {
        if (nextLeft < left.size()
            && nextRight < right.size()
            && isSame(left.get(nextLeft), right.get(nextRight))) {
          break;
        }
        if (nextRight == right.size()
            || (nextLeft < left.size()
                && common[nextLeft + 1][nextRight] >= common[nextLeft][nextRight + 1])) {
          nextLeft++;
        } else {
          nextRight++;
        }
      }
      gap(left.subList(i, nextLeft), right.subList(j, nextRight));
      if (nextLeft < left.size()) {
        pair(text(left.get(nextLeft)), ' ', text(right.get(nextRight)));
      }
      i = Math.min(nextLeft + 1, left.size());
      j = Math.min(nextRight + 1, right.size());
    }
  }

  private static boolean isSame(PlanNode one, PlanNode other) {
    return one.op().equals(other.op());
  }

  /** Lengths of the longest common subsequences of the ends of both. */
  private int[][] common() {
    int[][] common = new int[left.size() + 1][right.size() + 1];
    for (int i = left.size() - 1; i >= 0; i--) {
      for (int j = right.size() - 1; j >= 0; j--) {
        common[i][j] =
            isSame(left.get(i), right.get(j))
                ? common[i + 1][j + 1] + 1
                : Math.max(common[i + 1][j], common[i][j + 1]);
      }
    }
    return common;
  }

  /** Nodes without an equal one at the other side. */
  private void gap(List<PlanNode> ours, List<PlanNode> theirs) {
    for (int i = 0; i < Math.max(ours.size(), theirs.size()); i++) {
      List<String> one = i < ours.size() ? text(ours.get(i)) : List.of();
      List<String> other = i < theirs.size() ? text(theirs.get(i)) : List.of();
      pair(one, one.isEmpty() ? '>' : other.isEmpty() ? '<' : '|', other);
    }
  }

  private void pair(List<String> one, char mark, List<String> other) {
    for (int i = 0; i < Math.max(one.size(), other.size()); i++) {
      lines.add(line(i < one.size() ? one.get(i) : "", mark, i < other.size() ? other.get(i) : ""));
    }
  }

  private static List<String> text(PlanNode node) {
    String indent = INDENT.repeat(node.level());
    if (indent.length() > INDENT_MAX) {
      indent = indent.substring(0, INDENT_MAX);
    }
    String loops = node.loops() > 1 ? "loops " + Numbers.count(node.loops()) + ", " : "";
    String figures =
        loops + "rows " + Numbers.count(node.rows()) + ", reads " + Numbers.count(node.reads());
    List<String> text = new ArrayList<>();
    wrap(indent, PlainText.oneLine(node.op()), text);
    wrap(indent + INDENT, figures, text);
    return text;
  }

  private static void wrap(String indent, String text, List<String> lines) {
    for (String line : Wrap.words(text, WIDTH - indent.length())) {
      lines.add(indent + line);
    }
  }
}
