package org.pgtrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pgtrace.it.Trace.Entry;
import org.pgtrace.it.Trace.Kind;

/** HIT lines against the server's counters, statement by statement, and against its probes. */
@EachPlatform
class LogicalReadsIT {
  private static final int PROBE_TRIES = 10;

  private static Site site;

  LogicalReadsIT(Platform platform) {
    assertThat(site.server().platform()).isSameAs(platform);
  }

  /** Few buffers: blocks are evicted all the time. */
  @BeforeParameterizedClassInvocation
  static void start(Platform platform) throws SQLException {
    site =
        Site.started(
            platform,
            Settings.withoutIoWorkers(
                platform, Map.of("shared_buffers", "1MB", "pg_trace.ring_size", "16MB")));
    site.server().psql(Sources.resource("crosscheck/setup.sql"), Map.of());
    try (Connection connection = site.server().connect()) {
      Sql.execute(connection, "CREATE TABLE toasted (id int PRIMARY KEY, doc text)");
      Sql.execute(connection, "ALTER TABLE toasted ALTER COLUMN doc SET STORAGE EXTERNAL");
      Sql.execute(
          connection,
          "INSERT INTO toasted SELECT n, repeat(md5(n::text), 500) FROM generate_series(1, 100) n");
      Sql.execute(connection, "CREATE TABLE written (id int PRIMARY KEY, v int, pad text)");
      Sql.execute(
          connection,
          "CREATE FUNCTION counted(n int) RETURNS bigint LANGUAGE plpgsql AS"
              + " $$BEGIN RETURN (SELECT count(*) FROM small WHERE id <= n); END$$");
      Sql.execute(connection, "CHECKPOINT");
    }
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    site.close();
    assertThat(site.daemon().log()).doesNotContain("ERROR");
  }

