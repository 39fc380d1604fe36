package org.pgtrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgtrace.it.Trace.Entry;

/** What pg_stat_statements and auto_explain count and show, with pg_trace before and after them. */
@EachPlatform
class StatStatementsIT {
  private final Platform platform;

  StatStatementsIT(Platform platform) {
    this.platform = platform;
  }

  private static final int EXECUTIONS = 1000;

  /** With hundredths since 18. */
  private static final Pattern ROWS_LOGGED = Pattern.compile("\"Actual Rows\": 100(\\.00)?,");

  /** Both are called one inside the other, and the outer one's clock runs on. */
  private static final double TIME_TOLERANCE = 0.02;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "pg_stat_statements,auto_explain,pg_trace",
        "pg_trace,auto_explain,pg_stat_statements"
      })
  void the_sums_of_a_trace_are_those_of_pg_stat_statements(String libraries) throws Exception {
    try (Site site =
        Site.started(
            platform,
            Map.of(
                "shared_preload_libraries",
                libraries,
                "pg_stat_statements.track",
                "top",
                "auto_explain.log_analyze",
                "on",
                "auto_explain.log_format",
                "json"))) {
      site.server().psql(Sources.resource("crosscheck/setup.sql"), Map.of());
      try (Connection connection = site.server().connect()) {
        Sql.execute(connection, "CREATE EXTENSION pg_stat_statements");
        runAll(connection);
        Undisturbed.once(
            run -> summed(site, connection, "sums" + run),
            elapsed -> {
              double part = (elapsed.ours - elapsed.theirs) / elapsed.theirs;
              System.out.printf(
                  "%s: pg_stat_statements %.3f ms, trace %.3f ms, difference %.2f %%%n",
                  libraries, elapsed.theirs, elapsed.ours, 100 * part);
              assertThat(Math.abs(part)).isLessThan(TIME_TOLERANCE);
            });
        autoExplainLogs(connection, site.server());
        explainAnalyzeWorks(connection);
      }
    }
  }

  /** Of the same executions, milliseconds. */
  private record Elapsed(double theirs, double ours) {}

  private static Elapsed summed(Site site, Connection connection, String identifier)
      throws SQLException {
    Sql.execute(connection, "SELECT pg_stat_statements_reset()");
    Sql.trace(connection, identifier);
    runAll(connection);
    Sql.execute(connection, "SET pg_trace.enabled = off");
    List<String> counted = statistics(connection, "SELECT sum(val)%");
    List<String> changed = statistics(connection, "UPDATE %");
    Trace trace = site.daemon().switchedOff(identifier);
    assertThat(sums(trace, "SELECT sum.val.*")).isEqualTo(counted.subList(1, 4));
    assertThat(sums(trace, "UPDATE .*")).isEqualTo(changed.subList(1, 4));
    return new Elapsed(Double.parseDouble(counted.get(0)), elapsedMs(trace, "SELECT sum.val.*"));
  }

  private static void runAll(Connection connection) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT sum(val) FROM big WHERE id <= ?")) {
      for (int i = 0; i < EXECUTIONS; i++) {
        statement.setInt(1, 6000 + i);
        statement.executeQuery().close();
      }
    }
    try (PreparedStatement statement =
        connection.prepareStatement("UPDATE big SET pad = pad WHERE id = ?")) {
      for (int i = 1; i <= 20; i++) {
        statement.setInt(1, i);
        statement.executeUpdate();
      }
    }
  }

  /** Time, rows, blocks hit or read, blocks dirtied. */
  private static List<String> statistics(Connection connection, String query) throws SQLException {
    return Sql.rows(
            connection,
            "SELECT sum(total_exec_time), sum(rows), sum(shared_blks_hit + shared_blks_read),"
                + " sum(shared_blks_dirtied) FROM pg_stat_statements WHERE query LIKE '"
                + query
                + "'")
        .get(0);
  }

  private static List<String> sums(Trace trace, String text) {
    long rows = 0;
    long gets = 0;
    long dirtied = 0;
    for (String call : List.of("EXEC", "FETCH")) {
      for (Entry entry : trace.calls(call, text)) {
        rows += entry.field("r");
        gets += entry.field("cr");
        dirtied += entry.field("cu");
      }
    }
    return List.of(String.valueOf(rows), String.valueOf(gets), String.valueOf(dirtied));
  }

  /** pg_stat_statements times the executor's runs, not its start. */
  private static double elapsedMs(Trace trace, String text) {
    return trace.calls("FETCH", text).stream().mapToLong(e -> e.field("e")).sum() / 1000.0;
  }

  private static void autoExplainLogs(Connection connection, TracedServer server)
      throws SQLException {
    Sql.trace(connection, "auto_explain");
    Sql.execute(connection, "SET auto_explain.log_min_duration = 0");
    Sql.execute(connection, "SELECT count(*) /* explained */ FROM small");
    Sql.execute(connection, "SET auto_explain.log_min_duration = -1");
    Sql.execute(connection, "SET pg_trace.enabled = off");
    Wait.until(
        "auto_explain logs the rows",
        () ->
            server.log().contains("\"Query Text\": \"SELECT count(*) /* explained */ FROM small\"")
                && ROWS_LOGGED.matcher(server.log()).find());
  }

  private static void explainAnalyzeWorks(Connection connection) throws SQLException {
    Sql.execute(connection, "SET pg_trace.enabled = on");
    List<List<String>> lines =
        Sql.rows(connection, "EXPLAIN (ANALYZE, BUFFERS) SELECT count(*) FROM small");
    assertThat(lines.toString())
        .containsPattern("rows=100(\\.00)? loops=1")
        .contains("Execution Time");
    Sql.execute(connection, "SET pg_trace.enabled = off");
  }
}
