package org.pgtrace.benchmarks;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** CPU time, as the scheduler counts it. */
final class Cpu {
  private Cpu() {}

  /** Time on a CPU of the process' first thread, ns. */
  static long ofProcessNs(long pid) throws IOException {
    String line = Files.readString(Path.of("/proc", Long.toString(pid), "schedstat"), US_ASCII);
    return Long.parseLong(line.substring(0, line.indexOf(' ')));
  }
}
