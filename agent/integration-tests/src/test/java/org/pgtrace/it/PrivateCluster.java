package org.pgtrace.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.pgtrace.ring.SegmentReader;

/** What all servers have in common: the folder, the settings, the clients. */
abstract class PrivateCluster implements TracedServer {
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private final Platform platform;
  private final String cluster;
  private final Path folder;
  private final Path ringDirectory;

  PrivateCluster(Platform platform, Map<String, String> settings, Map<String, String> own) {
    this.platform = platform;
    this.cluster = "it" + ProcessHandle.current().pid() + "_" + NUMBER.incrementAndGet();
    this.folder = Scratch.folder("server");
    this.ringDirectory = folder.resolve("rings");
    Commands.run(Commands.asServerUser(List.of("mkdir", ringDirectory.toString())));
    Commands.run(
        Commands.asServerUser(List.of("cp", "-a", template().toString(), data().toString())));
    Map<String, String> all = new LinkedHashMap<>();
    all.put("cluster_name", cluster);
    all.put("unix_socket_directories", folder.toString());
    all.put("shared_preload_libraries", "pg_trace");
    all.put("pg_trace.ring_directory", ringDirectory.toString());
    all.put("pg_trace.rings", "16");
    all.put("shared_buffers", "64MB");
    all.put("max_connections", "40");
    all.put("fsync", "off");
    all.put("full_page_writes", "off");
    all.put("autovacuum", "off");
    all.put("max_parallel_workers_per_gather", "0");
    all.put("jit", "off");
    all.put("timezone", "UTC");
    all.put("lc_messages", "C");
    if (platform.major().number() >= 19) {
      // Or its plans are not those of the other majors.
      all.put("enable_eager_aggregate", "off");
    }
    all.putAll(own);
    all.putAll(settings);
    all.forEach(this::set);
  }

  /** Options of {@code initdb} beyond the folder. */
  static final List<String> INITDB =
      List.of("-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "--no-sync");

  /** A cluster as initdb leaves it, one for all servers of the platform. */
  abstract Path template();

  /** Starts the server's first process; its output goes to {@link #logFile}. */
  abstract void launch() throws IOException;

  abstract boolean isRunning();

  /** Runs a program of the server's version to its end, as the server's user. */
  abstract Commands.Result execute(
      List<String> command, Map<String, String> environment, Path workingFolder);

  /** Path of such a program. */
  abstract String program(String name);

  /** The program's command where the server runs. */
  abstract List<String> pgtrace();

  /** Port that the server itself listens on. */
  abstract int ownPort();

  final Path data() {
    return folder.resolve("data");
  }

  final Path logFile() {
    return folder.resolve("server.log");
  }

  final Path folder() {
    return folder;
  }

  @Override
  public final void set(String setting, String value) {
    try {
      Files.writeString(
          data().resolve("postgresql.conf"),
          "\n" + setting + " = '" + value.replace("'", "''") + "'\n",
          UTF_8,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public final Platform platform() {
    return platform;
  }

  @Override
  public final String cluster() {
    return cluster;
  }

  @Override
  public final Path ringDirectory() {
    return ringDirectory;
  }

  @Override
  public final Path segment() {
    try (var files = Files.list(ringDirectory)) {
      return files
          .filter(PrivateCluster::isServed)
          .findAny()
          .orElseThrow(() -> new IllegalStateException("no segment of a server that runs"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isServed(Path file) {
    try (SegmentReader segment = SegmentReader.open(file, SegmentReader.Access.READ)) {
      return segment.isServerAlive();
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public final String log() {
    try {
      return Files.readString(logFile(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public final void start() {
    try {
      launch();
      Wait.until("the server accepts sessions", this::answers);
      try (Connection connection = connect();
          Statement statement = connection.createStatement()) {
        statement.execute(
            "DO $$BEGIN IF to_regrole('plain') IS NULL THEN CREATE ROLE plain LOGIN; END IF; END$$");
      }
    } catch (IOException | SQLException e) {
      throw new IllegalStateException(log(), e);
    }
  }

  private boolean answers() {
    if (!isRunning()) {
      throw new IllegalStateException("the server has ended:\n" + log());
    }
    return accepts();
  }

  @Override
  public final boolean accepts() {
    try (Connection connection = connect()) {
      return connection.isValid(5);
    } catch (SQLException e) {
      return false;
    }
  }

  @Override
  public final Connection connect(String user, Map<String, String> settings) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", user);
    properties.setProperty("ApplicationName", "it");
    properties.setProperty("options", options(settings));
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:" + port() + "/postgres", properties);
  }

  private static String options(Map<String, String> settings) {
    return settings.entrySet().stream()
        .map(e -> "-c " + e.getKey() + "=" + e.getValue())
        .collect(Collectors.joining(" "));
  }

  @Override
  public final String psql(Path script, Map<String, String> settings) {
    return client(settings, "psql", "-X", "-q", "-d", "postgres", "-f", script.toString());
  }

  @Override
  public final String pgbench(Map<String, String> settings, String... options) {
    List<String> arguments = new ArrayList<>(List.of(options));
    arguments.add("postgres");
    return client(settings, "pgbench", arguments.toArray(String[]::new));
  }

  /** Runs a client program that has to succeed, and gives what it printed. */
  private String client(Map<String, String> settings, String program, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(program(program));
    command.addAll(List.of("-U", "postgres", "-h", folder.toString()));
    command.addAll(List.of("-p", String.valueOf(ownPort())));
    command.addAll(List.of(arguments));
    Commands.Result result =
        execute(
            command,
            Map.of("PGOPTIONS", options(settings), "PGAPPNAME", "it", "LC_ALL", "C"),
            Path.of("/"));
    if (result.status() != 0) {
      throw new IllegalStateException(String.join(" ", command) + ": " + result.output());
    }
    return result.output();
  }

  @Override
  public final Commands.Result pgtrace(String... arguments) {
    List<String> command = new ArrayList<>(pgtrace());
    command.addAll(List.of(arguments));
    return execute(command, Map.of(), Path.of("/"));
  }

  @Override
  public final Commands.Result regress(List<String> tests, Path output) {
    List<String> command = new ArrayList<>();
    command.add(program("pg_regress"));
    command.add("--inputdir=" + Sources.file("pg-extension"));
    command.add("--outputdir=" + output);
    command.add("--bindir=" + Path.of(program("psql")).getParent());
    command.add("--host=" + folder);
    command.add("--port=" + ownPort());
    command.add("--user=postgres");
    command.add("--dbname=contrib_regression");
    command.addAll(tests);
    return execute(command, Map.of(), output);
  }

  @Override
  public final void close() {
    try {
      stop(Stop.FAST);
    } finally {
      Scratch.remove(folder);
    }
  }
}
