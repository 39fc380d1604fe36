package org.pgtrace.diff;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.pgtrace.format.CallRecord;

/**
 * Takes recursive calls out of the figures of the call that contains them. Their lines come before
 * its own, each a level deeper.
 */
final class NestedCalls {
  /** Figures of a level in {@link #sums}. */
  private static final int FIGURES = 5;

  private static final int READS = 0;
  private static final int PHYSICAL = 1;
  private static final int DIRTIED = 2;
  private static final int ELAPSED = 3;
  private static final int CPU = 4;

  /** Deeper ones are taken for a damaged line's. */
  private static final int DEPTH_MAX = 10_000;

  /** By parallel worker, 0 the session's own: sums of the calls since the last shallower one. */
  private final Map<Integer, long[]> levels = new HashMap<>();

  /** The figures of the last call without its recursive calls. */
  private final long[] sums = new long[FIGURES];

  /** Takes a call; the getters tell what it did itself. */
  void call(int worker, CallRecord call) {
    int depth = depth(call.depth);
    long[] level = take(worker, depth + 1);
    sums[READS] = call.consistentGets;
    sums[PHYSICAL] = call.physicalReads;
    sums[DIRTIED] = call.currentGets;
    sums[ELAPSED] = call.elapsedUs;
    sums[CPU] = call.cpuUs;
    for (int i = 0; i < FIGURES; i++) {
      level[depth * FIGURES + i] += sums[i];
      sums[i] = Math.max(0, sums[i] - level[(depth + 1) * FIGURES + i]);
    }
    forget(level, depth + 1);
  }

  /** Takes a worker's run of its part of a plan: its calls are in the leader's call too. */
  void part(int worker, int callDepth) {
    int depth = depth(callDepth) + 1;
    long[] from = take(worker, depth);
    long[] to = take(0, depth);
    for (int i = READS; i <= DIRTIED; i++) {
      to[depth * FIGURES + i] += from[depth * FIGURES + i];
    }
    forget(from, depth);
  }

  /** Takes the time of a CLOSE, which has no blocks. */
  void close(int worker, int callDepth, long elapsedUs, long cpuUs) {
    int depth = depth(callDepth);
    long[] level = take(worker, depth + 1);
    level[depth * FIGURES + ELAPSED] += elapsedUs;
    level[depth * FIGURES + CPU] += cpuUs;
    forget(level, depth + 1);
  }

  private static int depth(int depth) {
    return Math.max(0, Math.min(depth, DEPTH_MAX));
  }

  private long[] take(int worker, int depth) {
    long[] level = levels.computeIfAbsent(worker, w -> new long[4 * FIGURES]);
    if (level.length < (depth + 1) * FIGURES) {
      level = Arrays.copyOf(level, (depth + 1) * 2 * FIGURES);
      levels.put(worker, level);
    }
    return level;
  }

  private static void forget(long[] level, int fromDepth) {
    Arrays.fill(level, fromDepth * FIGURES, level.length, 0);
  }

  long reads() {
    return sums[READS];
  }

  long physical() {
    return sums[PHYSICAL];
  }

  long dirtied() {
    return sums[DIRTIED];
  }

  long elapsedUs() {
    return sums[ELAPSED];
  }

  long cpuUs() {
    return sums[CPU];
  }
}
