package org.pgtrace.daemon;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.pgtrace.format.TraceForm;
import org.pgtrace.proc.KernelUnits;
import org.pgtrace.proc.ProcessLookup;
import org.pgtrace.proc.ProcessSampler;
import org.pgtrace.proc.Reading;
import org.pgtrace.ring.SlotReader;

/** Opens the samples of sessions' processes, as a daemon's options ask for them. */
final class Sampling implements AutoCloseable {
  private static final Path PROC = Path.of("/proc");

  private final Reading<KernelUnits> units = KernelUnits.read(PROC);
  private final SharedResources.MachinePressure machine =
      SharedResources.MachinePressure.open(PROC);
  private final long intervalMs;

  Sampling(DaemonOptions options) {
    intervalMs = options.form() == TraceForm.FULL ? options.procIntervalMs() : 0;
  }

  /**
   * Samples of the process, if there are to be any; what cannot be seen of it is told to the head
   * of the trace.
   *
   * @param process who has the session, as it is seen here
   */
  Optional<StatementSamples> open(ProcessLookup process, SlotReader slot, SessionFacts facts) {
    if (intervalMs == 0) {
      return Optional.empty();
    }
    if (units instanceof Reading.Value<KernelUnits> known
        && process instanceof ProcessLookup.Found found) {
      StatementSamples samples =
          new StatementSamples(
              slot,
              ProcessSampler.open(PROC, known.value(), found.identity()),
              new SharedResources(PROC, found.identity(), machine),
              new SessionClock(slot),
              intervalMs);
      facts.setNotSampled(samples.missing());
      return Optional.of(samples);
    }
    facts.setNotSampled(List.of("proc: " + reason(process)));
    return Optional.empty();
  }

  @Override
  public void close() {
    machine.close();
  }

  private static String reason(ProcessLookup process) {
    if (process instanceof ProcessLookup.NotPermitted denied) {
      return denied.reason();
    }
    return "the process cannot be seen from here: run the daemon in its container, or on the host";
  }
}
