package org.pgtrace.diff;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.pgtrace.reader.ReadListener;

/** Compares traces that are texts. */
final class Traces {
  private final Path folder;
  private Budgets budgets = Budgets.none();
  private long minBlocks = Comparison.DEFAULT_MIN_BLOCKS;
  private boolean hasCatalogs;
  private boolean isIncompleteAllowed;

  Traces(Path folder) {
    this.folder = folder;
  }

  Traces budgets(String... lines) throws UnusableInputException {
    budgets = Budgets.read(write("budgets", String.join("\n", lines)));
    return this;
  }

  Traces minBlocks(long blocks) {
    minBlocks = blocks;
    return this;
  }

  Traces withCatalogs() {
    hasCatalogs = true;
    return this;
  }

  Traces allowIncomplete() {
    isIncompleteAllowed = true;
    return this;
  }

  Path write(String name, String text) {
    Path file = folder.resolve(name);
    try {
      Files.createDirectories(folder);
      return Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Comparison compare(Object base, Object next, String... failOn) throws UnusableInputException {
    return compare(write("base.trc", base.toString()), write("new.trc", next.toString()), failOn);
  }

  Comparison compare(Path base, Path next, String... failOn) throws UnusableInputException {
    Checks checks = failOn.length == 0 ? Checks.defaults() : Checks.of(List.of(failOn));
    return new Comparison(
        Workload.read(base, hasCatalogs, ReadListener.NONE),
        Workload.read(next, hasCatalogs, ReadListener.NONE),
        new Comparison.Options(checks, budgets, minBlocks, isIncompleteAllowed));
  }

  static String text(Comparison comparison) {
    StringWriter text = new StringWriter();
    TextReport.write(comparison, new PrintWriter(text));
    return text.toString();
  }

  /** What failed, in the order of the report. */
  static List<String> failed(Comparison comparison) {
    return findings(comparison, Finding.Outcome.FAILED);
  }

  static List<String> findings(Comparison comparison, Finding.Outcome outcome) {
    return comparison.statements().stream()
        .flatMap(s -> s.findings().stream())
        .filter(f -> f.outcome() == outcome)
        .map(Finding::text)
        .toList();
  }
}
