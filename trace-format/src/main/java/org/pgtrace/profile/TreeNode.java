package org.pgtrace.profile;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A statement as another one called it, all its calls on that path together. */
final class TreeNode {
  /** Levels that are told apart; what is deeper is in the times of the last one alone. */
  static final int LEVELS_MAX = 32;

  final StatementProfile statement;
  final Map<StatementProfile, TreeNode> children = new LinkedHashMap<>();

  /** EXEC calls. */
  long executions;

  /** With what it called itself, in microseconds. */
  long elapsedUs;

  TreeNode(StatementProfile statement) {
    this.statement = statement;
  }

  /** Takes the nodes of {@code others} for its own; they are no more used there. */
  void adopt(Map<StatementProfile, TreeNode> others) {
    for (TreeNode other : others.values()) {
      TreeNode own = children.putIfAbsent(other.statement, other);
      if (own != null) {
        own.executions += other.executions;
        own.elapsedUs += other.elapsedUs;
        own.adopt(other.children);
      }
    }
  }

  List<TreeNode> mostTimeFirst() {
    List<TreeNode> nodes = new ArrayList<>(children.values());
    nodes.sort(Comparator.comparingLong((TreeNode node) -> node.elapsedUs).reversed());
    return nodes;
  }
}
