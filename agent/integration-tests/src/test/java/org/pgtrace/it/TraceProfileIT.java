package org.pgtrace.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.pgtrace.it.Trace.Entry;
import org.pgtrace.it.Trace.Kind;

/**
 * {@code pgtrace profile} of real traces: against the trace's own lines, as a reader of another
 * make sees them. The server itself takes the JSON apart.
 */
@EachPlatform
class TraceProfileIT {
  private static final String NESTED =
      "SELECT count(*), sum(looked_up(id)) FROM cold WHERE id < 20";
  private static final String PARALLEL = "SELECT sum(length(pad)) FROM cold WHERE id % 3 = 0";

  private static Site site;
  private static Trace trace;
  private static String json;

  TraceProfileIT(Platform platform) {
    assertThat(site.server().platform()).isSameAs(platform);
  }

  @BeforeParameterizedClassInvocation
  static void start(Platform platform) throws SQLException {
    site = Site.started(platform, Map.of("shared_buffers", "2MB", "pg_trace.ring_size", "16MB"));
    try (Connection connection = site.server().connect()) {
      Sql.execute(
          connection,
          "CREATE TABLE cold AS SELECT n id, repeat('x', 900) pad FROM generate_series(1, 8000) n");
      Sql.execute(connection, "CREATE TABLE small AS SELECT n id FROM generate_series(1, 50) n");
      Sql.execute(
          connection,
          "CREATE FUNCTION looked_up(n int) RETURNS bigint LANGUAGE plpgsql"
              + " AS $$BEGIN RETURN (SELECT count(*) FROM small WHERE id > n); END$$");
      Sql.execute(connection, "VACUUM ANALYZE cold, small");
      Sql.execute(connection, "CHECKPOINT");
    }
    workload();
    trace = site.daemon().ended("profiled");
    List<String> command = new ArrayList<>(TraceDaemon.program());
    command.addAll(List.of("profile", "--json", trace.file().toString()));
    json = Commands.run(command);
  }

  private static void workload() throws SQLException {
    try (Connection connection = site.server().connect()) {
      Sql.execute(connection, "SET min_parallel_table_scan_size = 0");
      Sql.execute(connection, "SET parallel_setup_cost = 0");
      Sql.execute(connection, "SET parallel_tuple_cost = 0");
      Sql.execute(connection, "SET max_parallel_workers_per_gather = 0");
      Sql.execute(connection, "SET pg_trace.blocks = 'all'");
      Sql.trace(connection, "profiled");
      for (int i = 0; i < 3; i++) {
        Sql.rows(connection, NESTED);
      }
      Sql.rows(connection, "SELECT pg_sleep(0.02)");
      Sql.execute(connection, "SET max_parallel_workers_per_gather = 2");
      Sql.rows(connection, PARALLEL);
      Sql.execute(connection, "SET work_mem = '64kB'");
      Sql.rows(
          connection, "SELECT count(*) FROM (SELECT pad FROM cold ORDER BY id DESC OFFSET 0) s");
    }
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    site.close();
  }

