package org.pgtrace.daemon;

import java.util.Optional;
import org.pgtrace.ring.EventRecord;
import org.pgtrace.ring.Layout;

/**
 * One of the processes whose records make a session's trace, and the groups of records that it has
 * begun: those of several processes may come in between each other.
 */
final class Source {
  /** Number of the parallel worker, from 1; 0: it is none. */
  final int worker;

  final StatementCollector statement = new StatementCollector();
  final BindCollector binds = new BindCollector();
  final PlanCollector plan = new PlanCollector();
  private final Optional<WorkerLines> lines;
  private boolean groupOpen;
  private long groupTim;
  private long partTim;

  /**
   * A source of records.
   *
   * @param hasOwnFile whether its lines go to a file of its own
   */
  Source(int worker, boolean hasOwnFile) {
    this.worker = worker;
    this.lines = hasOwnFile ? Optional.of(new WorkerLines()) : Optional.empty();
  }

  /** Its lines, where they are not among the session's. */
  Optional<WorkerLines> lines() {
    return lines;
  }

  /** Whether an execution of this cursor is its leader's, of which it runs a part. */
  boolean isPart(int cursor) {
    return worker > 0 && cursor != 0 && cursor >>> Layout.WORKER_NUMBERS_SHIFT != worker;
  }

  /** Whether more records of its last one's group are to come. */
  boolean isGroupOpen() {
    return groupOpen;
  }

  /** The group's first moment. */
  long groupTim() {
    return groupTim;
  }

  /** The moment of what has come last. */
  long partTim() {
    return partTim;
  }

  /** Takes note of a record, which has the moment {@code tim}. */
  void took(EventRecord event, long tim) {
    boolean more = event.hasMore() && event.type() != Layout.EV_LOST;
    if (!groupOpen) {
      groupTim = tim;
    }
    groupOpen = more;
    partTim = tim;
  }

  /** Nothing more is expected of the group. */
  void endGroup() {
    groupOpen = false;
  }
}
