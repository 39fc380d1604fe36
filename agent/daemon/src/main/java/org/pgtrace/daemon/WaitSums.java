package org.pgtrace.daemon;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.pgtrace.format.NodeWait;
import org.pgtrace.format.PlanNodeRecord;
import org.pgtrace.format.ReadTier;
import org.pgtrace.format.WaitRecord;

/**
 * What the plan nodes of executions that are running have waited for, by node and name. An
 * execution is known by its cursor and depth: a statement that calls itself has one cursor. The
 * part of it that a parallel worker runs has sums of its own, and is in those of its leader too.
 */
final class WaitSums {
  /** More executions than are open at a time; the one that waited longest ago gives way. */
  private static final int EXECUTIONS_MAX = 256;

  private final List<Execution> executions = new ArrayList<>();
  private long waits;

  private static final class Execution {
    private long cursor;
    private int depth;

    /** Number of the parallel worker, from 1; 0: all who run it. */
    private int worker;

    /** The next wait belongs to another execution of the cursor. */
    private boolean ended;

    /** Number of its last wait. */
    private long lastWait;

    private final List<NodeWait> pool = new ArrayList<>();
    private int used;

    /** By place in the pool: the place of another wait of the node plus 1, or 0. */
    private int[] next = new int[8];

    /** By node: the place in the pool of a wait of the node plus 1, or 0. */
    private int[] first = new int[16];

    private boolean is(long cursor, int depth, int worker) {
      return this.cursor == cursor && this.depth == depth && this.worker == worker;
    }

    private void clear() {
      Arrays.fill(first, 0);
      used = 0;
      ended = false;
    }

    private NodeWait of(int node, String nam) {
      if (node >= first.length) {
        first = Arrays.copyOf(first, Math.max(node + 1, first.length * 2));
      }
      for (int at = first[node]; at != 0; at = next[at - 1]) {
        if (pool.get(at - 1).nam.equals(nam)) {
          return pool.get(at - 1);
        }
      }
      if (used == pool.size()) {
        pool.add(new NodeWait());
      }
      if (used == next.length) {
        next = Arrays.copyOf(next, next.length * 2);
      }
      NodeWait wait = pool.get(used);
      wait.nam = nam;
      wait.count = 0;
      wait.totalUs = 0;
      wait.fromDisk = 0;
      wait.fromCache = 0;
      next[used] = first[node];
      used++;
      first[node] = used;
      return wait;
    }

    private void give(PlanNodeRecord node) {
      int at = node.id < first.length ? first[node.id] : 0;
      while (at != 0) {
        node.waits.add(pool.get(at - 1));
        at = next[at - 1];
      }
    }
  }

  /**
   * Adds a wait of a plan node.
   *
   * @param worker number of the parallel worker that waited, from 1, or 0
   * @param isPart whether the execution is its leader's
   */
  void add(WaitRecord wait, int depth, int worker, boolean isPart) {
    add(wait, executionOf(wait.cursor, depth, worker));
    if (isPart) {
      add(wait, executionOf(wait.cursor, depth, 0));
    }
  }

  private void add(WaitRecord wait, Execution execution) {
    waits++;
    execution.lastWait = waits;
    NodeWait sum = execution.of(wait.node, wait.sumName());
    sum.count++;
    sum.totalUs += wait.elapsedUs;
    sum.fromDisk += wait.tier == ReadTier.DISK ? 1 : 0;
    sum.fromCache += wait.tier == ReadTier.CACHE ? 1 : 0;
  }

  /** The execution is over; what it has waited for is kept until the cursor's next wait. */
  void end(long cursor, int depth) {
    for (int i = 0; i < executions.size(); i++) {
      Execution execution = executions.get(i);
      execution.ended |= execution.cursor == cursor && execution.depth == depth;
    }
  }

  /** A transaction is over, and with it every execution of this depth or more. */
  void endTransaction(int depth) {
    for (int i = 0; i < executions.size(); i++) {
      Execution execution = executions.get(i);
      execution.ended |= execution.depth >= depth;
    }
  }

  /**
   * Gives an execution's waits to its nodes, valid until the next wait, and forgets them.
   *
   * @param worker number of the parallel worker whose waits they are, or 0
   */
  void give(long cursor, int depth, int worker, List<PlanNodeRecord> nodes) {
    for (int i = 0; i < nodes.size(); i++) {
      nodes.get(i).waits.clear();
    }
    for (int i = 0; i < executions.size(); i++) {
      Execution execution = executions.get(i);
      if (execution.is(cursor, depth, worker) && execution.used > 0) {
        for (int j = 0; j < nodes.size(); j++) {
          execution.give(nodes.get(j));
        }
        execution.clear();
      }
    }
  }

  private Execution executionOf(long cursor, int depth, int worker) {
    for (int i = 0; i < executions.size(); i++) {
      Execution execution = executions.get(i);
      if (execution.is(cursor, depth, worker)) {
        if (execution.ended) {
          execution.clear();
        }
        return execution;
      }
    }
    Execution execution = fresh();
    execution.clear();
    execution.cursor = cursor;
    execution.depth = depth;
    execution.worker = worker;
    return execution;
  }

  private Execution fresh() {
    if (executions.size() < EXECUTIONS_MAX) {
      Execution added = new Execution();
      executions.add(added);
      return added;
    }
    Execution oldest = executions.get(0);
    for (int i = 1; i < executions.size(); i++) {
      if (executions.get(i).lastWait < oldest.lastWait) {
        oldest = executions.get(i);
      }
    }
    return oldest;
  }
}
