package org.pgtrace.proc;

/**
 * What {@code /proc/<pid>/status} (proc_pid_status(5)) has and no other file: context switches, of
 * the main thread alone. A PostgreSQL process has hardly ever another one.
 */
public final class ProcessStatus {
  private static final byte[] VOLUNTARY = ProcText.key("voluntary_ctxt_switches:");
  private static final byte[] INVOLUNTARY = ProcText.key("nonvoluntary_ctxt_switches:");

  private long voluntarySwitches;
  private long involuntarySwitches;

  Parser.Outcome parse(ProcText text) {
    voluntarySwitches = text.numberOf(VOLUNTARY);
    involuntarySwitches = text.numberOf(INVOLUNTARY);
    return Parser.outcome(text);
  }

  /** Times that the main thread gave up the CPU, as it had to wait. */
  public long voluntarySwitches() {
    return voluntarySwitches;
  }

  /** Times that the CPU was taken from the main thread. */
  public long involuntarySwitches() {
    return involuntarySwitches;
  }
}
