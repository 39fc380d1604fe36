package org.pgtrace.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** What the kernel's own tracepoints say, through bpftrace; as root only. */
final class KernelTrace implements AutoCloseable {
  private static final Path PROGRAM = Path.of("/usr/bin/bpftrace");
  private static final Path MOUNT = Path.of("/sys/kernel/debug");

  /** It may not notice the first request to end. */
  private static final int ENDS_MAX = 5;

  private static final int END_S = 10;
  private static final long QUIET_MS = 500;

  private final Path log;
  private final Process process;
  private final boolean mounted;

  /**
   * Starts to listen, and waits until it does; skips the test where that is not possible.
   *
   * @param probes of bpftrace's language; what they print are the lines
   */
  KernelTrace(String probes) {
    assumeAvailable();
    mounted = !Files.isDirectory(MOUNT.resolve("tracing/events")) && mount();
    Assumptions.assumeTrue(
        Files.isDirectory(MOUNT.resolve("tracing/events/syscalls")), "no tracepoints here");
    log = Scratch.folder("bpftrace").resolve("log");
    try {
      process =
          Commands.start(
              List.of(
                  PROGRAM.toString(),
                  "-q",
                  "-B",
                  "line",
                  "-e",
                  "BEGIN { printf(\"begin\\n\"); } " + probes),
              Map.of(),
              Path.of("/"),
              log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Wait.until("bpftrace listens", () -> Trace.text(log).contains("begin\n"));
  }

  /** Skips the test where there is no bpftrace, or we may not run it. */
  static void assumeAvailable() {
    Assumptions.assumeTrue(
        Commands.isRoot() && Files.isExecutable(PROGRAM), "no bpftrace, or not root");
  }

  private static boolean mount() {
    return Commands.execute(
                List.of("mount", "-t", "debugfs", "none", MOUNT.toString()), Map.of(), Path.of("/"))
            .status()
        == 0;
  }

  /** Stops when nothing has come for a while, and gives the lines that match. */
  List<String> lines(String regex) {
    int length = -1;
    while (length < (length = Trace.text(log).length())) {
      Wait.sleep(QUIET_MS);
    }
    for (int i = 0; i < ENDS_MAX && process.isAlive(); i++) {
      Commands.signal("INT", process.pid());
      try {
        process.waitFor(END_S, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }
    Commands.await(process, "bpftrace");
    return Trace.text(log).lines().filter(line -> line.matches(regex)).toList();
  }

  @Override
  public void close() {
    process.destroyForcibly();
    if (mounted) {
      Commands.await(process, "bpftrace");
      Commands.execute(List.of("umount", MOUNT.toString()), Map.of(), Path.of("/"));
    }
  }
}
