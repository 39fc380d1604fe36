package org.pgtrace.proc;

import java.nio.file.Path;

/** The files of one process, kept open, with one buffer for them all. */
record ProcessFiles(
    KeptFile<ProcessStat> stat,
    KeptFile<ProcessIo> io,
    KeptFile<ProcessStatus> status,
    KeptFile<ProcessSchedstat> schedstat,
    KeptFile<ProcessStatm> statm)
    implements AutoCloseable {

  /**
   * Opens them.
   *
   * @param into where stat is to be read to
   */
  static ProcessFiles open(Path root, KernelUnits units, ProcessIdentity who, ProcessStat into) {
    Opener opener = new Opener(root, who, new ReadBuffer());
    return new ProcessFiles(
        opener.open("stat", "CONFIG_PROC_FS", into, ProcessStat::parse),
        opener.open("io", "CONFIG_TASK_IO_ACCOUNTING", new ProcessIo(), ProcessIo::parse),
        opener.open("status", "CONFIG_PROC_FS", new ProcessStatus(), ProcessStatus::parse),
        opener.open(
            "schedstat",
            "CONFIG_SCHED_INFO, which CONFIG_SCHEDSTATS selects",
            new ProcessSchedstat(),
            ProcessSchedstat::parse),
        opener.open(
            "statm", "CONFIG_PROC_PAGE_MONITOR", new ProcessStatm(units), ProcessStatm::parse));
  }

  private record Opener(Path root, ProcessIdentity who, ReadBuffer buffer) {
    <T> KeptFile<T> open(String name, String missing, T value, Parser<T> parser) {
      Path file = root.resolve(Integer.toString(who.pid())).resolve(name);
      return KeptFile.open(file, new ProcessFailure(root, who, missing), buffer, value, parser);
    }
  }

  @Override
  public void close() {
    stat.close();
    io.close();
    status.close();
    schedstat.close();
    statm.close();
  }
}
