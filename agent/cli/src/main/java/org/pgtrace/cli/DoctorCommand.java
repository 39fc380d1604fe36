package org.pgtrace.cli;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.pgtrace.daemon.Doctor;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "doctor",
    description = "Checks segments, daemon, folders and permissions, and says what to do.")
final class DoctorCommand implements Callable<Integer> {
  @Spec CommandSpec spec = CommandSpec.create();

  @Mixin SegmentOptions segments = new SegmentOptions();

  @Option(
      names = "--trace-dir",
      paramLabel = "DIR",
      description = "The daemon's trace folder, where no daemon is attached that names it.")
  Optional<Path> traceDirectory = Optional.empty();

  @Override
  public Integer call() {
    Doctor doctor = new Doctor(segments.absoluteSegment(), segments.directories(), traceDirectory);
    doctor.examine().forEach(finding -> spec.commandLine().getOut().println(finding));
    return doctor.isHealthy() ? ExitCodes.OK : ExitCodes.PROBLEM;
  }
}
