package org.pgtrace.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.pgtrace.profile.Look;
import org.pgtrace.profile.Profile;
import org.pgtrace.profile.ProfileJson;
import org.pgtrace.profile.ProfileText;
import org.pgtrace.profile.SortKey;
import org.pgtrace.reader.Diagnostic;
import org.pgtrace.report.FileFailure;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

@Command(
    name = "profile",
    description = "Shows where the time of traces went: by session and by statement.")
final class ProfileCommand implements Callable<Integer> {
  private static final int TOP = 10;

  @Spec CommandSpec spec = CommandSpec.create();

  @Parameters(
      paramLabel = "FILE",
      arity = "1..*",
      description = "Trace files, of pg_trace or of Oracle, or folders with files *.trc.")
  List<Path> files = List.of();

  @Option(
      names = "--sort",
      paramLabel = "KEY",
      converter = KeyConverter.class,
      description =
          "Order of the statements: elapsed, cpu, calls, rows, disk, query, waits, misses, max."
              + " Default: elapsed.")
  SortKey sort = SortKey.ELAPSED;

  @Option(
      names = "--top",
      paramLabel = "N",
      description = "Show so many statements. Default: 10; with --json all.")
  Optional<Integer> top = Optional.empty();

  @Option(names = "--json", description = "Write JSON, for programs.")
  boolean json;

  /** Reads a key's name. */
  static final class KeyConverter implements ITypeConverter<SortKey> {
    @Override
    public SortKey convert(String text) {
      return Arrays.stream(SortKey.values())
          .filter(key -> key.label().equals(text.toLowerCase(Locale.ROOT)))
          .findFirst()
          .orElseThrow(() -> new TypeConversionException("'" + text + "' is none of " + names()));
    }

    private static String names() {
      return Arrays.stream(SortKey.values()).map(SortKey::label).collect(Collectors.joining(", "));
    }
  }

  @Override
  public Integer call() {
    if (top.isPresent() && top.get() < 0) {
      throw new ParameterException(spec.commandLine(), "--top: 0 or more, not " + top.get());
    }
    PrintWriter err = spec.commandLine().getErr();
    Profile profile;
    ReadProgress progress = new ReadProgress(err);
    try {
      profile = Profile.read(TraceFiles.of(files), progress);
      progress.end();
    } catch (IOException e) {
      progress.end();
      err.println("pgtrace: cannot read " + FileFailure.text(e));
      return ExitCodes.PROBLEM;
    }
    profile.notTraces().forEach(file -> err.println("pgtrace: " + file + " is not a trace"));
    if (!profile.isTrace()) {
      return ExitCodes.PROBLEM;
    }
    tellDamages(profile, err);
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      ProfileJson.print(profile, sort, top.orElse(Integer.MAX_VALUE), out);
    } else {
      ProfileText.print(profile, sort, top.orElse(TOP), look(), out);
    }
    out.flush();
    return ExitCodes.OK;
  }

  private static void tellDamages(Profile profile, PrintWriter err) {
    if (profile.damages() == 0) {
      return;
    }
    err.println("pgtrace: " + profile.damages() + " damages in the input, the first of them:");
    for (Diagnostic damage : profile.firstDamages()) {
      err.println("  " + damage);
    }
  }

  /** Colours only on a terminal, and where NO_COLOR is not set. */
  private static Look look() {
    String charset = System.getProperty("stdout.encoding", Charset.defaultCharset().name());
    return new Look(Ansi.AUTO.enabled(), charset.equalsIgnoreCase(StandardCharsets.UTF_8.name()));
  }
}
