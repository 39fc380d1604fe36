package org.pgtrace.cli;

import java.time.Duration;
import org.pgtrace.diff.UnusableInputException;
import org.pgtrace.ring.RequestRefusedException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The program. */
@Command(
    name = "pgtrace",
    description = "Oracle's event 10046 for PostgreSQL: extended SQL trace files.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    scope = ScopeType.INHERIT,
    subcommands = {
      DaemonCommand.class,
      SessionsCommand.class,
      TraceCommand.class,
      ProfileCommand.class,
      DiffCommand.class,
      ConvertCommand.class,
      DoctorCommand.class
    },
    synopsisSubcommandLabel = "COMMAND")
public final class Main {
  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "Show where an error comes from.")
  boolean verbose;

  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    Main main = new Main();
    return new CommandLine(main)
        .registerConverter(FileSize.class, FileSize::parse)
        .registerConverter(Duration.class, Durations::parse)
        .setExecutionExceptionHandler(
            (e, commandLine, parsed) -> {
              if (main.verbose) {
                e.printStackTrace(commandLine.getErr());
              } else {
                boolean plain =
                    e instanceof RequestRefusedException || e instanceof UnusableInputException;
                commandLine.getErr().println("pgtrace: " + (plain ? e.getMessage() : e));
              }
              return ExitCodes.PROBLEM;
            });
  }
}