  /** A number of the profile, by an SQL expression on {@code p}. */
  private static long number(String expression) throws SQLException {
    String sql = "SELECT (" + expression + ")::numeric::bigint FROM (SELECT ?::jsonb p) s";
    try (Connection connection = site.server().connect();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, json);
      try (ResultSet rows = statement.executeQuery()) {
        assertThat(rows.next()).isTrue();
        return rows.getLong(1);
      }
    }
  }

  private static long total(String field) throws SQLException {
    return number("p->'total'->>'" + field + "'");
  }

  /** The sum over statements whose text begins so. */
  private static long ofStatements(String textBegins, String path) throws SQLException {
    return number(
        "SELECT coalesce(sum((x#>>'{"
            + path
            + "}')::numeric), 0) FROM jsonb_array_elements(p->'statements') x"
            + " WHERE x->>'text' LIKE '"
            + textBegins
            + "%'");
  }

  private static long sum(Predicate<Entry> which, Kind kind, String field) {
    return trace.of(kind).stream().filter(which).mapToLong(entry -> entry.field(field)).sum();
  }

  private static boolean isOfClient(Entry call) {
    return !call.isOfWorker() && call.field("dep") == 0;
  }

  @Test
  void the_response_time_adds_up_to_the_wall_time_of_the_session() throws SQLException {
    Predicate<Entry> ofSession = entry -> entry.field("c") == 0;
    assertThat(total("wall_us")).isEqualTo(sum(ofSession, Kind.SUMMARY, "e"));
    assertThat(total("cpu_us")).isEqualTo(sum(ofSession, Kind.SUMMARY, "cpu"));
    assertThat(total("think_us") + total("response_us")).isEqualTo(total("wall_us"));
    assertThat(total("cpu_us") + total("waits_us") + total("unaccounted_us"))
        .isEqualTo(total("response_us"));
    assertThat(
            number(
                "SELECT sum((w->>'time_us')::bigint) FROM jsonb_array_elements(p->'total'->'waits') w"))
        .isEqualTo(total("waits_us"));
    // Both are cut to microseconds at the end.
    assertThat(total("waits_us") + total("think_us"))
        .isCloseTo(sum(ofSession, Kind.SUMMARY, "waits"), within(2L));
    assertThat(
            number(
                "SELECT sum((w->>'time_us')::bigint) FROM jsonb_array_elements(p->'total'->'waits') w WHERE w->>'name' = 'PL/SQL lock timer'"))
        .isBetween(19_000L, total("waits_us"));
  }

  @Test
  void calls_are_counted_once_however_deep_they_are() throws SQLException {
    long elapsed =
        sum(TraceProfileIT::isOfClient, Kind.CALL, "e")
            + sum(TraceProfileIT::isOfClient, Kind.CLOSE, "e");
    assertThat(total("calls_elapsed_us")).isEqualTo(elapsed);
    assertThat(ofStatements("", "calls,own,elapsed_us")).isEqualTo(elapsed);
    assertThat(ofStatements("", "calls,own,query"))
        .isEqualTo(sum(TraceProfileIT::isOfClient, Kind.CALL, "cr"));
    assertThat(ofStatements("", "calls,own,disk"))
        .isEqualTo(sum(TraceProfileIT::isOfClient, Kind.CALL, "p"));
  }

  @Test
  void a_statement_has_the_figures_of_its_lines() throws SQLException {
    String normal = "SELECT count(*), sum(looked_up(id))";
    List<Entry> fetches = trace.calls("FETCH", Pattern.quote(NESTED));
    assertThat(ofStatements(normal, "executions")).isEqualTo(3);
    assertThat(ofStatements(normal, "calls,fetch,query"))
        .isEqualTo(fetches.stream().mapToLong(fetch -> fetch.field("cr")).sum());
    assertThat(ofStatements(normal, "latency,count")).isEqualTo(3);
    assertThat(ofStatements("(SELECT count(*) FROM small", "executions")).isEqualTo(3 * 19);
    assertThat(
            number(
                "SELECT sum((r->>'executions')::int) FROM jsonb_array_elements(p->'statements') x,"
                    + " jsonb_array_elements(x->'recursive') r WHERE x->>'text' LIKE '"
                    + normal
                    + "%'"))
        .isGreaterThanOrEqualTo(3 * 19);
  }

  @Test
  void blocks_are_those_of_the_wait_and_hit_lines() throws SQLException {
    Predicate<Entry> isRead =
        wait -> wait.text("nam").startsWith("db file s") && wait.text("nam").endsWith("read");
    assertThat(
            number(
                "SELECT sum((o->>'blocks')::int) FROM jsonb_array_elements(p->'statements') x,"
                    + " jsonb_array_elements(x->'objects') o WHERE o->>'name' = 'public.cold'"))
        .isEqualTo(
            sum(isRead.and(wait -> wait.line().contains(" rel='public.cold' ")), Kind.WAIT, "p3"));
    assertThat(total("disk_blocks") + total("cache_blocks"))
        .isEqualTo(
            sum(
                wait -> !wait.isOfWorker() && wait.line().contains(" tier=") && isBlocks(wait),
                Kind.WAIT,
                "p3"));
  }

  private static boolean isBlocks(Entry wait) {
    return List.of("blocks", "block cnt").contains(wait.text("n3"));
  }

  @Test
  void parallel_workers_are_beside_the_session() throws SQLException {
    assertThat(number("p->'total'->'workers'->>'elapsed_us'"))
        .isEqualTo(sum(Entry::isOfWorker, Kind.CALL, "e") + sum(Entry::isOfWorker, Kind.CLOSE, "e"))
        .isPositive();
    assertThat(ofStatements("", "workers,query"))
        .isEqualTo(sum(Entry::isOfWorker, Kind.CALL, "cr"));
  }

  @Test
  void a_plan_s_nodes_share_its_blocks() throws SQLException {
    Entry root = trace.lastPlan(Pattern.quote(PARALLEL)).stream().findFirst().orElseThrow();
    assertThat(
            number(
                "SELECT sum((n->>'self_query')::int) FROM jsonb_array_elements(p->'statements') x,"
                    + " jsonb_array_elements(x->'plans') l, jsonb_array_elements(l->'nodes') n"
                    + " WHERE x->>'text' LIKE 'SELECT sum(length(pad))%'"))
        .isEqualTo(root.field("cr"));
  }
}
