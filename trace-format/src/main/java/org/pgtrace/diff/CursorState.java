package org.pgtrace.diff;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.pgtrace.format.ServerText;
import org.pgtrace.format.StatRecord;

/** What is known of a cursor since its last call. */
final class CursorState {
  final StatementStats statement;

  /** Whether its text could not be parsed: there is no call to come. */
  final boolean isFailed;

  /** By name, or by number where the trace names it later: {@code #16390}. */
  final Map<String, ObjectReads> objects = new HashMap<>();

  final Map<String, Tallied> waits = new HashMap<>();
  long tempBlocks;

  /** Of the last call with a plan. */
  long planHash;

  private final List<Row> rows = new ArrayList<>();

  /** A STAT line. */
  private record Row(int id, int parentId, String op, long count, long loops, long reads) {}

  CursorState(StatementStats statement, boolean isFailed) {
    this.statement = statement;
    this.isFailed = isFailed;
  }

  ObjectReads object(String name) {
    return objects.computeIfAbsent(name, n -> new ObjectReads());
  }

  Tallied wait(String name) {
    return waits.computeIfAbsent(name, n -> new Tallied());
  }

  /** Forgets the waits and hits of a parse. */
  void dropPending() {
    objects.clear();
    waits.clear();
    tempBlocks = 0;
  }

  void stat(StatRecord stat) {
    if (stat.id <= 1) {
      finishPlan(planHash);
    }
    rows.add(
        new Row(
            stat.id,
            stat.parentId,
            ObjectNames.stable(ServerText.decode(stat.op)),
            stat.rows,
            stat.starts,
            stat.hasStatistics ? stat.consistentGets : 0));
  }

  /** Makes a plan of the STAT lines so far; the last execution's is kept. */
  void finishPlan(long hash) {
    if (rows.isEmpty()) {
      return;
    }
    Map<Integer, Integer> levels = new HashMap<>();
    Map<Integer, Long> ofChildren = new HashMap<>();
    for (Row row : rows) {
      ofChildren.merge(row.parentId, row.reads, Long::sum);
    }
    List<PlanNode> nodes = new ArrayList<>(rows.size());
    for (Row row : rows) {
      int level = levels.getOrDefault(row.parentId, -1) + 1;
      levels.put(row.id, level);
      long self = Math.max(0, row.reads - ofChildren.getOrDefault(row.id, 0L));
      nodes.add(new PlanNode(level, row.op, row.count, row.loops, self));
    }
    rows.clear();
    if (hash != 0) {
      statement.plan(hash).nodes = List.copyOf(nodes);
    }
  }
}
