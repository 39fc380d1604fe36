package org.pgtrace.cli;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.pgtrace.diff.Budgets;
import org.pgtrace.diff.Checks;
import org.pgtrace.diff.Comparison;
import org.pgtrace.diff.JsonReport;
import org.pgtrace.diff.JunitReport;
import org.pgtrace.diff.TextReport;
import org.pgtrace.diff.UnusableInputException;
import org.pgtrace.diff.Workload;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "diff",
    description =
        "Compares two traces of the same work, for CI. Ends with 0 where nothing is worse, with 1"
            + " at a regression, with 2 where that cannot be said.")
final class DiffCommand implements Callable<Integer> {
  @Spec CommandSpec spec = CommandSpec.create();

  @Parameters(
      index = "0",
      paramLabel = "BASE",
      description = "A trace, or a folder with those of all sessions.")
  Path base = Path.of("");

  @Parameters(index = "1", paramLabel = "NEW", description = "The same, of the new run.")
  Path next = Path.of("");

  @Option(
      names = "--fail-on",
      paramLabel = "CHECK",
      split = ",",
      description =
          "What is a regression, in place of statements, plan, rows, executions, errors, reads+10%%"
              + " and temp+10%%; also physical, waits, elapsed, cpu; none: only report.")
  List<String> failOn = new ArrayList<>();

  @Option(
      names = "--budgets",
      paramLabel = "FILE",
      description = "Further rules, for all statements and for some.")
  Optional<Path> budgets = Optional.empty();

  @Option(
      names = "--min-blocks",
      paramLabel = "N",
      defaultValue = "" + Comparison.DEFAULT_MIN_BLOCKS,
      description = "Fewer blocks more or less are no change. Default: ${DEFAULT-VALUE}.")
  long minBlocks;

  @Option(names = "--catalog", description = "Show blocks of the server's own relations too.")
  boolean hasCatalogs;

  @Option(
      names = "--allow-incomplete",
      description = "Judge traces of which a part is missing, too.")
  boolean isIncompleteAllowed;

  @Option(
      names = "--junit-xml",
      paramLabel = "FILE",
      description = "Write a JUnit report, in which each statement is a test.")
  Optional<Path> junitXml = Optional.empty();

  @Option(names = "--json", paramLabel = "FILE", description = "Write all of it as JSON.")
  Optional<Path> json = Optional.empty();

  @Override
  public Integer call() throws Exception {
    Checks checks = checks();
    if (minBlocks < 0) {
      throw new ParameterException(spec.commandLine(), "--min-blocks: 0 or more");
    }
    return compare(checks);
  }

  private Checks checks() {
    try {
      return failOn.isEmpty() ? Checks.defaults() : Checks.of(failOn);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--fail-on: " + e.getMessage(), e);
    }
  }

  private int compare(Checks checks) throws UnusableInputException {
    Budgets rules = budgets.isPresent() ? Budgets.read(budgets.get()) : Budgets.none();
    Comparison.Options options =
        new Comparison.Options(checks, rules, minBlocks, isIncompleteAllowed);
    Comparison comparison = new Comparison(workload(base), workload(next), options);
    TextReport.write(comparison, spec.commandLine().getOut());
    boolean hasJunit = write("--junit-xml", junitXml, file -> JunitReport.write(comparison, file));
    boolean hasJson = write("--json", json, file -> JsonReport.write(comparison, file));
    return hasJunit && hasJson ? exitCode(comparison) : ExitCodes.PROBLEM;
  }

  private Workload workload(Path path) throws UnusableInputException {
    ReadProgress progress = new ReadProgress(spec.commandLine().getErr());
    try {
      return Workload.read(path, hasCatalogs, progress);
    } finally {
      progress.end();
    }
  }

  private interface Report {
    void write(Path file) throws IOException;
  }

  private boolean write(String option, Optional<Path> file, Report report) {
    if (file.isPresent()) {
      try {
        report.write(file.get());
      } catch (IOException e) {
        String reason =
            e instanceof NoSuchFileException
                ? "there is no such folder: " + file.get()
                : e.toString();
        spec.commandLine().getErr().println("pgtrace: " + option + ": " + reason);
        return false;
      }
    }
    return true;
  }

  private static int exitCode(Comparison comparison) {
    return switch (comparison.verdict()) {
      case SAME -> ExitCodes.OK;
      case REGRESSION -> ExitCodes.REGRESSION;
      case INCOMPLETE -> ExitCodes.PROBLEM;
    };
  }
}
