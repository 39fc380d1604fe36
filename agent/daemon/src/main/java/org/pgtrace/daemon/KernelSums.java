package org.pgtrace.daemon;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import org.pgtrace.format.KernelSumRecord;

/**
 * What the kernel's probes have seen, summed up for the session and for each execution that runs:
 * with what it calls, and without what others do between two of its calls.
 */
final class KernelSums {
  private record Execution(int cursor, int depth) {}

  /** Of an execution that is not over, without what it is at now. */
  private record Sum(KernelCounts counts, long begunNs) {}

  /** An execution that is at work, and what the session had when it began to be. */
  private record Frame(Execution execution, KernelCounts from) {}

  private final KernelCounts all = new KernelCounts();
  private final ArrayDeque<Frame> stack = new ArrayDeque<>();
  private final Map<Execution, Sum> sums = new HashMap<>();
  private long sessionBegunNs;

  /** The sums of the session, to be added to. */
  KernelCounts all() {
    return all;
  }

  void beginSession(long ns) {
    sessionBegunNs = ns;
  }

  /** Cursor of the execution that is at work; 0: none. */
  int cursor() {
    Frame top = stack.peek();
    return top == null ? 0 : top.execution.cursor();
  }

  /**
   * From then on the process works for this execution; cursor 0: for none.
   *
   * @param isClose whether it is over, and cleans up
   */
  void runs(int cursor, int depth, boolean isClose, long ns) {
    Execution execution = new Execution(cursor, depth);
    Frame top = stack.peek();
    while (top != null && (cursor == 0 || isAside(top.execution, execution))) {
      leave(stack.pop());
      top = stack.peek();
    }
    if (cursor != 0 && (top == null || top.execution.depth() < depth)) {
      if (!isClose) {
        sums.computeIfAbsent(execution, e -> new Sum(new KernelCounts(), ns));
      }
      stack.push(new Frame(execution, all.copy()));
    }
  }

  /** Whether one execution is neither the other nor what has called it. */
  private static boolean isAside(Execution one, Execution other) {
    return one.depth() > other.depth() || (one.depth() == other.depth() && !one.equals(other));
  }

  private void leave(Frame frame) {
    Sum sum = sums.get(frame.execution);
    if (sum != null) {
      sum.counts.add(all, frame.from);
    }
  }

  /**
   * Ends an execution, or the session (cursor 0).
   *
   * @param missedNs the last moment at which something may have been missed
   * @return false where it was not seen
   */
  boolean end(int cursor, int depth, long missedNs, KernelSumRecord line) {
    if (cursor == 0) {
      all.describe(line);
      line.isIncomplete = missedNs >= sessionBegunNs;
      return true;
    }
    Execution execution = new Execution(cursor, depth);
    for (Frame frame : stack) {
      if (frame.execution.equals(execution)) {
        leave(frame);
      }
    }
    Sum sum = sums.remove(execution);
    if (sum == null) {
      return false;
    }
    sum.counts.describe(line);
    line.isIncomplete = missedNs >= sum.begunNs;
    return true;
  }
}
