package org.pgtrace.proc;

/** {@code /proc/<pid>/statm} (proc_pid_statm(5)): the process's memory now. */
public final class ProcessStatm {
  private final KernelUnits units;
  private long sizePages;
  private long residentPages;
  private long sharedPages;

  ProcessStatm(KernelUnits units) {
    this.units = units;
  }

  Parser.Outcome parse(ProcText text) {
    sizePages = text.number();
    residentPages = text.number();
    sharedPages = text.number();
    return Parser.outcome(text);
  }

  /** Address space, bytes. */
  public long sizeBytes() {
    return units.pagesToBytes(sizePages);
  }

  /** Of it in memory, bytes; shared buffers count as far as this process has touched them. */
  public long rssBytes() {
    return units.pagesToBytes(residentPages);
  }

  /** Of what is in memory, bytes that belong to files or shared memory. */
  public long sharedBytes() {
    return units.pagesToBytes(sharedPages);
  }
}
