package org.pgtrace.profile;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Tells what a call did itself from what the recursive calls inside of it did. A recursive call's
 * line comes before that of the call that contains it, so sums wait here for it, one a depth.
 */
final class CallStack {
  /** Calls deeper than this are taken for a part of the call that contains them. */
  static final int DEPTH_MAX = 1000;

  private final List<Level> levels = new ArrayList<>();

  /** No deeper level has anything that waits. */
  private int deepest;

  /**
   * A call has ended.
   *
   * @param call its figures; those of recursive calls inside of it are taken away here
   * @param isExecution whether it counts as one in the tree
   */
  void ended(StatementProfile statement, int depth, CallFigures call, boolean isExecution) {
    if (depth > DEPTH_MAX) {
      call.subtractInner(call);
      return;
    }
    TreeNode node = depth == 0 ? statement.tree : waiting(statement, depth, call, isExecution);
    for (int i = depth + 1; i <= deepest; i++) {
      Level inner = levels.get(i);
      call.subtractInner(inner.sum);
      if (depth < TreeNode.LEVELS_MAX) {
        node.adopt(inner.nodes);
      }
      inner.sum.clear();
      inner.nodes.clear();
    }
    deepest = depth;
  }

  private TreeNode waiting(
      StatementProfile statement, int depth, CallFigures call, boolean isExecution) {
    while (levels.size() <= depth) {
      levels.add(new Level());
    }
    Level level = levels.get(depth);
    level.sum.add(call);
    TreeNode node = level.nodes.computeIfAbsent(statement, TreeNode::new);
    node.executions += isExecution ? 1 : 0;
    node.elapsedUs += call.elapsedUs;
    return node;
  }

  private static final class Level {
    final CallFigures sum = new CallFigures();
    final Map<StatementProfile, TreeNode> nodes = new HashMap<>();
  }
}
