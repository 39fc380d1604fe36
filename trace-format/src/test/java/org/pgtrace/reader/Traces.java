package org.pgtrace.reader;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The traces that the reader is tried on: the project's own, made by hand, and those in the folder
 * that the system property {@code pgtrace.traces} names.
 */
final class Traces {
  private static final Path OWN = Path.of("src/test/resources/traces");
  private static final String FOLDER = System.getProperty("pgtrace.traces", "");

  private Traces() {}

  static List<Path> own() {
    return in(OWN);
  }

  static List<Path> all() {
    return FOLDER.isEmpty()
        ? own()
        : Stream.concat(own().stream(), in(Path.of(FOLDER)).stream()).toList();
  }

  /** Traces that the writer could have made. */
  static List<Path> written() {
    return Stream.of("full.trc", "strict.trc").map(OWN::resolve).toList();
  }

  static byte[] bytes(Path trace) {
    try {
      return Files.readAllBytes(trace);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Path> in(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".trc")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
