package org.pgtrace.profile;

/** Where the time of one session went, or of all of them; microseconds. */
final class SessionProfile {
  final String file;

  // Keys of the head, as they were last.
  String sessionId = "";
  String service = "";
  String module = "";
  String user = "";

  /** Wall time. */
  long wallUs;

  /** All CPU time. */
  long cpuUs;

  /** CPU time of the calls that the client asked for, recursive calls included. */
  long cpuInCallsUs;

  /** Calls that the client asked for. */
  long calls;

  /** Their elapsed time. */
  long callsUs;

  /** Waits of the session itself, but for its client between calls. */
  final WaitTable waits = new WaitTable();

  /** Waits for the client between calls. */
  final WaitSum think = new WaitSum(SessionReader.FROM_CLIENT);

  final WaitTable readByOthers = new WaitTable();
  final WorkerShare workers = new WorkerShare();

  /** Blocks read of a device, of the page cache; those of parallel workers are theirs. */
  long diskBlocks;

  long cacheBlocks;
  long commits;
  long rollbacks;
  long errors;

  /** Stretches of time whose wall time and CPU a SUMMARY line tells. */
  long summaries;

  /** What those lines say of waits, those for the client between calls included. */
  long summaryWaitUs;

  /** What those lines say of waits for the client between calls. */
  long summaryThinkUs;

  /** Stretches of time that had to be measured by the times of lines. */
  long measured;

  SessionProfile(String file) {
    this.file = file;
  }

  long waitUs() {
    return waits.waitUs();
  }

  long cpuBetweenCallsUs() {
    return cpuUs - cpuInCallsUs;
  }

  /** Wall time without the time that the client took. */
  long responseUs() {
    return wallUs - think.waitUs();
  }

  /** What nothing explains; may be below zero. */
  long unaccountedUs() {
    return responseUs() - cpuUs - waitUs();
  }

  /**
   * By how much the waits of the lines are more than those of the SUMMARY lines, which are added up
   * of nanoseconds; 0 where not all time has such a line.
   */
  long waitsOverSummaryUs() {
    return measured > 0 ? 0 : waitUs() + think.waitUs() - summaryWaitUs;
  }

  /** By what wall time and CPU are known: {@code summary}, {@code lines} or {@code both}. */
  String source() {
    return measured == 0 ? "summary" : summaries == 0 ? "lines" : "both";
  }

  void add(SessionProfile other) {
    wallUs += other.wallUs;
    cpuUs += other.cpuUs;
    cpuInCallsUs += other.cpuInCallsUs;
    calls += other.calls;
    callsUs += other.callsUs;
    waits.add(other.waits);
    think.add(other.think);
    readByOthers.add(other.readByOthers);
    workers.add(other.workers);
    diskBlocks += other.diskBlocks;
    cacheBlocks += other.cacheBlocks;
    commits += other.commits;
    rollbacks += other.rollbacks;
    errors += other.errors;
    summaries += other.summaries;
    summaryWaitUs += other.summaryWaitUs;
    summaryThinkUs += other.summaryThinkUs;
    measured += other.measured;
  }
}
