package org.pgtrace.daemon;

import java.util.ArrayList;
import java.util.List;
import org.pgtrace.format.SummaryRecord;

/**
 * What parallel workers did for executions that are running, of which the leader's account has the
 * blocks in it. What they do counts for the call in which they did it, and for all calls that
 * contain that one; an execution has what its calls have.
 */
final class WorkerSums {
  /** More executions than have had workers at a time; the first one gives way. */
  private static final int EXECUTIONS_MAX = 64;

  /** By depth: since the last call of that depth ended. */
  private final List<Sum> calls = new ArrayList<>();

  /** Those with workers. */
  private final List<Execution> executions = new ArrayList<>();

  private final Sum session = new Sum();
  private boolean knowsSession;

  private static class Sum {
    private long parts;
    private long elapsedUs;
    private long cpuUs;
    private long hits;
    private long reads;

    void add(Sum other) {
      parts += other.parts;
      elapsedUs += other.elapsedUs;
      cpuUs += other.cpuUs;
      hits += other.hits;
      reads += other.reads;
    }

    void add(SummaryRecord part) {
      parts++;
      elapsedUs += part.elapsedUs;
      cpuUs += part.cpuUs;
      hits += part.hits;
      reads += part.reads;
    }

    void clear() {
      parts = 0;
      elapsedUs = 0;
      cpuUs = 0;
      hits = 0;
      reads = 0;
    }

    void addTo(SummaryRecord summary) {
      summary.workers += parts;
      summary.workersElapsedUs += elapsedUs;
      summary.workersCpuUs += cpuUs;
      summary.workersHits += hits;
      summary.workersReads += reads;
    }
  }

  private static final class Execution extends Sum {
    private final long cursor;
    private final int depth;

    Execution(long cursor, int depth) {
      this.cursor = cursor;
      this.depth = depth;
    }

    private boolean is(long cursor, int depth) {
      return this.cursor == cursor && this.depth == depth;
    }
  }

  /** Tracing of the session begins. */
  void beginSession() {
    knowsSession = true;
    session.clear();
  }

  /** An earlier daemon has seen what the session did before. */
  void resumeSession() {
    knowsSession = false;
  }

  /** A worker's part of an execution at a depth is over. */
  void add(SummaryRecord part, int depth) {
    for (int d = 0; d <= depth; d++) {
      if (d == calls.size()) {
        calls.add(new Sum());
      }
      calls.get(d).add(part);
    }
    session.add(part);
  }

  /** A call of an execution has ended: what was done in it is the execution's. */
  void endCall(long cursor, int depth) {
    if (depth < calls.size() && calls.get(depth).parts > 0) {
      execution(cursor, depth).add(calls.get(depth));
      calls.get(depth).clear();
    }
  }

  /** A call has ended that is not in the account of any execution. */
  void endParse(int depth) {
    if (depth < calls.size()) {
      calls.get(depth).clear();
    }
  }

  /**
   * Puts what workers did into the account of an execution, or of the session (cursor 0).
   *
   * @param isLeader false: of a worker, which has none
   */
  void give(boolean isLeader, SummaryRecord summary, int depth) {
    clear(summary);
    if (!isLeader) {
      return;
    }
    if (summary.cursor != 0) {
      // Also what came after its last call.
      endCall(summary.cursor, depth);
      take(summary.cursor, depth, summary);
    } else if (knowsSession) {
      session.addTo(summary);
    }
  }

  /** The execution is over. */
  void end(long cursor, int depth) {
    endParse(depth);
    executions.removeIf(execution -> execution.is(cursor, depth));
  }

  /** All executions are over. */
  void endAll() {
    calls.clear();
    executions.clear();
  }

  /** Whether an account is to come that needs what is known. */
  boolean isEmpty() {
    for (int i = 0; i < calls.size(); i++) {
      if (calls.get(i).parts > 0) {
        return false;
      }
    }
    return executions.isEmpty();
  }

  private static void clear(SummaryRecord summary) {
    summary.workers = 0;
    summary.workersElapsedUs = 0;
    summary.workersCpuUs = 0;
    summary.workersHits = 0;
    summary.workersReads = 0;
  }

  private void take(long cursor, int depth, SummaryRecord summary) {
    for (int i = 0; i < executions.size(); i++) {
      Execution execution = executions.get(i);
      if (execution.is(cursor, depth)) {
        execution.addTo(summary);
        executions.remove(i);
        return;
      }
    }
  }

  private Execution execution(long cursor, int depth) {
    for (int i = 0; i < executions.size(); i++) {
      if (executions.get(i).is(cursor, depth)) {
        return executions.get(i);
      }
    }
    if (executions.size() == EXECUTIONS_MAX) {
      executions.remove(0);
    }
    Execution added = new Execution(cursor, depth);
    executions.add(added);
    return added;
  }
}
