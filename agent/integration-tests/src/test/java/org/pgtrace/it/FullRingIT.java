package org.pgtrace.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.pgtrace.it.Trace.Entry;
import org.pgtrace.it.Trace.Kind;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** Rings that are full, all in use, or not to be had. */
@EachPlatform
class FullRingIT {
  private final Platform platform;

  FullRingIT(Platform platform) {
    this.platform = platform;
  }

  private static final int STATEMENTS = 3000;

  /**
   * Of a statement through the extended protocol: PARSE twice, EXEC, FETCH, CLOSE, XCTEND, and what
   * it was charged with.
   */
  private static final int EVENTS_OF_A_STATEMENT = 7;

  private static void work(Connection connection, String onFull) throws SQLException {
    Sql.execute(connection, "SET pg_trace.level = 1");
    Sql.execute(connection, "SET pg_trace.plan_stat = never");
    Sql.execute(connection, "SET pg_trace.on_full = " + onFull);
    Sql.execute(connection, "SET pg_trace.full_timeout = '10s'");
    Sql.trace(connection, "full");
    try (Statement statement = connection.createStatement()) {
      for (int i = 0; i < STATEMENTS; i++) {
        statement.execute("SELECT 1;");
      }
    }
  }

  @Test
  void what_a_full_ring_drops_is_counted_and_seen_and_lost_are_all() throws SQLException {
    TracedServer server = platform.started(Map.of("pg_trace.ring_size", "64kB"));
    try (server;
        TraceDaemon daemon = TraceDaemon.stopped(server)) {
      List<String> status;
      try (Connection connection = server.connect();
          Connection other = server.connect()) {
        Sql.execute(connection, "CREATE EXTENSION pg_trace");
        work(connection, "drop");
        status = Sql.rows(other, "SELECT events, dropped_events FROM pg_trace_status()").get(0);
        daemon.start();
        daemon.awaitAttached(server);
        Wait.until(
            "the ring is empty",
            () -> Sql.value(other, "SELECT ring_fill FROM pg_trace_status()").equals("0"));
        Sql.execute(connection, "SELECT 'after the gap'");
      }
      Trace trace = daemon.ended("full");

      long lost = trace.of(Kind.LOST).stream().mapToLong(e -> e.field("n")).sum();
      assertThat(lost).isGreaterThan(STATEMENTS).isEqualTo(Long.parseLong(status.get(1)));
      long seen =
          eventsOf(trace, "SELECT 1") + trace.of(Kind.XCTEND).size() - eventsAfterTheGap(trace);
      // The text of SELECT 1 is an event too; it came first and was not dropped.
      System.out.printf("%d seen, %d lost%n", seen, lost);
      assertThat(seen + lost).isEqualTo((long) STATEMENTS * EVENTS_OF_A_STATEMENT);
      assertThat(trace.calls("FETCH", "SELECT 'after the gap'")).hasSize(1);
    }
  }

  private static long eventsOf(Trace trace, String text) {
    long n = 0;
    for (String call : List.of("PARSE", "EXEC", "FETCH", "CLOSE")) {
      n += trace.calls(call, text).size();
    }
    n +=
        trace.of(Kind.OS).stream()
            .filter(os -> os.text("src").equals("rusage"))
            .filter(os -> trace.statementOf(os.field("c")).equals(text))
            .count();
    return n;
  }

  /** XCTEND lines that are not SELECT 1's. */
  private static long eventsAfterTheGap(Trace trace) {
    List<Entry> after = new ArrayList<>();
    boolean gap = false;
    for (Entry entry : trace.entries()) {
      gap |= entry.kind() == Kind.LOST;
      if (gap && entry.kind() == Kind.XCTEND) {
        after.add(entry);
      }
    }
    return after.size();
  }

  @Test
  void without_a_daemon_a_session_never_waits() throws SQLException {
    TracedServer server = platform.started(Map.of("pg_trace.ring_size", "64kB"));
    try (server;
        Connection connection = server.connect()) {
      long begin = System.nanoTime();
      work(connection, "wait");
      long ms = (System.nanoTime() - begin) / 1_000_000;
      // Waiting but once would take the 10 s of full_timeout.
      assertThat(ms).isLessThan(8000);
    }
  }

  @Test
  void more_sessions_than_rings_get_an_error_that_says_what_to_do() throws SQLException {
    try (Site site = Site.started(platform, Map.of("pg_trace.rings", "1"));
        Connection first = site.server().connect();
        Connection second = site.server().connect()) {
      Sql.execute(first, "SET pg_trace.enabled = on");
      ServerErrorMessage error = error(second, "SET pg_trace.enabled = on");

      assertThat(error.getMessage()).isEqualTo("all 1 trace rings are in use");
      assertThat(error.getHint()).contains("pg_trace.rings");
      assertThat(Sql.value(second, "SELECT 1")).isEqualTo("1");
    }
  }

  /** A file system of 1 MB: room for the header and one ring of 512 kB, not for two. */
  @Test
  void a_ring_directory_without_room_is_an_error_of_the_session_and_of_nobody_else()
      throws SQLException {
    Assumptions.assumeTrue(Commands.isRoot(), "mount needs root");
    Path folder = Scratch.folder("tiny");
    Commands.Result mounted =
        Commands.execute(
            List.of("mount", "-t", "tmpfs", "-o", "size=1m,mode=1777", "none", folder.toString()),
            Map.of(),
            Path.of("/"));
    Assumptions.assumeTrue(mounted.status() == 0, "mount is not allowed here");
    try (TracedServer server =
            platform.started(
                Map.of(
                    "pg_trace.ring_directory",
                    folder.toString(),
                    "pg_trace.ring_size",
                    "512kB",
                    "pg_trace.rings",
                    "4"));
        Connection first = server.connect();
        Connection second = server.connect()) {
      Sql.execute(first, "SET pg_trace.enabled = on");
      ServerErrorMessage error = error(second, "SET pg_trace.enabled = on");

      assertThat(error.getMessage())
          .contains("524288 bytes", folder.toString(), "No space left on device");
      assertThat(error.getHint()).contains("pg_trace.ring_size", "pg_trace.ring_directory");
      assertThat(Sql.value(second, "SELECT 1")).isEqualTo("1");
      assertThat(Sql.value(first, "SELECT 2")).isEqualTo("2");
    } finally {
      Commands.run(List.of("umount", folder.toString()));
    }
  }

  private static ServerErrorMessage error(Connection connection, String sql) {
    List<ServerErrorMessage> errors = new ArrayList<>();
    assertThatThrownBy(() -> Sql.execute(connection, sql))
        .isInstanceOfSatisfying(
            PSQLException.class,
            e -> {
              ServerErrorMessage message = e.getServerErrorMessage();
              if (message != null) {
                errors.add(message);
              }
            });
    return errors.get(0);
  }
}
