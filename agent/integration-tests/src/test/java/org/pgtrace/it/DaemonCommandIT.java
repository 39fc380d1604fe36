package org.pgtrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pgtrace.ring.SegmentReader;

/** A server that runs its daemon itself: pg_trace.daemon_command. */
@EachPlatform
class DaemonCommandIT {
  private final Platform platform;

  DaemonCommandIT(Platform platform) {
    this.platform = platform;
  }

  private TracedServer server;
  private Path traces;

  @BeforeEach
  void start() throws SQLException {
    traces = Scratch.folder("traces");
    server = platform.stopped(Map.of());
    server.set("pg_trace.daemon_command", String.join(" ", server.daemonCommand(traces)));
    server.start();
    try (Connection connection = server.connect()) {
      Sql.execute(connection, "CREATE EXTENSION pg_trace");
    }
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private long daemonPid() {
    try (SegmentReader segment = SegmentReader.open(server.segment(), SegmentReader.Access.READ)) {
      return segment.daemonPid();
    } catch (IOException e) {
      return 0;
    }
  }

  private void awaitDaemon() {
    Wait.until("a daemon is attached", () -> daemonPid() != 0 && server.isAlive(daemonPid()));
  }

  private static Optional<Path> file(Path folder, String identifier) throws IOException {
    try (var files = Files.list(folder)) {
      return files
          .filter(f -> f.getFileName().toString().endsWith("_" + identifier + ".trc"))
          .findAny();
    }
  }

  private Trace ended(String identifier) {
    Wait.until(
        identifier + " is written",
        () ->
            file(traces, identifier)
                .map(f -> Trace.text(f).contains("*** SESSION END"))
                .orElse(false));
    try {
      return Trace.read(file(traces, identifier).orElseThrow());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void set_is_all_that_it_takes() throws SQLException {
    awaitDaemon();
    String file;
    try (Connection connection = server.connect()) {
      Sql.trace(connection, "simple");
      Sql.execute(connection, "SELECT 'hello'");
      Wait.until(
          "the session knows its file",
          () -> !Sql.value(connection, "SELECT pg_trace_file()").equals("null"));
      file = Sql.value(connection, "SELECT pg_trace_file()");
    }

    Trace trace = ended("simple");
    assertThat(trace.calls("FETCH", "SELECT 'hello'")).hasSize(1);
    assertThat(file).isEqualTo(trace.file().toString());
  }

  @Test
  void a_daemon_that_is_killed_is_started_again() throws SQLException {
    awaitDaemon();
    long first = daemonPid();
    try (Connection connection = server.connect()) {
      Sql.trace(connection, "restart");
      Sql.execute(connection, "SELECT 'before'");
      server.signal("KILL", first);
      Sql.execute(connection, "SELECT 'between'");
      Wait.until("another daemon", () -> daemonPid() != first && server.isAlive(daemonPid()));
      Sql.execute(connection, "SELECT 'after'");
    }

    Trace trace = ended("restart");
    for (String text : List.of("before", "between", "after")) {
      assertThat(trace.calls("FETCH", "SELECT '" + text + "'")).hasSize(1);
    }
    assertThat(server.log()).contains("was terminated by signal 9");
  }

  @Test
  void the_daemon_ends_with_the_server_and_writes_all_before() throws SQLException {
    awaitDaemon();
    long daemon = daemonPid();
    long postmaster = server.pid();
    Path segment = server.segment();
    try (Connection connection = server.connect()) {
      Sql.trace(connection, "stop");
      Sql.execute(connection, "SELECT 'last'");
      server.stop(TracedServer.Stop.FAST);
    }

    assertThat(server.isAlive(daemon)).isFalse();
    assertThat(server.isAlive(postmaster)).isFalse();
    assertThat(segment).doesNotExist();
    assertThat(ended("stop").calls("FETCH", "SELECT 'last'")).hasSize(1);
  }

  @Test
  void the_daemon_does_not_outlive_a_server_that_is_killed() {
    awaitDaemon();
    long daemon = daemonPid();
    server.crash();

    Wait.until("the daemon has ended", () -> !server.isAlive(daemon));
  }

  @Test
  void a_command_that_does_not_work_is_in_the_log_and_harms_nothing() throws SQLException {
    server.stop(TracedServer.Stop.FAST);
    server.set("pg_trace.daemon_command", "/no/such/program");
    server.start();
    Wait.until("the log says so", () -> server.log().contains("ended with exit code 127"));
    try (Connection connection = server.connect()) {
      assertThat(Sql.value(connection, "SELECT 1")).isEqualTo("1");
    }
  }
}
