package org.pgtrace.ring;

import java.nio.file.Files;
import java.nio.file.Path;

/** Finds the extension's sources, from whichever module's folder a test runs in. */
public final class Sources {
  private Sources() {}

  /** The folder pg-extension. */
  public static Path extension() {
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      Path extension = at.resolve("pg-extension");
      if (Files.isDirectory(extension)) {
        return extension;
      }
    }
    throw new IllegalStateException("no folder pg-extension above " + Path.of("").toAbsolutePath());
  }
}
