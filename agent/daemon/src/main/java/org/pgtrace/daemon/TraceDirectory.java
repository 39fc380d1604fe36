package org.pgtrace.daemon;

import java.nio.file.Files;
import java.nio.file.Path;

/** The folder of trace files where none is named. */
public final class TraceDirectory {
  private static final Path SYSTEM = Path.of("/var/log/pg_trace");
  private static final String LOCAL = "pg_trace";

  private TraceDirectory() {}

  /** The system's, where it exists and can be written; else one in the current folder. */
  public static Path ofDefault() {
    return Files.isDirectory(SYSTEM) && Files.isWritable(SYSTEM)
        ? SYSTEM
        : Path.of(LOCAL).toAbsolutePath();
  }
}
