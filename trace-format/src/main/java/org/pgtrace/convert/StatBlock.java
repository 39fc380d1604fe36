package org.pgtrace.convert;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.pgtrace.format.PlanNodeRecord;
import org.pgtrace.format.StatRecord;

/**
 * The STAT lines of one plan. In full form they have the figures of the leader and of its parallel
 * workers together, and PLAN says what the workers' part is; in strict form each has its own.
 */
final class StatBlock {
  private final List<StatRecord> stats = new ArrayList<>();
  private int worker;

  boolean isEmpty() {
    return stats.isEmpty();
  }

  /** Number of the worker whose lines they are, 0: the session's. */
  int worker() {
    return worker;
  }

  /** Whether a line goes on where the last one was. */
  boolean continues(StatRecord stat, int ofWorker) {
    StatRecord last = stats.get(stats.size() - 1);
    return ofWorker == worker && stat.cursor == last.cursor && stat.id == last.id + 1;
  }

  void add(StatRecord stat, int ofWorker) {
    worker = ofWorker;
    stats.add(copyOf(stat));
  }

  void clear() {
    stats.clear();
  }

  List<StatRecord> stats() {
    return stats;
  }

  /**
   * Takes the workers' figures out of the lines.
   *
   * @param nodes of the PLAN that follows the lines, numbered as they are
   * @return for each worker that had a part, the lines of it
   */
  Map<Integer, List<StatRecord>> splitOff(List<PlanNodeRecord> nodes) {
    Map<Integer, List<StatRecord>> parts = new TreeMap<>();
    if (nodes.size() != stats.size()) {
      return parts;
    }
    List<Integer> workers =
        nodes.stream()
            .flatMap(node -> node.workers.stream())
            .map(part -> part.worker)
            .distinct()
            .toList();
    for (int each : workers) {
      parts.put(each, partOf(each, nodes));
    }
    for (int i = 0; i < nodes.size(); i++) {
      StatRecord stat = stats.get(i);
      nodes.get(i).workers.forEach(part -> subtract(stat, part));
    }
    return parts;
  }

  /** The nodes below a Gather that the worker came to, and what is below these. */
  private List<StatRecord> partOf(int ofWorker, List<PlanNodeRecord> nodes) {
    List<StatRecord> part = new ArrayList<>();
    boolean[] isInside = new boolean[nodes.size() + 1];
    for (int i = 0; i < nodes.size(); i++) {
      StatRecord whole = stats.get(i);
      List<PlanNodeRecord> own =
          nodes.get(i).workers.stream().filter(each -> each.worker == ofWorker).toList();
      boolean isBelow = whole.parentId < isInside.length && isInside[whole.parentId];
      if (isBelow || !own.isEmpty()) {
        isInside[i + 1] = true;
        part.add(of(whole, own.isEmpty() ? Collections.emptyList() : own, isBelow));
      }
    }
    return part;
  }

  private static StatRecord of(StatRecord whole, List<PlanNodeRecord> own, boolean isBelow) {
    StatRecord stat = copyOf(whole);
    stat.parentId = isBelow ? whole.parentId : 0;
    stat.position = isBelow ? whole.position : 1;
    stat.rows = 0;
    stat.consistentGets = 0;
    stat.blocksRead = 0;
    stat.blocksWritten = 0;
    stat.starts = 0;
    stat.timeUs = 0;
    for (PlanNodeRecord each : own) {
      stat.rows += each.rows;
      stat.consistentGets += each.consistentGets();
      stat.blocksRead += each.blocksRead();
      stat.blocksWritten += each.blocksWritten();
      stat.starts += each.loops;
      stat.timeUs += each.totalUs;
    }
    return stat;
  }

  private static void subtract(StatRecord stat, PlanNodeRecord part) {
    stat.rows -= part.rows;
    stat.consistentGets -= part.consistentGets();
    stat.blocksRead -= part.blocksRead();
    stat.blocksWritten -= part.blocksWritten();
    stat.starts -= part.loops;
    // Each of the two times was rounded by itself.
    stat.timeUs = Math.max(0, stat.timeUs - part.totalUs);
  }

  private static StatRecord copyOf(StatRecord other) {
    StatRecord stat = new StatRecord();
    stat.cursor = other.cursor;
    stat.id = other.id;
    stat.rows = other.rows;
    stat.parentId = other.parentId;
    stat.position = other.position;
    stat.objectId = other.objectId;
    stat.op.setCopy(other.op);
    stat.consistentGets = other.consistentGets;
    stat.blocksRead = other.blocksRead;
    stat.blocksWritten = other.blocksWritten;
    stat.starts = other.starts;
    stat.timeUs = other.timeUs;
    stat.cost = other.cost;
    stat.size = other.size;
    stat.card = other.card;
    return stat;
  }
}
