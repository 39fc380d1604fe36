package org.pgtrace.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.pgtrace.convert.StrictConverter;
import org.pgtrace.reader.TraceReader;
import org.pgtrace.report.FileFailure;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "convert",
    description = {
      "Writes a trace in strict form: what an Oracle 19c trace may contain.",
      "Parallel workers get files of their own beside OUT, as Oracle's have."
    })
final class ConvertCommand implements Callable<Integer> {
  @Spec CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "FILE", description = "A trace file of pg_trace.")
  Path file = Path.of("");

  @Option(names = "--strict", required = true, description = "The form to write; the only one.")
  boolean strict;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "OUT",
      description = "Where to write it (default: standard output).")
  Optional<Path> output = Optional.empty();

  @Override
  public Integer call() {
    PrintWriter err = spec.commandLine().getErr();
    try {
      return convert(err);
    } catch (IOException e) {
      return failed(err, e);
    } catch (UncheckedIOException e) {
      return failed(err, Objects.requireNonNull(e.getCause()));
    }
  }

  private int failed(PrintWriter err, IOException cause) {
    err.println("pgtrace: cannot convert " + file + ": " + FileFailure.text(cause));
    return ExitCodes.PROBLEM;
  }

  private int convert(PrintWriter err) throws IOException {
    if (output.isPresent() && Files.exists(output.get()) && Files.isSameFile(file, output.get())) {
      throw new ParameterException(spec.commandLine(), output.get() + " is the trace itself");
    }
    try (StrictFiles files = new StrictFiles(file, output)) {
      StrictConverter converter = new StrictConverter(files);
      ReadProgress progress = new ReadProgress(err);
      TraceReader.read(file, converter, progress);
      progress.end();
      converter.close();
      if (!converter.isOfPgTrace()) {
        err.println(
            "pgtrace: " + file + " is no trace of pg_trace: its second line does not say so");
        return ExitCodes.PROBLEM;
      }
      files.finish();
      if (files.hasUnwrittenWorkers()) {
        err.println("pgtrace: parallel workers' lines are left out: with -o they get files");
      }
      if (converter.damages() > 0) {
        err.println("pgtrace: " + file + ": " + converter.damages() + " damaged places left out");
      }
      return ExitCodes.OK;
    }
  }
}
