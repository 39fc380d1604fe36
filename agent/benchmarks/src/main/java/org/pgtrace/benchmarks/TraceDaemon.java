package org.pgtrace.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.pgtrace.ring.SegmentReader;

/** The program as users run it, draining the segment of one server. */
final class TraceDaemon implements AutoCloseable {
  private static final long POLL_MS = 20;
  private static final long PATIENCE_NS = 30_000_000_000L;

  private final Process process;

  private TraceDaemon(Process process) {
    this.process = process;
  }

  /** Starts the daemon, and returns when it has attached. */
  static TraceDaemon start(Path archive, Path scratch, Path ringDirectory) throws IOException {
    Path log = scratch.resolve("daemon.log");
    // A copy: the server's user may not be allowed to read the original.
    Path copy = scratch.resolve("pgtrace.jar");
    Files.copy(archive, copy);
    Process process =
        Commands.start(
            Map.of(),
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Djna.tmpdir=" + scratch,
                "-jar",
                copy.toString(),
                "daemon",
                "--ring-directory",
                ringDirectory.toString(),
                "--trace-dir",
                scratch.resolve("trace").toString()),
            log);
    TraceDaemon daemon = new TraceDaemon(process);
    long limit = System.nanoTime() + PATIENCE_NS;
    while (!isAttached(ringDirectory)) {
      if (!process.isAlive() || System.nanoTime() - limit > 0) {
        daemon.close();
        throw new IOException("the daemon does not attach:\n" + Files.readString(log, UTF_8));
      }
      PrivateServer.pause(POLL_MS);
    }
    return daemon;
  }

  private static boolean isAttached(Path ringDirectory) throws IOException {
    try (Stream<Path> files = Files.list(ringDirectory)) {
      for (Path file : files.toList()) {
        try (SegmentReader segment = SegmentReader.open(file, SegmentReader.Access.READ)) {
          return segment.daemonPid() != 0;
        }
      }
    }
    return false;
  }

  /** CPU that it has used up to now, its start included. */
  Duration cpu() {
    return process.info().totalCpuDuration().orElse(Duration.ZERO);
  }

  @Override
  public void close() throws IOException {
    Commands.terminate(process);
  }
}
