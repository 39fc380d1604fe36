package org.pgtrace.profile;

/** Figures of calls, added up; times in microseconds, the rest as tkprof's columns are called. */
final class CallFigures {
  long count;
  long cpuUs;
  long elapsedUs;

  /** {@code p}: blocks read. */
  long disk;

  /** {@code cr}: blocks looked up. */
  long query;

  /** {@code cu}: blocks dirtied; of Oracle got in current mode. */
  long current;

  long rows;

  /** {@code mis}: plans made. */
  long misses;

  void add(CallFigures other) {
    count += other.count;
    rows += other.rows;
    misses += other.misses;
    cpuUs += other.cpuUs;
    elapsedUs += other.elapsedUs;
    disk += other.disk;
    query += other.query;
    current += other.current;
  }

  /** Takes away what calls inside of it did; count, rows and misses have nothing of them. */
  void subtractInner(CallFigures inner) {
    cpuUs -= inner.cpuUs;
    elapsedUs -= inner.elapsedUs;
    disk -= inner.disk;
    query -= inner.query;
    current -= inner.current;
  }

  void clear() {
    count = 0;
    rows = 0;
    misses = 0;
    cpuUs = 0;
    elapsedUs = 0;
    disk = 0;
    query = 0;
    current = 0;
  }
}
