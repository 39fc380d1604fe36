package org.pgtrace.proc;

/**
 * One look at a process. What cannot be read says so by itself, and hides nothing else. Overwritten
 * by the sampler's next sample.
 */
public final class ProcessSample {
  private final ProcessFiles files;
  private final ProcessStat stat;
  private Reading<ProcessIo> io;
  private Reading<ProcessStatus> status;
  private Reading<ProcessSchedstat> schedstat;
  private Reading<ProcessStatm> statm;

  ProcessSample(ProcessFiles files, ProcessStat stat) {
    this.files = files;
    this.stat = stat;
    readParts();
  }

  /** Reads all but stat. */
  final void readParts() {
    io = files.io().read();
    status = files.status().read();
    schedstat = files.schedstat().read();
    statm = files.statm().read();
  }

  /** CPU, faults, threads, state. There always: without it nobody knows whose files these are. */
  public ProcessStat stat() {
    return stat;
  }

  /** Bytes and calls read and written. Only the process's owner and root may see them. */
  public Reading<ProcessIo> io() {
    return io;
  }

  /** Context switches of the main thread. */
  public Reading<ProcessStatus> status() {
    return status;
  }

  /** CPU and run delay of the main thread. */
  public Reading<ProcessSchedstat> schedstat() {
    return schedstat;
  }

  /** Memory. */
  public Reading<ProcessStatm> statm() {
    return statm;
  }
}
