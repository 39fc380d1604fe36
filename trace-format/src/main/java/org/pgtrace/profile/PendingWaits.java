package org.pgtrace.profile;

import java.util.Arrays;

/**
 * Waits of which is not yet known in which call they were: its line comes later. In order of time,
 * at most {@link #LIMIT}.
 */
final class PendingWaits {
  /** Waits that are kept; a call with more of them has those decided by their cursor alone. */
  static final int LIMIT = 1 << 18;

  /**
   * Microseconds by which a wait may seem to begin before the call that it is in: ends and times
   * are cut to microseconds each.
   */
  private static final long SLACK_US = 2;

  private static final int SIZE_MIN = 256;

  private long[] begin = new long[SIZE_MIN];
  private long[] end = new long[SIZE_MIN];
  private long[] elapsed = new long[SIZE_MIN];
  private long[] cpu = new long[SIZE_MIN];
  private String[] name = new String[SIZE_MIN];
  private StatementProfile[] statement = new StatementProfile[SIZE_MIN];
  private int size;

  int size() {
    return size;
  }

  boolean isFull() {
    return size == LIMIT;
  }

  void add(long tim, long elapsedUs, long cpuUs, String nam, StatementProfile of) {
    if (size == begin.length) {
      grow(size * 2);
    }
    begin[size] = tim - elapsedUs;
    end[size] = tim;
    elapsed[size] = elapsedUs;
    cpu[size] = cpuUs;
    name[size] = nam;
    statement[size] = of;
    size++;
  }

  private void grow(int to) {
    begin = Arrays.copyOf(begin, to);
    end = Arrays.copyOf(end, to);
    elapsed = Arrays.copyOf(elapsed, to);
    cpu = Arrays.copyOf(cpu, to);
    name = Arrays.copyOf(name, to);
    statement = Arrays.copyOf(statement, to);
  }

  /** Index of the first wait that is inside of a call that began then and has just ended. */
  int firstInside(long callBegin) {
    int first = size;
    while (first > 0 && isInside(first - 1, callBegin)) {
      first--;
    }
    return first;
  }

  private boolean isInside(int i, long callBegin) {
    long before = callBegin - begin[i];
    return before <= 0 || (before <= SLACK_US && end[i] - callBegin > before);
  }

  long elapsedUs(int i) {
    return elapsed[i];
  }

  long cpuUs(int i) {
    return cpu[i];
  }

  String name(int i) {
    return name[i];
  }

  StatementProfile statement(int i) {
    return statement[i];
  }

  /** Forgets those from {@code from} on. */
  void cutFrom(int from) {
    Arrays.fill(statement, from, size, null);
    size = from;
  }

  /** Forgets the first ones. */
  void cutBefore(int to) {
    int left = size - to;
    System.arraycopy(begin, to, begin, 0, left);
    System.arraycopy(end, to, end, 0, left);
    System.arraycopy(elapsed, to, elapsed, 0, left);
    System.arraycopy(cpu, to, cpu, 0, left);
    System.arraycopy(name, to, name, 0, left);
    System.arraycopy(statement, to, statement, 0, left);
    cutFrom(left);
  }
}
