package org.pgtrace.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.pgtrace.daemon.Daemon;
import org.pgtrace.daemon.DaemonOptions;
import org.pgtrace.daemon.TraceDirectory;
import org.pgtrace.format.TraceForm;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "daemon",
    description =
        "Drains all segments that it finds and writes one trace file a session. "
            + "SIGTERM writes what is left and ends with 0.")
final class DaemonCommand implements Callable<Integer> {
  @Spec CommandSpec spec = CommandSpec.create();

  @Mixin SegmentOptions segments = new SegmentOptions();

  @Option(
      names = "--trace-dir",
      paramLabel = "DIR",
      description =
          "Write trace files here. Default: /var/log/pg_trace where it exists and can be written, "
              + "else pg_trace in the current folder.")
  Optional<Path> traceDirectory = Optional.empty();

  @Option(
      names = "--max-file-size",
      paramLabel = "SIZE",
      description = "Go on in another file after this size, such as 100MB; 64kB at least.")
  Optional<FileSize> maxFileSize = Optional.empty();

  @Option(
      names = "--keep",
      paramLabel = "DURATION",
      description = "Remove files of ended sessions that are older, such as 7d.")
  Optional<Duration> keep = Optional.empty();

  @Option(
      names = "--proc-interval",
      paramLabel = "MS",
      description =
          "Sample /proc of a process that works each so many milliseconds, 10 to 60000; 0: never. "
              + "Default: 100.")
  long procInterval = DaemonOptions.PROC_INTERVAL_MS;

  @Option(
      names = "--ebpf",
      description =
          "Ask the kernel too what traced processes do, through bpftrace: system calls, devices, "
              + "time off the processor. Needs root and an installed bpftrace.")
  boolean ebpf;

  @Option(names = "--strict", description = "Write only what an Oracle 19c trace may contain.")
  boolean strict;

  @Override
  public Integer call() throws Exception {
    Daemon daemon = new Daemon(options());
    return UntilSignal.run(
        () -> {
          daemon.run();
          return ExitCodes.OK;
        },
        daemon::stop);
  }

  private DaemonOptions options() {
    long limit = maxFileSize.map(FileSize::bytes).orElse(0L);
    if (maxFileSize.isPresent() && limit < DaemonOptions.MAX_FILE_SIZE_MIN) {
      throw new ParameterException(
          spec.commandLine(), "--max-file-size: at least 64kB, not " + limit + " bytes");
    }
    boolean isInterval =
        procInterval >= DaemonOptions.PROC_INTERVAL_MIN_MS
            && procInterval <= DaemonOptions.PROC_INTERVAL_MAX_MS;
    if (procInterval != 0 && !isInterval) {
      throw new ParameterException(
          spec.commandLine(), "--proc-interval: 10 to 60000 ms, or 0, not " + procInterval);
    }
    return new DaemonOptions(
        segments.absoluteSegment(),
        segments.directories(),
        traceDirectory
            .map(Path::toAbsolutePath)
            .map(Path::normalize)
            .orElseGet(TraceDirectory::ofDefault),
        strict ? TraceForm.STRICT : TraceForm.FULL,
        limit,
        procInterval,
        ebpf,
        keep,
        Version.number());
  }
}
