package org.pgtrace.diff;

/** How often something happened and how much it came to; mutable while its trace is read. */
final class Tallied {
  long count;

  /** Microseconds or blocks. */
  long sum;

  void add(long times, long much) {
    count += times;
    sum += much;
  }

  void add(Tallied other) {
    add(other.count, other.sum);
  }
}
