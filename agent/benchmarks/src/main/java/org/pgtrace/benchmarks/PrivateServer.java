package org.pgtrace.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;

/** A cluster of its own, in a scratch folder, that nobody else uses. */
final class PrivateServer implements AutoCloseable {
  private static final long POLL_MS = 20;
  private static final long PATIENCE_NS = 30_000_000_000L;

  private final Path bin;
  private final Path folder;
  private final int port;
  private final Process process;

  private PrivateServer(Path bin, Path folder, int port, Process process) {
    this.bin = bin;
    this.folder = folder;
    this.port = port;
    this.process = process;
  }

  /** Makes a cluster and starts it. The folder must belong to the user that servers run as. */
  static PrivateServer start(Path bin, Path scratch, String name, Map<String, String> settings)
      throws IOException {
    Path folder = scratch.resolve(name);
    Commands.run("mkdir", folder.toString());
    Path data = folder.resolve("data");
    Commands.run(
        bin.resolve("initdb").toString(),
        "-D",
        data.toString(),
        "-A",
        "trust",
        "-U",
        "postgres",
        "-E",
        "UTF8",
        "--locale=C",
        "--no-sync");
    Files.writeString(
        data.resolve("postgresql.conf"), lines(name, folder, settings), StandardOpenOption.APPEND);
    int port = freePort();
    Process process =
        Commands.start(
            Map.of("LC_ALL", "C"),
            List.of(
                bin.resolve("postgres").toString(),
                "-D",
                data.toString(),
                "-p",
                Integer.toString(port)),
            folder.resolve("server.log"));
    PrivateServer server = new PrivateServer(bin, folder, port, process);
    server.awaitStart();
    return server;
  }

  private static String lines(String name, Path folder, Map<String, String> settings) {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("cluster_name", name);
    all.put("listen_addresses", "127.0.0.1");
    all.put("unix_socket_directories", folder.toString());
    all.put("shared_buffers", "256MB");
    all.put("fsync", "off");
    all.put("full_page_writes", "off");
    all.put("autovacuum", "off");
    all.put("max_wal_size", "4GB");
    all.put("max_parallel_workers_per_gather", "0");
    all.put("jit", "off");
    all.putAll(settings);
    return all.entrySet().stream()
        .map(e -> e.getKey() + " = '" + e.getValue().replace("'", "''") + "'\n")
        .collect(Collectors.joining("", "\n", ""));
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private void awaitStart() throws IOException {
    long limit = System.nanoTime() + PATIENCE_NS;
    while (true) {
      try (Connection connection = connect(Map.of())) {
        if (connection.isValid(1)) {
          return;
        }
      } catch (SQLException e) {
        if (!process.isAlive() || System.nanoTime() - limit > 0) {
          String log = Files.readString(folder.resolve("server.log"), UTF_8);
          Commands.terminate(process);
          throw new IOException("the server does not start:\n" + log, e);
        }
        pause(POLL_MS);
      }
    }
  }

  static void pause(long ms) throws IOException {
    try {
      Thread.sleep(ms);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  long pid() {
    return process.pid();
  }

  int port() {
    return port;
  }

  /** A new session; settings as {@code -c name=value}. */
  Connection connect(Map<String, String> settings) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", "postgres");
    properties.setProperty("prepareThreshold", "1");
    properties.setProperty("options", options(settings));
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:" + port + "/postgres", properties);
  }

  static String options(Map<String, String> settings) {
    return settings.entrySet().stream()
        .map(e -> "-c " + e.getKey() + "=" + e.getValue())
        .collect(Collectors.joining(" "));
  }

  /** The command {@code pgbench} for this server. */
  List<String> pgbench() {
    return List.of(
        bin.resolve("pgbench").toString(),
        "-h",
        folder.toString(),
        "-p",
        Integer.toString(port),
        "-U",
        "postgres");
  }

  @Override
  public void close() throws IOException {
    Commands.interrupt(process);
  }
}
