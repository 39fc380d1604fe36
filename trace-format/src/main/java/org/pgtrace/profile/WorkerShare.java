package org.pgtrace.profile;

/** What parallel workers did, beside their leader's time and never in it. */
final class WorkerShare {
  /** EXEC calls of workers; of a session those of a leader's plan. */
  long parts;

  long cpuUs;
  long elapsedUs;

  /** Blocks that the workers' calls read; the server adds them to the leader's. */
  long disk;

  /** Blocks that the workers' calls looked up; the server adds them to the leader's. */
  long query;

  long rows;
  long diskBlocks;
  long cacheBlocks;
  final WaitTable waits = new WaitTable();

  boolean isEmpty() {
    return parts == 0 && elapsedUs == 0 && waits.isEmpty();
  }

  void add(CallFigures call, boolean isPart) {
    parts += isPart ? 1 : 0;
    cpuUs += call.cpuUs;
    elapsedUs += call.elapsedUs;
    disk += call.disk;
    query += call.query;
    rows += call.rows;
  }

  void addBlocks(long fromDisk, long fromCache) {
    diskBlocks += fromDisk;
    cacheBlocks += fromCache;
  }

  void add(WorkerShare other) {
    parts += other.parts;
    cpuUs += other.cpuUs;
    elapsedUs += other.elapsedUs;
    disk += other.disk;
    query += other.query;
    rows += other.rows;
    diskBlocks += other.diskBlocks;
    cacheBlocks += other.cacheBlocks;
    waits.add(other.waits);
  }
}
