package org.pgtrace.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.pgtrace.it.Trace.Entry;
import org.postgresql.PGStatement;

/** Work through pgjdbc, that is through the extended protocol, against golden traces. */
@EachPlatform
class GoldenExtendedIT {
  private static Site site;

  private final Platform platform;

  GoldenExtendedIT(Platform platform) {
    this.platform = platform;
  }

  @BeforeParameterizedClassInvocation
  static void start(Platform platform) {
    site = Site.started(platform);
    site.server().psql(Sources.resource("golden/setup.sql"), Map.of());
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    site.close();
  }

  /** What a session does. */
  private interface Work {
    void run(Connection connection) throws SQLException;
  }

  /** Does the work twice in one session: untraced, then traced. */
  private static Trace traced(String name, int level, Work work) throws SQLException {
    try (Connection connection = site.server().connect()) {
      work.run(connection);
      switchOn(connection, name, level);
      work.run(connection);
    }
    return site.daemon().ended(name);
  }

  /** Does the work once, traced. */
  private static Trace tracedAtOnce(String name, int level, Work work) throws SQLException {
    try (Connection connection = site.server().connect()) {
      switchOn(connection, name, level);
      work.run(connection);
    }
    return site.daemon().ended(name);
  }

  private static void switchOn(Connection connection, String name, int level) throws SQLException {
    execute(connection, "SET pg_trace.tracefile_identifier = '" + name + "'");
    execute(connection, "SET pg_trace.level = " + level);
    execute(connection, "SET pg_trace.enabled = on");
    execute(connection, "SELECT 'begin'");
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static int count(ResultSet rows) throws SQLException {
    int n = 0;
    while (rows.next()) {
      n++;
    }
    return n;
  }

  @Test
  void a_statement_is_parsed_bound_and_executed() throws SQLException {
    Trace trace =
        traced(
            "extended",
            8,
            c -> {
              try (PreparedStatement s = c.prepareStatement("SELECT name FROM emp WHERE id = ?")) {
                s.setInt(1, 42);
                assertThat(count(s.executeQuery())).isEqualTo(1);
              }
              c.setAutoCommit(false);
              try (PreparedStatement s =
                  c.prepareStatement("INSERT INTO scratch VALUES (?, ?) RETURNING id")) {
                s.setInt(1, 1);
                s.setInt(2, 2);
                assertThat(count(s.executeQuery())).isEqualTo(1);
              }
              c.rollback();
              c.setAutoCommit(true);
            });

    Golden.compare(platform, trace, "extended");
  }

  @Test
  void a_portal_is_fetched_in_several_runs() throws SQLException {
    Trace trace =
        traced(
            "portal",
            8,
            c -> {
              c.setAutoCommit(false);
              try (PreparedStatement s = c.prepareStatement("SELECT id FROM dept ORDER BY id")) {
                s.setFetchSize(4);
                assertThat(count(s.executeQuery())).isEqualTo(10);
              }
              c.commit();
              c.setAutoCommit(true);
            });

    Golden.compare(platform, trace, "portal");
    assertThat(trace.calls("FETCH", "SELECT id FROM dept.*").stream().map(e -> e.field("r")))
        .containsExactly(4L, 4L, 2L);
  }

  @Test
  void a_server_prepared_statement_goes_from_custom_plans_to_one_generic_plan()
      throws SQLException {
    Trace trace =
        tracedAtOnce(
            "server_prepared",
            1,
            c -> {
              try (PreparedStatement s = c.prepareStatement("SELECT name FROM emp WHERE id = ?")) {
                s.unwrap(PGStatement.class).setPrepareThreshold(1);
                for (int i = 1; i <= 9; i++) {
                  s.setInt(1, i);
                  assertThat(count(s.executeQuery())).isEqualTo(1);
                }
              }
            });

    Golden.compareCold(platform, trace, "server_prepared");
    List<Entry> parses = trace.calls("PARSE", "SELECT name FROM emp.*");
    // Parse message, five custom plans, the generic plan, and then it is in the cache.
    assertThat(parses.stream().map(e -> e.field("mis")))
        .containsExactly(0L, 1L, 1L, 1L, 1L, 1L, 1L, 0L, 0L, 0L);
  }

  @Test
  void bind_values_of_each_type_are_written() throws SQLException {
    Trace trace = traced("binds", 12, GoldenExtendedIT::bindAll);

    Golden.compare(platform, trace, "binds");
  }

  @Test
  void level_4_has_binds_too() throws SQLException {
    Trace trace = traced("binds_level_4", 4, GoldenExtendedIT::bindAll);

    assertThat(trace.of(Trace.Kind.BINDS)).hasSize(2);
  }

  private static void bindAll(Connection c) throws SQLException {
    try (PreparedStatement s =
        c.prepareStatement(
            "SELECT ?::smallint, ?::int, ?::bigint, ?::numeric, ?::real, ?::double precision,"
                + " ?::text, ?::varchar, ?::char(5), ?::date, ?::timestamp, ?::timestamptz,"
                + " ?::interval, ?::boolean, ?::bytea, ?::uuid, ?::json, ?::int[], ?::oid")) {
      s.setShort(1, (short) -7);
      s.setInt(2, 42);
      s.setLong(3, 1L << 40);
      s.setBigDecimal(4, new BigDecimal("12345.6789"));
      s.setFloat(5, 1.5f);
      s.setDouble(6, 2.25);
      s.setString(7, "it's \"text\" \u00e4\n second line");
      s.setString(8, "");
      s.setObject(9, "abc", Types.CHAR);
      s.setObject(10, java.time.LocalDate.of(2026, 1, 31));
      s.setObject(11, java.time.LocalDateTime.of(2026, 1, 31, 12, 0, 0, 123456000));
      s.setObject(12, java.time.OffsetDateTime.parse("2026-01-31T12:00:00Z"));
      s.setObject(13, new org.postgresql.util.PGInterval("1 day 02:03:04"));
      s.setBoolean(14, true);
      s.setBytes(15, new byte[] {0, 0x54, (byte) 0xaf, (byte) 0xf5});
      s.setObject(16, java.util.UUID.fromString("00000000-0000-0000-0000-000000000001"));
      s.setObject(17, "{\"a\": 1}", Types.OTHER);
      s.setObject(18, c.createArrayOf("int4", new Integer[] {1, 2, 3}));
      s.setObject(19, 99L);
      assertThat(count(s.executeQuery())).isEqualTo(1);
    }
    try (PreparedStatement s =
        c.prepareStatement("SELECT ?::int, ?::text, ?::text, ?::bytea, ?::date")) {
      s.setNull(1, Types.INTEGER);
      s.setNull(2, Types.VARCHAR);
      s.setString(3, "long ".repeat(100));
      s.setBytes(4, "x".repeat(300).getBytes(StandardCharsets.US_ASCII));
      s.setNull(5, Types.DATE);
      assertThat(count(s.executeQuery())).isEqualTo(1);
    }
  }

  @Test
  void errors_of_parse_bind_and_execution_are_told_apart() throws SQLException {
    Trace trace =
        traced(
            "extended_error",
            4,
            c -> {
              fails(c, "SELECT no_such FROM dept WHERE id = ?", "1");
              fails(c, "SELECT name FROM dept WHERE id = ?::int", "not a number");
              fails(c, "SELECT 1 / (id - ?::int) FROM dept", "1");
            });

    Golden.compare(platform, trace, "extended_error");
  }

  @Test
  void an_error_in_the_first_statement_is_traced() throws SQLException {
    try (Connection c = site.server().connect()) {
      execute(c, "SET pg_trace.tracefile_identifier = 'first_error'");
      execute(c, "SET pg_trace.enabled = on");
      assertThatThrownBy(() -> execute(c, "selec 1")).isInstanceOf(SQLException.class);
      execute(c, "SELECT 1");
    }

    assertThat(site.daemon().ended("first_error").of(Trace.Kind.PARSE_ERROR)).hasSize(1);
  }

  private static void fails(Connection c, String sql, String value) throws SQLException {
    try (PreparedStatement s = c.prepareStatement(sql)) {
      s.setObject(1, value, Types.OTHER);
      assertThatThrownBy(s::executeQuery).isInstanceOf(SQLException.class);
    }
  }

  @Test
  void a_batch_has_each_of_its_executions() throws SQLException {
    Trace trace =
        traced(
            "batch",
            1,
            c -> {
              c.setAutoCommit(false);
              try (PreparedStatement s = c.prepareStatement("INSERT INTO scratch VALUES (?, ?)")) {
                for (int i = 1; i <= 3; i++) {
                  s.setInt(1, i);
                  s.setInt(2, i);
                  s.addBatch();
                }
                s.executeBatch();
              }
              c.rollback();
              c.setAutoCommit(true);
            });

    Golden.compare(platform, trace, "batch");
    assertThat(trace.calls("EXEC", "INSERT INTO scratch.*")).hasSize(3);
  }

  @Test
  void a_cancelled_statement_has_its_error() throws Exception {
    try (Connection c = site.server().connect();
        Connection other = site.server().connect()) {
      execute(c, "SET pg_trace.tracefile_identifier = 'pg_cancel'");
      execute(c, "SET pg_trace.enabled = on");
      int pid = c.unwrap(org.postgresql.PGConnection.class).getBackendPID();
      Thread thread = new Thread(() -> sleepUntilCancelled(c));
      thread.start();
      Wait.until("it sleeps", () -> sleeps(other, pid));
      execute(other, "SELECT pg_cancel_backend(" + pid + ")");
      thread.join();
      execute(c, "SELECT 'goes on'");
    }

    Trace trace = site.daemon().ended("pg_cancel");
    Entry fetch = trace.calls("FETCH", "SELECT pg_sleep.*").get(0);
    assertThat(fetch.field("r")).isZero();
    assertThat(trace.of(Trace.Kind.ERRTEXT).get(0).line())
        .contains("57014 canceling statement due to user request");
    assertThat(trace.calls("FETCH", "SELECT 'goes on'")).hasSize(1);
  }

  private static void sleepUntilCancelled(Connection c) {
    assertThatThrownBy(() -> execute(c, "SELECT pg_sleep(60)")).isInstanceOf(SQLException.class);
  }

  private static boolean sleeps(Connection other, int pid) throws SQLException {
    try (Statement s = other.createStatement();
        ResultSet rows =
            s.executeQuery(
                "SELECT wait_event = 'PgSleep' FROM pg_stat_activity WHERE pid = " + pid)) {
      return rows.next() && rows.getBoolean(1);
    }
  }
}
