package org.pgtrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pgtrace.it.Trace.Entry;
import org.pgtrace.it.Trace.Kind;

/** What is left of a trace when one of its writers is killed, starts late or comes back. */
@EachPlatform
class RobustnessIT {
  private final Platform platform;

  RobustnessIT(Platform platform) {
    this.platform = platform;
  }

  private static final int KILLS_MAX = 10;

  private TracedServer server;
  private TraceDaemon daemon;

  @BeforeEach
  void start() throws SQLException {
    server = platform.started(Map.of("pg_trace.ring_size", "2MB"));
    daemon = TraceDaemon.stopped(server);
    try (Connection connection = server.connect()) {
      Sql.execute(connection, "CREATE EXTENSION pg_trace");
    }
  }

  @AfterEach
  void stop() {
    new Site(server, daemon).close();
  }

  private void startDaemon() {
    daemon.start();
    daemon.awaitAttached(server);
  }

  /** Calls and no plans; nothing is dropped as long as the daemon is away for less than 10 s. */
  private static void traceCalls(Connection connection, String identifier) throws SQLException {
    Sql.execute(connection, "SET pg_trace.level = 1");
    Sql.execute(connection, "SET pg_trace.plan_stat = never");
    Sql.execute(connection, "SET pg_trace.full_timeout = '10s'");
    Sql.trace(connection, identifier);
  }

  /** Numbers of the statements {@code SELECT 1 /* n *}{@code /} that were executed. */
  private static List<Integer> numbers(Trace trace) {
    Pattern number = Pattern.compile("SELECT 1 /\\* (\\d+) \\*/");
    Map<Long, Integer> texts = new java.util.HashMap<>();
    List<Integer> numbers = new java.util.ArrayList<>();
    for (Entry entry : trace.entries()) {
      if (entry.kind() == Kind.PARSING) {
        Matcher matcher = number.matcher(entry.statement());
        if (matcher.matches()) {
          texts.put(entry.field("c"), Integer.parseInt(matcher.group(1)));
        } else {
          texts.remove(entry.field("c"));
        }
      } else if (entry.kind() == Kind.CALL && entry.text("call").equals("FETCH")) {
        Integer n = texts.get(entry.field("c"));
        if (n != null) {
          numbers.add(n);
        }
      }
    }
    return numbers;
  }

  private static List<Integer> upTo(int n) {
    return java.util.stream.IntStream.rangeClosed(1, n).boxed().toList();
  }

  private static void runNumbered(Statement statement, int from, int to) throws SQLException {
    for (int i = from; i <= to; i++) {
      statement.execute("SELECT 1 /* " + i + " */");
    }
  }

  @Test
  void each_statement_is_written_once_when_the_daemon_is_killed_again_and_again() throws Exception {
    int count = 100_000;
    startDaemon();
    CompletableFuture<Void> work = CompletableFuture.runAsync(() -> runPaced("killed", count));
    Random random = new Random(42);
    int kills = 0;
    while (!work.isDone() && kills < KILLS_MAX) {
      Wait.sleep(100 + random.nextInt(700));
      if (!work.isDone()) {
        daemon.kill();
        kills++;
        startDaemon();
      }
    }
    work.get();

    Trace trace = daemon.ended("killed");
    System.out.printf("the daemon was killed %d times%n", kills);
    assertThat(kills).isGreaterThanOrEqualTo(2);
    assertThat(trace.of(Kind.LOST)).isEmpty();
    assertThat(numbers(trace)).isEqualTo(upTo(count));
  }

