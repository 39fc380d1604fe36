package org.pgtrace.proc;

/**
 * {@code /proc/<pid>/schedstat} (the kernel's Documentation/scheduler/sched-stats.rst): of the main
 * thread alone. A PostgreSQL process has hardly ever another one.
 */
public final class ProcessSchedstat {
  private long cpuNs;
  private long runDelayNs;
  private long timeslices;

  /** A kernel that does not keep the account shows three zeros, which no thread that ran has. */
  Parser.Outcome parse(ProcText text) {
    cpuNs = text.number();
    runDelayNs = text.number();
    timeslices = text.number();
    boolean isKept = (cpuNs | runDelayNs | timeslices) != 0;
    return isKept || !text.isUnderstood() ? Parser.outcome(text) : Parser.Outcome.NOT_KEPT;
  }

  /** Time that the main thread ran on a CPU, ns. */
  public long cpuNs() {
    return cpuNs;
  }

  /** Time that the main thread could have run and waited for a CPU, ns. */
  public long runDelayNs() {
    return runDelayNs;
  }

  /** Times that the main thread was given a CPU. */
  public long timeslices() {
    return timeslices;
  }
}
