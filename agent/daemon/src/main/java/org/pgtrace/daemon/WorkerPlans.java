package org.pgtrace.daemon;

import java.util.ArrayList;
import java.util.List;
import org.pgtrace.format.NodeMethod;
import org.pgtrace.format.PlanNodeRecord;

/**
 * What parallel workers did in the plans of executions that are running, until the leader's plan
 * comes. A worker that is started several times has its figures added up.
 */
final class WorkerPlans {
  /** More than run at a time: the one that came first gives way. */
  private static final int PARTS_MAX = 1024;

  private final List<Part> parts = new ArrayList<>();

  /** One worker's part of one execution. */
  private static final class Part {
    private int cursor;
    private int depth;
    private int worker;
    private final List<PlanNodeRecord> nodes = new ArrayList<>();

    private boolean isOf(int cursor, int depth) {
      return this.cursor == cursor && this.depth == depth;
    }

    private PlanNodeRecord node(int id) {
      for (int i = 0; i < nodes.size(); i++) {
        if (nodes.get(i).id == id) {
          return nodes.get(i);
        }
      }
      PlanNodeRecord added = new PlanNodeRecord();
      added.id = id;
      added.worker = worker;
      nodes.add(added);
      return added;
    }
  }

  boolean isEmpty() {
    return parts.isEmpty();
  }

  /** Takes a worker's plan. */
  void add(PlanCollector plan, int worker) {
    Part part = part(plan.cursor(), plan.depth(), worker);
    List<PlanNodeRecord> nodes = plan.nodes();
    for (int i = 0; i < nodes.size(); i++) {
      PlanNodeRecord from = nodes.get(i);
      PlanNodeRecord to = part.node(from.id);
      to.timing = from.timing;
      if (from.loops > 0) {
        takeMethod(from, to);
      }
      to.addFigures(from);
    }
  }

  /** Gives the workers' figures to the nodes of their leader's plan, with what they waited for. */
  void give(PlanCollector plan, WaitSums waits) {
    List<PlanNodeRecord> nodes = plan.nodes();
    for (int i = 0; i < parts.size(); i++) {
      Part part = parts.get(i);
      if (part.isOf(plan.cursor(), plan.depth())) {
        waits.give(part.cursor, part.depth, part.worker, part.nodes);
        addTo(nodes, part);
      }
    }
  }

  /** The execution is over. */
  void end(int cursor, int depth) {
    parts.removeIf(part -> part.isOf(cursor, depth));
  }

  /** All executions are over. */
  void endAll() {
    parts.clear();
  }

  private static void addTo(List<PlanNodeRecord> nodes, Part part) {
    for (int i = 0; i < nodes.size(); i++) {
      PlanNodeRecord node = nodes.get(i);
      for (int j = 0; j < part.nodes.size(); j++) {
        PlanNodeRecord share = part.nodes.get(j);
        if (share.id == node.id) {
          node.addWorker(share);
        }
      }
    }
  }

  /** That of the last run: methods, unlike counts, do not add up. */
  private static void takeMethod(PlanNodeRecord from, PlanNodeRecord to) {
    if (to.method == NodeMethod.NONE) {
      to.method = from.method;
    }
    to.sortMethod.setCopy(from.sortMethod);
    to.sortOnDisk = from.sortOnDisk;
    to.spaceKb = Math.max(to.spaceKb, from.spaceKb);
    to.diskKb = Math.max(to.diskKb, from.diskKb);
    to.buckets = Math.max(to.buckets, from.buckets);
    to.batches = Math.max(to.batches, from.batches);
  }

  /** In the order of the workers' numbers. */
  private Part part(int cursor, int depth, int worker) {
    int at = 0;
    while (at < parts.size()) {
      Part part = parts.get(at);
      if (part.worker > worker) {
        break;
      }
      if (part.worker == worker && part.isOf(cursor, depth)) {
        return part;
      }
      at++;
    }
    Part added = new Part();
    added.cursor = cursor;
    added.depth = depth;
    added.worker = worker;
    parts.add(at, added);
    if (parts.size() > PARTS_MAX) {
      parts.remove(at == 0 ? 1 : 0);
    }
    return added;
  }
}