  private static Connection traced(String identifier) throws SQLException {
    Connection connection = site.server().connect();
    Sql.execute(connection, "SET pg_trace.blocks = 'all'");
    Sql.trace(connection, identifier);
    return connection;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "sequential | SELECT sum(val) FROM big",
        "index      | SELECT sum(val) FROM (SELECT val FROM big ORDER BY id LIMIT 15000) s",
        "bitmap     | SELECT sum(val) FROM big WHERE grp IN (3, 5, 8)",
        "toast      | SELECT max(md5(doc)) FROM toasted WHERE id > 10",
        "join       | SELECT sum(b.val) FROM small s JOIN big b ON b.grp = s.id",
        "function   | SELECT sum(counted(id)) FROM small",
        "catalog    | SELECT count(*) FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid",
        "insert     | INSERT INTO written SELECT n, 0, repeat('x', 500) FROM generate_series(1, 900) n",
        "update     | UPDATE written SET v = v + 1 WHERE id % 3 = 0",
        "build      | CREATE INDEX ON big (val)",
        "vacuum     | VACUUM ANALYZE written",
        "temporary  | CREATE TEMP TABLE mine AS SELECT * FROM big",
      })
  void each_hit_that_the_server_counts_is_in_a_line(String name, String sql) throws SQLException {
    try (Connection connection = traced("hits_" + name)) {
      Sql.execute(connection, sql);
      if (name.equals("temporary")) {
        Sql.execute(connection, "CREATE INDEX ON mine (id)");
        Sql.execute(connection, "UPDATE mine SET val = 1 WHERE id < 500");
        Sql.execute(connection, "SELECT count(*) FROM mine");
      }
      Sql.execute(connection, sql.startsWith("SELECT") ? sql : "SELECT 1");
    }
    Trace trace = site.daemon().ended("hits_" + name);
    assertThat(trace.of(Kind.LOST)).isEmpty();
    assertThat(Hits.inStatements(trace)).isEqualTo(Hits.counted(trace)).isGreaterThan(20);
    if (!name.equals("function") && !name.equals("temporary") && !name.equals("build")) {
      long cursor = trace.calls("EXEC", Pattern.quote(sql)).get(0).field("c");
      long ofCursor =
          trace.of(Kind.HIT).stream()
              .filter(hit -> hit.field("c") == cursor)
              .mapToLong(hit -> Hits.blocks(hit).count())
              .sum();
      long countedOfCursor =
          trace.of(Kind.CALL).stream()
              .filter(call -> call.field("c") == cursor)
              .mapToLong(call -> call.field("cr") - call.field("p"))
              .sum();
      assertThat(ofCursor).isEqualTo(countedOfCursor);
    }
  }

  @Test
  void prefetched_blocks_are_hits_once() throws SQLException {
    String sql = "SELECT sum(val) FROM big WHERE grp IN (3, 5, 8, 13)";
    try (Connection connection = traced("hits_prefetch")) {
      Sql.execute(connection, "SET effective_io_concurrency = 50");
      Sql.execute(connection, "SET enable_seqscan = off");
      Sql.execute(connection, sql);
      Sql.execute(connection, sql);
    }
    Trace trace = site.daemon().ended("hits_prefetch");
    assertThat(Hits.inStatements(trace)).isEqualTo(Hits.counted(trace)).isGreaterThan(20);
  }

  /** The relation, and the node that looked. */
  @Test
  void a_hit_names_relation_and_plan_node() throws SQLException {
    String sql = "SELECT sum(val) FROM big WHERE id BETWEEN 100 AND 900";
    try (Connection connection = traced("hits_names")) {
      Sql.execute(connection, sql);
      Sql.execute(connection, sql);
    }
    Trace trace = site.daemon().ended("hits_names");
    long cursor = trace.calls("FETCH", Pattern.quote(sql)).get(0).field("c");
    long node =
        trace.lastPlan(Pattern.quote(sql)).stream()
            .filter(entry -> entry.text("op").startsWith("Index Scan"))
            .findFirst()
            .orElseThrow()
            .field("id");
    assertThat(trace.of(Kind.HIT))
        .anySatisfy(
            hit -> {
              assertThat(hit.field("c")).isEqualTo(cursor);
              assertThat(hit.text("rel")).isEqualTo("public.big");
              assertThat(hit.text("node")).isEqualTo(String.valueOf(node));
            });
  }

  /**
   * The server's own probe, at the return of each request for a buffer, whether it was there or had
   * to be read: the blocks of an execution, one after the other.
   */
  @Test
  void the_server_s_probe_has_the_same_blocks() throws Exception {
    String sql = "SELECT sum(b.val) FROM generate_series(1, 900) g JOIN big b ON b.id = g * 20";
    boolean compared = false;
    // bpftrace does not always find the program of a container at once.
    for (int i = 0; i < PROBE_TRIES && !compared; i++) {
      compared = compareWithProbe("hits_probe" + i, sql);
    }
    Assumptions.assumeTrue(compared, "this build of the server fires no probes");
  }

  /** Returns false where the probe has shown nothing, or not all. */
  private static boolean compareWithProbe(String identifier, String sql) throws Exception {
    Trace trace;
    List<Long> theirs;
    try (Connection connection = site.server().connect()) {
      Sql.execute(connection, "SET enable_hashjoin = off");
      Sql.execute(connection, "SET enable_mergejoin = off");
      Sql.execute(connection, "SET enable_bitmapscan = off");
      Sql.execute(connection, "SET enable_seqscan = off");
      Sql.execute(connection, "SET pg_trace.blocks = 'all'");
      long pid = site.server().hostPid(Sql.pid(connection));
      String probe = "usdt:/proc/" + pid + "/exe:postgresql:buffer__read__done";
      try (KernelTrace kernel =
          new KernelTrace(
              probe + " /pid == " + pid + "/ { " + KernelTrace.tell("%d", "arg1") + " }")) {
        Sql.trace(connection, identifier);
        Sql.execute(connection, sql);
        Sql.execute(connection, sql);
        Sql.execute(connection, "SET pg_trace.enabled = off");
        trace = site.daemon().switchedOff(identifier);
        theirs = kernel.lines("\\d+").stream().map(Long::valueOf).toList();
      }
    }
    List<Long> ours = blocksOfLastExecution(trace, Pattern.quote(sql));
    assertThat(ours).hasSizeGreaterThan(1000);
    if (theirs.isEmpty()) {
      return false;
    }
    assertThat(Collections.indexOfSubList(theirs, ours))
        .as("%s in %s", ours, theirs)
        .isNotNegative();
    return true;
  }

  /** From hits and reads, in the order of the lines. */
  private static List<Long> blocksOfLastExecution(Trace trace, String textRegex) {
    List<Entry> fetches = trace.calls("FETCH", textRegex);
    List<Entry> executes = trace.calls("EXEC", textRegex);
    int from = executes.get(executes.size() - 1).number();
    int to = fetches.get(fetches.size() - 1).number();
    List<Long> blocks = new ArrayList<>();
    for (Entry entry : trace.entries()) {
      if (entry.number() > from && entry.number() < to) {
        if (entry.kind() == Kind.HIT) {
          Hits.blocks(entry).forEach(blocks::add);
        } else if (entry.kind() == Kind.WAIT
            && entry.text("nam").equals("db file sequential read")) {
          blocks.add(entry.field("p2"));
        }
      }
    }
    return blocks;
  }

  @Test
  void without_being_asked_for_there_are_no_lines_of_hits() throws SQLException {
    try (Connection connection = site.server().connect()) {
      Sql.trace(connection, "hits_none");
      Sql.execute(connection, "SELECT count(*) FROM small");
      Sql.execute(connection, "SET pg_trace.blocks = 'all'");
      Sql.execute(connection, "SELECT count(*) FROM small");
      Sql.execute(connection, "SET pg_trace.blocks = 'physical'");
      Sql.execute(connection, "SELECT count(*) + 1 FROM small");
    }
    Trace trace = site.daemon().ended("hits_none");
    long cursor =
        trace.calls("FETCH", Pattern.quote("SELECT count(*) FROM small")).get(0).field("c");
    // The setting is followed from the statement after it on, when that has been analysed.
    int last = trace.calls("EXEC", ".* \\+ 1 FROM small").get(0).number();
    assertThat(trace.of(Kind.HIT)).anyMatch(hit -> hit.field("c") == cursor);
    assertThat(trace.of(Kind.HIT)).noneMatch(hit -> hit.number() > last);
  }
}
