package org.pgtrace.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** What the kernel's own tracepoints say, through bpftrace; as root only. */
final class KernelTrace implements AutoCloseable {
  /** It may not notice the first request to end. */
  private static final int ENDS_MAX = 5;

  private static final int END_S = 10;
  private static final long QUIET_MS = 500;

  private final Tracepoints tracepoints = new Tracepoints();
  private final Path log;
  private final Process process;

  /**
   * Starts to listen, and waits until it does; skips the test where that is not possible.
   *
   * @param probes of bpftrace's language; what they print are the lines
   */
  KernelTrace(String probes) {
    log = Scratch.folder("bpftrace").resolve("log");
    try {
      process =
          Commands.start(
              List.of(
                  Tracepoints.PROGRAM.toString(),
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
    Commands.await(process, "bpftrace");
    tracepoints.close();
  }
}
