package org.pgtrace.daemon;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.pgtrace.format.TraceForm;
import org.pgtrace.proc.ProcessLookup;
import org.pgtrace.proc.ProcessTable;
import org.pgtrace.ring.NativeSegment;
import org.pgtrace.ring.NativeSegment.Client;
import org.pgtrace.ring.NativeSegment.Server;
import org.pgtrace.ring.SegmentLayout;

/** Folders, a segment and real processes, for tests of a daemon. */
final class Workplace implements AutoCloseable {
  static final int RING_SIZE = 64 * 1024;
  static final int SLOTS = 4;

  private static final long PATIENCE_NS = 60_000_000_000L;

  final Path rings;
  final Path traces;
  final Process server = sleeper();
  final Process client = sleeper();
  final NativeSegment segment;

  private Optional<Daemon> daemon = Optional.empty();
  private Optional<Thread> thread = Optional.empty();

  Workplace(Path folder) {
    this(folder, RING_SIZE);
  }

  Workplace(Path folder, long ringSize) {
    try {
      rings = Files.createDirectories(folder.resolve("rings"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    traces = folder.resolve("traces");
    segment =
        NativeSegment.create(
            segmentPath(), SLOTS, ringSize, new Server("main", pid(server), ticks(server), ""));
  }

  Path segmentPath() {
    return rings.resolve("pg_trace.main.1");
  }

  /** The session of the client process. */
  Client clientSession(String identifier) {
    return new Client(pid(client), ticks(client), "shop", "anna", "app", identifier);
  }

  Path traceFile(String suffix) {
    return traces.resolve("main_pg_" + pid(client) + suffix + ".trc");
  }

  void startDaemon() {
    startDaemon(options());
  }

  void startDaemon(DaemonOptions options) {
    Daemon started = new Daemon(options);
    Thread runner = new Thread(started::run, "daemon");
    runner.start();
    daemon = Optional.of(started);
    thread = Optional.of(runner);
  }

  void stopDaemon() {
    daemon.ifPresent(Daemon::stop);
    thread.ifPresent(
        runner -> {
          try {
            runner.join();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    daemon = Optional.empty();
    thread = Optional.empty();
  }

  /** Starts a daemon, lets it write what there is, and stops it. */
  void runOnce() {
    runOnce(options());
  }

  void runOnce(DaemonOptions options) {
    startDaemon(options);
    await(() -> segment.header().getInt(SegmentLayout.DAEMON_PID) != 0);
    stopDaemon();
  }

  DaemonOptions options() {
    return options(TraceForm.FULL, 0);
  }

  DaemonOptions options(TraceForm form, long maxFileSize) {
    return new DaemonOptions(
        Optional.empty(),
        List.of(rings),
        traces,
        form,
        maxFileSize,
        0,
        false,
        Optional.empty(),
        "1.0");
  }

  DaemonOptions keeping(Duration keep) {
    return new DaemonOptions(
        Optional.empty(),
        List.of(rings),
        traces,
        TraceForm.FULL,
        0,
        0,
        false,
        Optional.of(keep),
        "1.0");
  }

  List<String> traceFileNames() throws IOException {
    try (Stream<Path> files = Files.list(traces)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  String trace() throws IOException {
    return read(traceFile(""));
  }

  /** What all LOST lines of the first file say together. */
  long eventsLost() throws IOException {
    String label = "*** LOST ";
    return trace()
        .lines()
        .filter(line -> line.startsWith(label))
        .map(line -> line.substring(label.length(), line.indexOf(" EVENTS")))
        .mapToLong(Long::parseLong)
        .sum();
  }

  static String read(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.UTF_8);
  }

  static void await(BooleanSupplier condition) {
    long limit = System.nanoTime() + PATIENCE_NS;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - limit > 0) {
        throw new AssertionError("not within 60 s");
      }
      try {
        Thread.sleep(2);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError(e);
      }
    }
  }

  static void awaitText(Path file, String text) {
    await(
        () -> {
          try {
            return Files.exists(file) && read(file).contains(text);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  static void end(Process process) {
    process.destroyForcibly().onExit().join();
  }

  @Override
  public void close() {
    stopDaemon();
    segment.close();
    end(server);
    end(client);
  }

  static int pid(Process process) {
    return (int) process.pid();
  }

  static long ticks(Process process) {
    return ((ProcessLookup.Found) ProcessTable.system().find(pid(process))).identity().startTicks();
  }

  private static Process sleeper() {
    try {
      return new ProcessBuilder("sleep", "600").start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
