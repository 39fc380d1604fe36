package org.pgtrace.profile;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.pgtrace.format.PlanNodeRecord;
import org.pgtrace.format.PlanRecord;
import org.pgtrace.format.StatRecord;

/** All executions of a statement with plans of one hash. */
final class PlanProfile {
  /** Nodes of the largest plan; a damaged line may have any number. */
  private static final int NODES_MAX = 10_000;

  final long hash;

  /** EXEC calls with this hash. */
  long executions;

  /** EXEC and FETCH calls, in microseconds, recursive calls included. */
  long elapsedUs;

  /** Executions of which the trace has STAT lines. */
  long captures;

  private final Map<Integer, PlanNode> nodes = new TreeMap<>();

  PlanProfile(long hash) {
    this.hash = hash;
  }

  void add(StatRecord stat) {
    if (stat.id > NODES_MAX) {
      return;
    }
    captures += stat.id == 1 ? 1 : 0;
    nodes.computeIfAbsent(stat.id, id -> new PlanNode(stat)).add(stat);
  }

  /** PLAN comes after its STAT lines and tells more of the same nodes. */
  void add(PlanRecord plan) {
    if (plan.isRunning) {
      return;
    }
    for (PlanNodeRecord record : plan.nodes) {
      PlanNode node = nodes.get(record.id);
      if (node != null) {
        node.add(record);
      }
    }
  }

  /** In preorder, with levels and with what their children have taken away from their own. */
  List<PlanNode> nodes() {
    List<PlanNode> all = new ArrayList<>(nodes.values());
    all.forEach(PlanNode::beginSelf);
    for (PlanNode node : all) {
      PlanNode parent = node.parentId < node.id ? nodes.get(node.parentId) : null;
      if (parent != null) {
        parent.subtractChild(node);
        node.level = parent.level + 1;
      }
    }
    return all;
  }
}
