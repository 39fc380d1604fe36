package org.pgtrace.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.pgtrace.ring.SegmentReader;

/** The program as a child process, draining the segments of one folder. */
final class TraceDaemon implements AutoCloseable {
  private final Path ringDirectory;
  private final Path traceDirectory;
  private final List<String> options;
  private final Path log;
  private UnaryOperator<List<String>> user = Commands::asServerUser;
  private Map<String, String> environment = Map.of();
  private @Nullable Process process;

  private TraceDaemon(Path ringDirectory, List<String> options) {
    Path folder = Scratch.folder("daemon");
    this.ringDirectory = ringDirectory;
    this.traceDirectory = folder.resolve("trace");
    this.options = options;
    this.log = folder.resolve("daemon.log");
  }

  /** Starts a daemon and waits until it has attached to the server. */
  static TraceDaemon attached(TracedServer server, String... options) {
    TraceDaemon daemon = new TraceDaemon(server.ringDirectory(), List.of(options));
    daemon.start();
    daemon.awaitAttached(server);
    return daemon;
  }

  /** The same, as root, without those of its privileges that are named. */
  static TraceDaemon attachedAsRoot(TracedServer server, String without, String... options) {
    TraceDaemon daemon = new TraceDaemon(server.ringDirectory(), List.of(options));
    daemon.user = command -> Commands.asRoot(without, command);
    daemon.start();
    daemon.awaitAttached(server);
    return daemon;
  }

  /** As root, with variables of its environment set. */
  static TraceDaemon attachedAsRootWith(
      TracedServer server, Map<String, String> environment, String... options) {
    TraceDaemon daemon = new TraceDaemon(server.ringDirectory(), List.of(options));
    daemon.user = UnaryOperator.identity();
    daemon.environment = environment;
    daemon.start();
    daemon.awaitAttached(server);
    return daemon;
  }

  /** A daemon that does not run yet. */
  static TraceDaemon stopped(TracedServer server, String... options) {
    return new TraceDaemon(server.ringDirectory(), List.of(options));
  }

  /** A daemon for all servers of a folder, that does not run yet. */
  static TraceDaemon over(Path ringDirectory) {
    return new TraceDaemon(ringDirectory, List.of());
  }

  /** The program's command on this machine. */
  static List<String> program() {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:+UseSerialGC",
        "-Xshare:auto",
        "-jar",
        Scratch.archive().toString());
  }

  /** The command line of a daemon, as a server would run it. */
  static List<String> command(Path ringDirectory, Path traceDirectory) {
    List<String> command = new ArrayList<>(program());
    command.addAll(
        List.of(
            "daemon",
            "--ring-directory",
            ringDirectory.toString(),
            "--trace-dir",
            traceDirectory.toString()));
    return command;
  }

  void start() {
    List<String> command = new ArrayList<>(command(ringDirectory, traceDirectory));
    command.addAll(options);
    try {
      process = Commands.start(user.apply(command), environment, Path.of("/"), log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void awaitAttached(TracedServer server) {
    long pid = pid();
    Wait.until(
        "the daemon has attached: " + log(),
        () -> {
          try (SegmentReader segment =
              SegmentReader.open(server.segment(), SegmentReader.Access.READ)) {
            return segment.daemonPid() == pid;
          }
        });
  }

  long pid() {
    return running().pid();
  }

  boolean isAlive() {
    Process daemon = process;
    return daemon != null && daemon.isAlive();
  }

  Path traceDirectory() {
    return traceDirectory;
  }

  /** What the daemon has printed. */
  String log() {
    try {
      return Files.exists(log) ? Files.readString(log, UTF_8) : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** SIGTERM; gives the exit code. */
  int terminate() {
    Process daemon = running();
    process = null;
    daemon.destroy();
    return Commands.await(daemon, "daemon");
  }

  /** SIGKILL. */
  void kill() {
    Process daemon = running();
    process = null;
    daemon.destroyForcibly();
    Commands.await(daemon, "daemon");
  }

  private Process running() {
    Process daemon = process;
    if (daemon == null) {
      throw new IllegalStateException("the daemon does not run");
    }
    return daemon;
  }

  /** The files written up to now, by name. */
  List<Path> files() {
    if (!Files.isDirectory(traceDirectory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(traceDirectory)) {
      return files.filter(f -> f.toString().endsWith(".trc")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The file of the session with that identifier, when its process has ended. */
  Trace ended(String identifier) {
    return until(identifier, "\n*** SESSION END:(process ");
  }

  /** The same of a session that goes on, when tracing was switched off for the first time. */
  Trace switchedOff(String identifier) {
    return until(identifier, "\n*** SESSION END:(tracing disabled)");
  }

  /** As {@link #ended}, of a process that has no identifier. */
  Trace ended(long pid) {
    return until(fileOf(pid), "\n*** SESSION END:(process ");
  }

  /** As {@link #switchedOff}, of a process that has no identifier. */
  Trace switchedOff(long pid) {
    return until(fileOf(pid), "\n*** SESSION END:(tracing disabled)");
  }

  /** As {@link #ended}, of several sessions with the same identifier. */
  List<Trace> ended(String identifier, int sessions) {
    String end = "_" + identifier + ".trc";
    Wait.until(
        sessions + " traces of " + identifier + " are whole",
        () ->
            find(end).stream()
                    .filter(file -> Trace.text(file).contains("\n*** SESSION END:(process "))
                    .count()
                == sessions);
    return find(end).stream().map(Trace::read).toList();
  }

  private Trace until(String identifier, String end) {
    return until(fileOf(identifier), end);
  }

  private static Trace until(Path file, String end) {
    Wait.until(file + " is whole", () -> Trace.text(file).contains(end));
    return Trace.read(file);
  }

  /** The only file whose name ends with the identifier; waits for it. */
  Path fileOf(String identifier) {
    return fileEndingWith("_" + identifier + ".trc");
  }

  /** The file of a process that has no identifier; waits for it. */
  Path fileOf(long pid) {
    return fileEndingWith("_pg_" + pid + ".trc");
  }

  private Path fileEndingWith(String end) {
    Wait.until("a trace file ..." + end + "; log:\n" + log(), () -> !find(end).isEmpty());
    List<Path> found = find(end);
    if (found.size() != 1) {
      throw new AssertionError("not one file: " + found);
    }
    return found.get(0);
  }

  private List<Path> find(String end) {
    return files().stream().filter(f -> f.getFileName().toString().endsWith(end)).toList();
  }

  @Override
  public void close() {
    if (process != null) {
      Process daemon = running();
      process = null;
      daemon.destroy();
      Commands.await(daemon, "daemon");
    }
  }
}
