package org.pgtrace.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
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
import org.jspecify.annotations.Nullable;

/** A private cluster of an installed PostgreSQL, in a scratch folder. */
final class InstalledServer implements TracedServer {
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private final Installation installation;
  private final String cluster;
  private final Path folder;
  private final Path data;
  private final Path ringDirectory;
  private final Path log;
  private int port;
  private @Nullable Process process;

  private InstalledServer(Map<String, String> settings) throws IOException {
    installation = Installation.find();
    cluster = "it" + ProcessHandle.current().pid() + "_" + NUMBER.incrementAndGet();
    folder = Scratch.folder("server");
    data = folder.resolve("data");
    ringDirectory = folder.resolve("rings");
    log = folder.resolve("server.log");
    asServer("mkdir", ringDirectory.toString());
    asServer("cp", "-a", template(installation).toString(), data.toString());
    configure(settings);
  }

  /**
   * A new cluster, started.
   *
   * @param settings beyond those that all tests have, which they may change
   */
  static InstalledServer started(Map<String, String> settings) {
    InstalledServer server = stopped(settings);
    server.start();
    return server;
  }

  /** A new cluster that does not run yet. */
  static InstalledServer stopped(Map<String, String> settings) {
    try {
      return new InstalledServer(settings);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One initdb for all clusters. */
  private static synchronized Path template(Installation installation) {
    Path template = Scratch.shared("template");
    if (!Files.exists(template)) {
      asServer(
          installation.program("initdb"),
          "-D",
          template.toString(),
          "-A",
          "trust",
          "-U",
          "postgres",
          "-E",
          "UTF8",
          "--locale=C",
          "--no-sync");
    }
    return template;
  }

  private static void asServer(String... command) {
    Commands.run(Commands.asServerUser(List.of(command)));
  }

  private void configure(Map<String, String> settings) {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("cluster_name", cluster);
    all.put("listen_addresses", "127.0.0.1");
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
    all.putAll(settings);
    for (Map.Entry<String, String> setting : all.entrySet()) {
      set(setting.getKey(), setting.getValue());
    }
  }

  /** Adds a line to postgresql.conf; the last one of a setting is in force. */
  void set(String setting, String value) {
    try {
      Files.writeString(
          data.resolve("postgresql.conf"),
          "\n" + setting + " = '" + value.replace("'", "''") + "'\n",
          UTF_8,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String cluster() {
    return cluster;
  }

  @Override
  public int port() {
    return port;
  }

  @Override
  public Path ringDirectory() {
    return ringDirectory;
  }

  @Override
  public Path segment() {
    return ringDirectory.resolve("pg_trace." + cluster + "." + pid());
  }

  @Override
  public long pid() {
    if (process == null) {
      throw new IllegalStateException("the server does not run");
    }
    return process.pid();
  }

  @Override
  public String log() {
    try {
      return Files.readString(log, UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Installation installation() {
    return installation;
  }

  Path socketDirectory() {
    return folder;
  }

  @Override
  public void start() {
    try {
      port = freePort();
      Process server =
          Commands.start(
              Commands.asServerUser(
                  List.of(
                      installation.program("postgres"),
                      "-D",
                      data.toString(),
                      "-p",
                      String.valueOf(port))),
              Map.of("LC_ALL", "C"),
              folder,
              log);
      process = server;
      Wait.until("the server accepts sessions", () -> answers(server));
      try (Connection connection = connect();
          Statement statement = connection.createStatement()) {
        statement.execute(
            "DO $$BEGIN IF to_regrole('plain') IS NULL THEN CREATE ROLE plain LOGIN; END IF; END$$");
      }
    } catch (IOException | SQLException e) {
      throw new IllegalStateException(log(), e);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private boolean answers(Process server) {
    if (!server.isAlive()) {
      throw new IllegalStateException("the server has ended:\n" + log());
    }
    return accepts();
  }

  /** Whether a session can be had now. */
  boolean accepts() {
    try (Connection connection = connect()) {
      return connection.isValid(5);
    } catch (SQLException e) {
      return false;
    }
  }

  @Override
  public void stop(Stop how) {
    Process server = process;
    process = null;
    if (server != null && server.isAlive()) {
      Commands.signal(how.signal, server.pid());
      Commands.await(server, "server of " + data);
    }
  }

  /** Kills the server's first process, as the kernel does when memory is short. */
  void crash() {
    Process server = process;
    process = null;
    if (server != null) {
      List<ProcessHandle> children = server.children().toList();
      server.destroyForcibly();
      Commands.await(server, "server of " + data);
      Wait.until(
          "no process of the server is left",
          () -> children.stream().noneMatch(ProcessHandle::isAlive));
    }
  }

  @Override
  public Connection connect(String user, Map<String, String> settings) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", user);
    properties.setProperty("ApplicationName", "it");
    properties.setProperty(
        "options",
        settings.entrySet().stream()
            .map(e -> "-c " + e.getKey() + "=" + e.getValue())
            .collect(Collectors.joining(" ")));
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:" + port + "/postgres", properties);
  }

  @Override
  public String psql(Path script, Map<String, String> settings) {
    List<String> command = new ArrayList<>();
    command.add(installation.program("psql"));
    command.addAll(List.of("-X", "-q", "-U", "postgres", "-h", folder.toString()));
    command.addAll(List.of("-p", String.valueOf(port), "-d", "postgres"));
    command.addAll(List.of("-f", script.toString()));
    String options =
        settings.entrySet().stream()
            .map(e -> "-c " + e.getKey() + "=" + e.getValue())
            .collect(Collectors.joining(" "));
    return Commands.run(command, Map.of("PGOPTIONS", options, "PGAPPNAME", "it", "LC_ALL", "C"));
  }

  @Override
  public void close() {
    try {
      stop(Stop.FAST);
    } finally {
      Scratch.remove(folder);
    }
  }
}