  /**
   * Numbered statements, ten in a message. Goes on while the daemon is dead, but stops before the
   * ring is full: sessions do not wait for a daemon that is away for long, and drop.
   */
  private void runPaced(String identifier, int count) {
    try (Connection connection = server.connect();
        Connection other = server.connect();
        Statement statement = connection.createStatement()) {
      traceCalls(connection, identifier);
      Sql.execute(connection, "SELECT 'begin'");
      for (int i = 1; i <= count; i += 10) {
        if (i % 200 == 1) {
          awaitRoom(other);
        }
        StringBuilder sql = new StringBuilder();
        for (int j = i; j < i + 10; j++) {
          sql.append("SELECT 1 /* ").append(j).append(" */;");
        }
        statement.execute(sql.toString());
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void awaitRoom(Connection other) throws SQLException {
    String isFull = "SELECT coalesce(max(ring_fill), 0) > 0.5 FROM pg_trace_status()";
    while (Sql.value(other, isFull).equals("t")) {
      Wait.sleep(5);
    }
  }

  @Test
  void what_a_killed_backend_had_written_is_in_its_file_and_the_server_comes_back()
      throws Exception {
    startDaemon();
    try (Connection connection = server.connect();
        Statement statement = connection.createStatement()) {
      traceCalls(connection, "backend");
      runNumbered(statement, 1, 500);
      server.signal("KILL", Sql.pid(connection));
    }
    Trace trace = daemon.ended("backend");
    assertThat(numbers(trace)).isEqualTo(upTo(500));
    assertThat(trace.entries().get(trace.entries().size() - 1).line())
        .contains("SESSION END:(process died)");

    // The server restarts its processes; the daemon goes on with the same segment.
    Wait.until("the server is back", server::accepts);
    try (Connection connection = server.connect();
        Statement statement = connection.createStatement()) {
      traceCalls(connection, "after");
      runNumbered(statement, 1, 5);
    }
    assertThat(numbers(daemon.ended("after"))).isEqualTo(upTo(5));
    assertThat(daemon.isAlive()).isTrue();
  }

  @Test
  void an_immediate_stop_and_a_crash_lose_nothing_that_was_written() throws Exception {
    startDaemon();
    try (Connection connection = server.connect();
        Statement statement = connection.createStatement()) {
      traceCalls(connection, "immediate");
      runNumbered(statement, 1, 300);
      server.stop(TracedServer.Stop.IMMEDIATE);
    }
    assertThat(numbers(daemon.ended("immediate"))).isEqualTo(upTo(300));

    // The daemon takes up the server that comes after, and its crash too.
    server.start();
    daemon.awaitAttached(server);
    try (Connection connection = server.connect();
        Statement statement = connection.createStatement()) {
      traceCalls(connection, "crash");
      runNumbered(statement, 1, 300);
      server.crash();
    }
    assertThat(numbers(daemon.ended("crash"))).isEqualTo(upTo(300));
    Wait.until("segments of dead servers are removed", () -> segments().isEmpty());
  }

  private List<Path> segments() throws IOException {
    try (var files = Files.list(server.ringDirectory())) {
      return files.toList();
    }
  }

  @Test
  void a_server_that_is_restarted_is_taken_up_again() throws Exception {
    startDaemon();
    for (String identifier : List.of("run1", "run2")) {
      try (Connection connection = server.connect();
          Statement statement = connection.createStatement()) {
        traceCalls(connection, identifier);
        runNumbered(statement, 1, 20);
      }
      server.stop(TracedServer.Stop.FAST);
      server.start();
      daemon.awaitAttached(server);
    }
    assertThat(numbers(daemon.ended("run1"))).isEqualTo(upTo(20));
    assertThat(numbers(daemon.ended("run2"))).isEqualTo(upTo(20));
  }

  @Test
  void a_daemon_that_starts_late_writes_what_was_kept_for_it() throws Exception {
    try (Connection connection = server.connect();
        Statement statement = connection.createStatement()) {
      traceCalls(connection, "late");
      runNumbered(statement, 1, 50);
      startDaemon();
      runNumbered(statement, 51, 100);
    }
    try (Connection connection = server.connect();
        Statement statement = connection.createStatement()) {
      traceCalls(connection, "new_session");
      runNumbered(statement, 1, 3);
    }

    assertThat(numbers(daemon.ended("late"))).isEqualTo(upTo(100));
    assertThat(numbers(daemon.ended("new_session"))).isEqualTo(upTo(3));
  }

  @Test
  void sessions_that_ended_before_the_daemon_came_are_written() throws Exception {
    try (Connection connection = server.connect();
        Statement statement = connection.createStatement()) {
      traceCalls(connection, "before");
      runNumbered(statement, 1, 50);
    }
    startDaemon();
    assertThat(numbers(daemon.ended("before"))).isEqualTo(upTo(50));
  }

  /** In a container both servers are process 1. */
  @Test
  void runs_of_a_server_wait_beside_each_other_for_a_daemon() throws Exception {
    List<String> runs = List.of("first_run", "second_run", "third_run");
    for (String run : runs) {
      try (Connection connection = server.connect();
          Statement statement = connection.createStatement()) {
        traceCalls(connection, run);
        runNumbered(statement, 1, 50);
        server.crash();
      }
      server.start();
    }
    startDaemon();
    for (String run : runs) {
      assertThat(numbers(daemon.ended(run))).isEqualTo(upTo(50));
    }
    Wait.until("the segments of the dead runs are removed", () -> segments().size() == 1);
  }

  @Test
  void switching_on_without_a_daemon_warns_and_says_what_to_do() throws Exception {
    try (Connection connection = server.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("SET pg_trace.enabled = on");

      assertThat(statement.getWarnings().getMessage()).contains("no pg_trace daemon is attached");
    }
  }

  @Test
  void sigterm_writes_what_is_in_the_rings_and_ends_with_0() throws Exception {
    startDaemon();
    try (Connection connection = server.connect();
        Statement statement = connection.createStatement()) {
      traceCalls(connection, "sigterm");
      // They fit into the ring, wherever the machine stops the daemon.
      runNumbered(statement, 1, 2000);
      assertThat(daemon.terminate()).isZero();
      Trace trace = Trace.read(daemon.fileOf("sigterm"));
      assertThat(numbers(trace)).isEqualTo(upTo(2000));
      // Another daemon goes on in the same file.
      startDaemon();
      runNumbered(statement, 2001, 2010);
    }
    assertThat(numbers(daemon.ended("sigterm"))).isEqualTo(upTo(2010));
  }

  @Test
  void a_second_daemon_waits_for_the_first_one() throws Exception {
    startDaemon();
    try (TraceDaemon second = TraceDaemon.stopped(server)) {
      second.start();
      Wait.until("it says so", () -> second.log().contains("drained by another daemon"));
      daemon.kill();
      second.awaitAttached(server);
      try (Connection connection = server.connect()) {
        traceCalls(connection, "second");
        Sql.execute(connection, "SELECT 1 /* 1 */");
      }
      assertThat(numbers(second.ended("second"))).isEqualTo(upTo(1));
    }
  }
}
