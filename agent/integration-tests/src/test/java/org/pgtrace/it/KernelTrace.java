package org.pgtrace.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** What the kernel's own tracepoints say, through bpftrace; as root only. */
final class KernelTrace implements AutoCloseable {
  /** It may not notice the first request to end. */
  private static final int ENDS_MAX = 5;

  private static final int END_S = 10;
  private static final long QUIET_MS = 500;
  private static final Pattern TOLD = Pattern.compile("(\\d+) (.*)");

  private final Tracepoints tracepoints = new Tracepoints();
  private final Path log;
  private final Process process;

  /**
   * Starts to listen, and waits until it does; skips the test where that is not possible.
   *
   * @param probes of bpftrace's language; what they {@link #tell} are the lines
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

  /**
   * A statement of bpftrace's that prints a line. It has its time before it: bpftrace reads the
   * buffers of the processors one after the other.
   *
   * @param values one for each of the format's fields, separated by commas
   */
  static String tell(String format, String values) {
    return "printf(\"%lu "
        + format
        + "\\n\", nsecs"
        + (values.isEmpty() ? "" : ", " + values)
        + ");";
  }

  /**
   * Stops when nothing has come for a while, and gives the lines that match, in order of time; none
   * where bpftrace has lost events.
   */
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
    String text = Trace.text(log);
    if (text.contains("Lost ")) {
      System.out.println("bpftrace has lost events");
      return List.of();
    }
    return text.lines()
        .map(TOLD::matcher)
        .filter(line -> line.matches() && line.group(2).matches(regex))
        .sorted(Comparator.comparingLong(line -> Long.parseLong(line.group(1))))
        .map(line -> line.group(2))
        .toList();
  }

  @Override
  public void close() {
    process.destroyForcibly();
    Commands.await(process, "bpftrace");
    tracepoints.close();
  }
}
