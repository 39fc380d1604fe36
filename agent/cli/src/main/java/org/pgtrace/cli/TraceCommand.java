package org.pgtrace.cli;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.pgtrace.daemon.OutsideTrace;
import org.pgtrace.daemon.ServerProcess;
import org.pgtrace.daemon.ServerProcesses;
import org.pgtrace.proc.ProcessTable;
import org.pgtrace.ring.Blocks;
import org.pgtrace.ring.ControlWord;
import org.pgtrace.ring.PlanStat;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "trace",
    description =
        "Traces a running process of a server, without a login, and switches it off again at the"
            + " end: after --for, at SIGINT or SIGTERM, or when the process ends. Prints the path of"
            + " the trace file.")
final class TraceCommand implements Callable<Integer> {
  private static final int LEVEL_MIN = 1;
  private static final int LEVEL_MAX = 15;

  @Spec CommandSpec spec = CommandSpec.create();

  @Mixin SegmentOptions segments = new SegmentOptions();

  @Parameters(
      paramLabel = "PID",
      description =
          "The process, by its number here or, of a server in a container, by its number there.")
  int pid;

  @Option(
      names = "--level",
      paramLabel = "N",
      defaultValue = "8",
      description = "1 calls and plans, +4 bind values, +8 waits. Default: ${DEFAULT-VALUE}.")
  int level;

  @Option(
      names = "--blocks",
      paramLabel = "WHICH",
      defaultValue = "physical",
      description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  Blocks blocks = Blocks.PHYSICAL;

  @Option(
      names = "--plan-stat",
      paramLabel = "WHICH",
      defaultValue = "all_executions",
      description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  PlanStat planStat = PlanStat.ALL_EXECUTIONS;

  @ArgGroup End end = new End();

  /** How it ends. */
  static final class End {
    @Option(
        names = "--for",
        paramLabel = "DURATION",
        description = "End after this time, such as 30s. Default: when it is interrupted.")
    Optional<Duration> duration = Optional.empty();

    @Option(
        names = "--off",
        description =
            "Only end the trace of the process, whoever has asked for it, as"
                + " pg_trace_session_disable does.")
    boolean off;
  }

  @Override
  public Integer call() throws Exception {
    checkOptions();
    TraceProgress progress = new TraceProgress(spec.commandLine());
    ProcessTable processes = ProcessTable.system();
    ServerProcess process =
        new ServerProcesses(segments.find(), processes).find(pid, progress::said);
    try (OutsideTrace trace = new OutsideTrace(process, processes, progress)) {
      return end.off ? off(trace, progress) : UntilSignal.run(() -> on(trace), trace::stop);
    }
  }

  private void checkOptions() {
    if (level < LEVEL_MIN || level > LEVEL_MAX) {
      throw new ParameterException(spec.commandLine(), "--level: 1 to 15, not " + level);
    }
    if (end.duration.isPresent() && end.duration.get().isZero()) {
      throw new ParameterException(spec.commandLine(), "--for: more than 0s");
    }
  }

  private int on(OutsideTrace trace) throws IOException {
    return trace.run(ControlWord.on(level, blocks, planStat), end.duration)
        ? ExitCodes.OK
        : ExitCodes.PROBLEM;
  }

  private int off(OutsideTrace trace, TraceProgress progress) throws IOException {
    boolean wasOn = trace.switchOff();
    progress.said("process " + pid + (wasOn ? " is no longer traced" : " was not being traced"));
    return ExitCodes.OK;
  }
}
