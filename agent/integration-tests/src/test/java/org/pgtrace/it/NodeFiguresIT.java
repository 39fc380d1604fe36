package org.pgtrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgtrace.it.Trace.Entry;

/** Rows, loops and buffers of each plan node are those of EXPLAIN (ANALYZE, BUFFERS). */
@EachPlatform
class NodeFiguresIT {
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private static Site site;

  NodeFiguresIT(Platform platform) {
    assertThat(site.server().platform()).isSameAs(platform);
  }

  @BeforeParameterizedClassInvocation
  static void start(Platform platform) {
    site = Site.started(platform);
    site.server().psql(Sources.resource("crosscheck/setup.sql"), Map.of());
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    site.close();
  }

  /** A statement and the settings that give it the plan of the name. */
  record Query(String name, String sql, List<String> settings) {
    Query(String name, String sql, String... settings) {
      this(name, sql, List.of(settings));
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private static List<Query> queries() {
    return List.of(
        new Query("sequential scan", "SELECT id FROM big WHERE val < 1000"),
        new Query(
            "nested loop",
            "SELECT s.name, b.val FROM big b JOIN small s ON s.id = b.grp WHERE b.id <= 5000",
            "enable_hashjoin = off",
            "enable_mergejoin = off",
            "enable_memoize = off",
            "enable_material = off"),
        new Query(
            "correlated subplan",
            "SELECT s.id, (SELECT max(val) FROM big b WHERE b.grp = s.id) FROM small s"),
        new Query(
            "init plan", "SELECT id FROM big WHERE val = (SELECT max(val) FROM big WHERE grp = 3)"),
        new Query(
            "recursive CTE",
            "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 500)"
                + " SELECT sum(n) FROM r"),
        new Query("top-N sort", "SELECT id FROM big ORDER BY val, id LIMIT 10"),
        new Query("hash join", "SELECT count(*) FROM big b JOIN small s ON s.id = b.grp"),
        new Query(
            "merge join",
            "SELECT count(*) FROM big a JOIN big b ON a.id = b.id",
            "enable_hashjoin = off",
            "enable_nestloop = off"),
        new Query(
            "bitmap scans",
            "SELECT count(pad) FROM big WHERE grp = 5 OR grp = 7",
            "enable_seqscan = off",
            "enable_indexscan = off"),
        new Query("index only scan", "SELECT count(*) FROM big WHERE id < 5000"),
        new Query("append", "SELECT count(v) FROM part WHERE v % 2 = 0"),
        new Query(
            "memoize",
            "SELECT count(s.name) FROM big b JOIN small s ON s.id = b.grp",
            "enable_hashjoin = off",
            "enable_mergejoin = off"),
        new Query("window", "SELECT id, rank() OVER (PARTITION BY grp ORDER BY val) FROM big"),
        new Query("set operation", "SELECT grp FROM big EXCEPT SELECT id FROM small WHERE id > 50"),
        new Query(
            "sort that spills", "SELECT id FROM big ORDER BY pad, val DESC", "work_mem = '64kB'"),
        new Query(
            "hash that spills",
            "SELECT count(*) FROM big a JOIN big b ON a.val = b.id",
            "work_mem = '64kB'",
            "hash_mem_multiplier = 1",
            "enable_mergejoin = off"),
        new Query(
            "hash aggregate that spills",
            "SELECT count(*) FROM (SELECT val, count(*) FROM big GROUP BY val) AS g",
            "work_mem = '64kB'",
            "hash_mem_multiplier = 1",
            "enable_sort = off"),
        new Query("rows not all fetched", "SELECT id FROM big LIMIT 37"),
        new Query(
            "node that is never executed",
            "SELECT * FROM small s JOIN big b ON b.id = s.id WHERE s.id < 0",
            "enable_hashjoin = off",
            "enable_mergejoin = off"),
        new Query("function with a query", "SELECT count_group(id) FROM small WHERE id < 20"),
        new Query(
            "lateral",
            "SELECT s.id, x.m FROM small s, LATERAL (SELECT max(val) AS m FROM big"
                + " WHERE grp = s.id LIMIT 1) x WHERE s.id < 30"));
  }

  private static List<Arguments> queriesByTiming() {
    List<Arguments> all = new ArrayList<>();
    for (Query query : queries()) {
      for (String timing : List.of("off", "sampled", "exact")) {
        all.add(Arguments.of(query, timing));
      }
    }
    return all;
  }

  @ParameterizedTest
  @MethodSource("queriesByTiming")
  void a_query_has_the_figures_of_explain(Query query, String timing) throws SQLException {
    String identifier = "q" + NUMBER.incrementAndGet();
    List<String> explained;
    try (Connection connection = site.server().connect()) {
      for (String setting : query.settings()) {
        Sql.execute(connection, "SET " + setting);
      }
      Sql.rows(connection, query.sql());
      String explain = "SELECT * FROM explained($$" + query.sql() + "$$)";
      Sql.rows(connection, explain);
      explained = figures(Sql.rows(connection, explain));
      Sql.execute(connection, "SET pg_trace.node_timing = " + timing);
      Sql.trace(connection, identifier);
      // The second time the names of tables and indexes are in the server's caches too.
      Sql.rows(connection, query.sql());
      Sql.rows(connection, query.sql());
    }

    List<Entry> plan = site.daemon().ended(identifier).lastPlan("SELECT .*|WITH .*");
    assertThat(traced(plan)).isEqualTo(explained);
  }

  @ParameterizedTest
  @ValueSource(strings = {"off", "sampled", "exact"})
  void a_cte_has_the_figures_of_explain(String timing) throws SQLException {
    a_query_has_the_figures_of_explain(
        new Query(
            "CTE",
            "WITH c AS MATERIALIZED (SELECT grp, count(*) AS n FROM big GROUP BY grp)"
                + " SELECT a.grp FROM c a JOIN c b ON a.grp = b.grp + 1"),
        timing);
  }

  private static List<Query> changes() {
    return List.of(
        new Query("insert", "INSERT INTO target SELECT n, n FROM generate_series(1, 300) AS n"),
        new Query(
            "insert returning", "INSERT INTO target VALUES (1001, 1), (1002, 2) RETURNING id"),
        new Query(
            "insert on conflict",
            "INSERT INTO target SELECT n, n FROM generate_series(250, 350) AS n"
                + " ON CONFLICT (id) DO NOTHING"),
        new Query("update", "UPDATE target SET v = v + 1 WHERE id % 3 = 0"),
        new Query(
            "update of a join",
            "UPDATE target SET v = b.val FROM big b WHERE b.id = target.id AND b.grp < 50"),
        new Query(
            "merge",
            "MERGE INTO target t USING small s ON t.id = s.id + 300"
                + " WHEN MATCHED THEN UPDATE SET v = 0 WHEN NOT MATCHED THEN"
                + " INSERT VALUES (s.id + 300, 0)"),
        new Query("delete", "DELETE FROM target WHERE id % 2 = 0"));
  }

  /** The data differs after each run, so the run that EXPLAIN shows is the one that is traced. */
  @ParameterizedTest
  @MethodSource("changes")
  void a_change_has_the_figures_of_explain(Query query) throws SQLException {
    String identifier = "q" + NUMBER.incrementAndGet();
    List<String> explained;
    try (Connection connection = site.server().connect()) {
      Sql.execute(connection, "SET pg_trace.node_timing = exact");
      Sql.trace(connection, identifier);
      explained = figures(Sql.rows(connection, "SELECT * FROM explained($$" + query.sql() + "$$)"));
    }

    Trace trace = site.daemon().ended(identifier);
    assertThat(traced(trace.lastPlan("EXPLAIN .*"))).isEqualTo(explained);
  }

  private static List<String> figures(List<List<String>> explained) {
    return explained.stream()
        .map(
            row ->
                String.format(
                    "%d: rows=%s loops=%s cr=%s pr=%s pw=%s",
                    depth(row.get(0)), row.get(2), row.get(3), row.get(4), row.get(5), row.get(6)))
        .toList();
  }

  /** Of an array such as {0,1}. */
  private static int depth(String path) {
    return path.equals("{}") ? 0 : path.split(",", -1).length;
  }

  private static List<String> traced(List<Entry> plan) {
    List<String> figures = new ArrayList<>();
    int[] depths = new int[plan.size() + 1];
    for (Entry node : plan) {
      int id = (int) node.field("id");
      depths[id] = node.field("pid") == 0 ? 0 : depths[(int) node.field("pid")] + 1;
      figures.add(
          String.format(
              "%d: rows=%s loops=%d cr=%d pr=%d pw=%d",
              depths[id],
              rowsOfOneLoop(node),
              node.field("str"),
              node.field("cr"),
              node.field("pr"),
              node.field("pw")));
    }
    return figures;
  }

  /** As EXPLAIN rounds them: since 18, to hundredths where the node was run at all. */
  private static String rowsOfOneLoop(Entry node) {
    long loops = Math.max(1, node.field("str"));
    boolean hundredths = site.server().platform().major().number() >= 18 && node.field("str") > 0;
    int digits = hundredths ? 2 : 0;
    return BigDecimal.valueOf(node.field("cnt"))
        .divide(BigDecimal.valueOf(loops), digits, RoundingMode.HALF_EVEN)
        .toString();
  }
}
