package org.pgtrace.profile;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.pgtrace.format.NodeWait;
import org.pgtrace.format.PlanNodeRecord;
import org.pgtrace.format.RemovedRows;
import org.pgtrace.format.ServerText;
import org.pgtrace.format.StatRecord;
import org.pgtrace.format.TimingMode;

/** One node of a plan, all its executions together; times in microseconds. */
final class PlanNode {
  /** Estimates that are off by this factor are worth a remark. */
  static final double OFF_BY = 10;

  final int id;
  final int parentId;
  final long objectId;
  final String op;
  int level;
  long rows;
  long loops;

  // With the children's.
  long timeUs;
  long query;
  long disk;
  long written;
  long hit;
  long read;
  long dirtied;

  // Without the children's, since beginSelf().
  long selfUs;
  long selfQuery;
  long selfDisk;
  long selfWritten;
  long selfHit;
  long selfRead;
  long selfDirtied;

  /** Whether there was a figure besides the rows. */
  boolean hasStatistics;

  /** Whether some of the time is an estimate. */
  boolean isSampled;

  /** Whether a time was measured at all. */
  boolean isTimed;

  /** Whether the trace says how many rows the planner expected. */
  boolean hasEstimate;

  final Map<RemovedRows, Long> removed = new EnumMap<>(RemovedRows.class);
  private final Map<String, NodeWait> waits = new LinkedHashMap<>();
  private double expectedRows;
  private double expectedLoops;
  private long planSelfUs;
  private long statCaptures;
  private long planCaptures;

  PlanNode(StatRecord first) {
    id = first.id;
    parentId = first.parentId;
    objectId = first.objectId;
    op = ServerText.decode(first.op);
  }

  void add(StatRecord stat) {
    statCaptures++;
    rows += stat.rows;
    long starts = stat.starts == StatRecord.NONE || !stat.hasStatistics ? 1 : stat.starts;
    loops += starts;
    if (!stat.hasStatistics) {
      return;
    }
    hasStatistics = true;
    timeUs += stat.timeUs;
    isTimed |= stat.timeUs > 0;
    query += stat.consistentGets;
    disk += stat.blocksRead;
    written += stat.blocksWritten;
    if (stat.card != StatRecord.NONE) {
      hasEstimate = true;
      expectedRows += (double) stat.card * Math.max(starts, 1);
      expectedLoops += Math.max(starts, 1);
    }
  }

  void add(PlanNodeRecord node) {
    planCaptures++;
    planSelfUs += node.selfUs;
    isSampled |= node.timing == TimingMode.SAMPLED;
    isTimed |= node.timing != TimingMode.OFF;
    hit += node.sharedHit + node.localHit;
    read += node.sharedRead + node.localRead;
    dirtied += node.sharedDirtied + node.localDirtied;
    addRemoved(node.removed1Kind, node.removed1);
    addRemoved(node.removed2Kind, node.removed2);
    for (NodeWait wait : node.waits) {
      NodeWait sum = waits.computeIfAbsent(wait.nam, PlanNode::named);
      sum.count += wait.count;
      sum.totalUs += wait.totalUs;
      sum.fromDisk += wait.fromDisk;
      sum.fromCache += wait.fromCache;
    }
  }

  private static NodeWait named(String nam) {
    NodeWait wait = new NodeWait();
    wait.nam = nam;
    return wait;
  }

  private void addRemoved(RemovedRows kind, long count) {
    if (kind != RemovedRows.NONE && count > 0) {
      removed.merge(kind, count, Long::sum);
    }
  }

  /** What the trace's PLAN blocks say of all executions is better than a difference. */
  private boolean isSelfKnown() {
    return planCaptures > 0 && planCaptures == statCaptures;
  }

  void beginSelf() {
    selfUs = isSelfKnown() ? planSelfUs : timeUs;
    selfQuery = query;
    selfDisk = disk;
    selfWritten = written;
    selfHit = hit;
    selfRead = read;
    selfDirtied = dirtied;
  }

  void subtractChild(PlanNode child) {
    if (!isSelfKnown()) {
      selfUs -= child.timeUs;
    }
    selfQuery -= child.query;
    selfDisk -= child.disk;
    selfWritten -= child.written;
    selfHit -= child.hit;
    selfRead -= child.read;
    selfDirtied -= child.dirtied;
  }

  /** The planner's rows, one loop; the mean over all loops where it made several estimates. */
  double estimatePerLoop() {
    return expectedLoops == 0 ? 0 : expectedRows / expectedLoops;
  }

  /** Rows of one loop. */
  double rowsPerLoop() {
    return loops == 0 ? 0 : (double) rows / loops;
  }

  /**
   * By what the rows of a loop differ from the estimate: above 1 there were more than expected,
   * below 1 fewer; less than one row counts as one. 1 where nothing can be said.
   */
  double factor() {
    if (!hasEstimate || loops == 0) {
      return 1;
    }
    return Math.max(rowsPerLoop(), 1) / Math.max(estimatePerLoop(), 1);
  }

  boolean isEstimateOff() {
    double factor = factor();
    return factor >= OFF_BY || factor <= 1 / OFF_BY;
  }

  List<NodeWait> waits() {
    List<NodeWait> sorted = new ArrayList<>(waits.values());
    sorted.sort(Comparator.comparingLong((NodeWait wait) -> wait.totalUs).reversed());
    return sorted;
  }
}
