package org.pgtrace.profile;

/** Waits of one name, added up; microseconds. */
final class WaitSum {
  final String name;
  long count;

  /** With the CPU time inside of them. */
  long elapsedUs;

  /** CPU time inside of them. */
  long cpuUs;

  /** The longest, with the CPU time inside of it. */
  long maxUs;

  WaitSum(String name) {
    this.name = name;
  }

  /** What they are in an account: the time that no CPU time accounts for. */
  long waitUs() {
    return elapsedUs - cpuUs;
  }

  void add(long elapsed, long cpu) {
    count++;
    elapsedUs += elapsed;
    cpuUs += cpu;
    maxUs = Math.max(maxUs, elapsed);
  }

  void add(WaitSum other) {
    count += other.count;
    elapsedUs += other.elapsedUs;
    cpuUs += other.cpuUs;
    maxUs = Math.max(maxUs, other.maxUs);
  }
}
