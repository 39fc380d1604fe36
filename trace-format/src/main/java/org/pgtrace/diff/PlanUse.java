package org.pgtrace.diff;

import java.util.List;

/** A plan of a statement; mutable while its trace is read. */
final class PlanUse {
  final long hash;

  /** How often it was executed. */
  long executions;

  /** Of its last execution, in preorder; none where the trace has no plan statistics. */
  List<PlanNode> nodes = List.of();

  PlanUse(long hash) {
    this.hash = hash;
  }
}
