package org.pgtrace.it;

import java.nio.file.Files;
import java.nio.file.Path;

/** Files of the repository. */
final class Sources {
  private static final Path HOME =
      Path.of(System.getProperty("pgtrace.home", "../..")).toAbsolutePath().normalize();

  private Sources() {}

  /** A file by its path from the repository's root. */
  static Path file(String path) {
    return HOME.resolve(path);
  }

  /** The program, with all that it needs. */
  static Path archive() {
    Path archive =
        Path.of(System.getProperty("pgtrace.jar", file("agent/cli/target/pgtrace.jar").toString()));
    if (!Files.exists(archive)) {
      throw new IllegalStateException(archive + ": not built");
    }
    return archive;
  }

  /** Scripts and golden files. */
  static Path resource(String path) {
    return file("agent/integration-tests/src/test/resources").resolve(path);
  }
}
