package org.pgtrace.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pgtrace.it.Trace.Entry;
import org.pgtrace.it.Trace.Kind;
import org.postgresql.util.PSQLException;

/** What parallel workers do is in their leader's trace, with their number. */
@EachPlatform
class ParallelIT {
  /** Files below are the catalogs'. */
  private static final int FIRST_USER_FILE = 16384;

  /** Two workers that need a block at once both count it as read, and one reads it. */
  private static final int COUNTS_READS_OF_OTHERS = 17;

  private static final String BLOCK_READ = "db file (sequential|scattered) read";
  private static Site site;

  ParallelIT(Platform platform) {
    assertThat(site.server().platform()).isSameAs(platform);
  }

  /** Few buffers: each scan reads the table. */
  @BeforeParameterizedClassInvocation
  static void start(Platform platform) throws SQLException {
    site =
        Site.started(
            platform,
            Settings.withoutIoWorkers(
                platform,
                Map.of(
                    "shared_buffers", "1MB",
                    "autovacuum", "off",
                    "pg_trace.ring_size", "16MB",
                    "max_parallel_workers", "8",
                    "max_worker_processes", "12")));
    site.server().psql(Sources.resource("crosscheck/setup.sql"), Map.of());
    try (Connection connection = site.server().connect()) {
      Sql.execute(
          connection,
          "CREATE FUNCTION restricted(n int) RETURNS bigint LANGUAGE plpgsql PARALLEL RESTRICTED"
              + " AS $$BEGIN RETURN (SELECT count(*) FROM big WHERE id > n); END$$");
      Sql.execute(
          connection,
          "CREATE FUNCTION safe(n int) RETURNS bigint LANGUAGE plpgsql PARALLEL SAFE"
              + " AS $$BEGIN RETURN (SELECT count(*) FROM small WHERE id > n); END$$");
      // Something for VACUUM.
      Sql.execute(connection, "UPDATE big SET val = val + 1 WHERE id % 10 = 0");
      Sql.execute(connection, "CHECKPOINT");
    }
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    site.close();
    assertThat(site.daemon().log()).doesNotContain("ERROR");
  }

  /** A session whose plans have two workers. */
  private static Connection traced(String identifier, String blocks) throws SQLException {
    Connection connection = site.server().connect();
    Sql.execute(connection, "SET max_parallel_workers_per_gather = 2");
    Sql.execute(connection, "SET max_parallel_maintenance_workers = 2");
    Sql.execute(connection, "SET min_parallel_table_scan_size = 0");
    Sql.execute(connection, "SET min_parallel_index_scan_size = 0");
    // A leader may have read it all before they have started.
    Sql.execute(connection, "SET parallel_leader_participation = off");
    Sql.execute(connection, "SET parallel_setup_cost = 0");
    Sql.execute(connection, "SET parallel_tuple_cost = 0");
    Sql.execute(connection, "SET pg_trace.blocks = '" + blocks + "'");
    Sql.trace(connection, identifier);
    return connection;
  }

  private static long sum(List<Entry> entries, String field) {
    return entries.stream().mapToLong(entry -> entry.field(field)).sum();
  }

  /** The leader's calls of a cursor, in whose figures the server counts what workers did. */
  private static List<Entry> callsOfLeader(Trace trace, long cursor) {
    return trace.of(Kind.CALL).stream()
        .filter(call -> call.field("c") == cursor && !call.isOfWorker())
        .toList();
  }

  private static List<Entry> fetchesOfLeader(Trace trace, String sql) {
    return callsOfLeader(trace, cursorOf(trace, sql)).stream()
        .filter(call -> call.text("call").equals("FETCH"))
        .toList();
  }

  private static List<Entry> reads(Trace trace, long cursor) {
    return trace.of(Kind.WAIT).stream()
        .filter(wait -> wait.field("c") == cursor)
        .filter(wait -> wait.text("nam").matches(BLOCK_READ))
        .toList();
  }

  private static long cursorOf(Trace trace, String sql) {
    return trace.calls("EXEC", Pattern.quote(sql)).get(0).field("c");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "scan      | SELECT sum(val) FROM big WHERE id % 3 = 0",
        "join      | SELECT count(*) FROM big a JOIN big b USING (id) WHERE a.val > 10",
        "index     | SELECT count(*) FROM big WHERE id BETWEEN 10 AND 15000 AND val > 3",
        "bitmap    | SELECT sum(val) FROM big WHERE grp IN (3, 5, 8)",
        "sorted    | SELECT id, val FROM big ORDER BY val DESC, id LIMIT 20",
        "limit     | SELECT id FROM big WHERE val >= 0 LIMIT 5",
        "nested    | SELECT count(*), restricted(100) FROM big WHERE id % 3 = 1",
        "functions | SELECT sum(safe(id)) FROM big WHERE id % 400 = 3",
        "create    | CREATE TABLE made AS SELECT id, val FROM big WHERE id % 2 = 0",
        "build     | CREATE INDEX built ON big (val, id)",
        "vacuum    | VACUUM (PARALLEL 2) big",
      })
  void blocks_of_leader_and_workers_are_those_that_the_server_counts(String name, String sql)
      throws SQLException {
    try (Connection connection = traced("px_" + name, "all")) {
      Sql.execute(connection, sql);
    }
    Trace trace = site.daemon().ended("px_" + name);
    assertThat(trace.of(Kind.LOST)).isEmpty();
    List<Entry> calls =
        trace.of(Kind.CALL).stream()
            .filter(call -> call.field("dep") == 0 && !call.isOfWorker())
            .toList();
    long temporary = sum(inStatements(trace, "direct path read temp"), "p3");
    List<Entry> reads = inStatements(trace, BLOCK_READ);
    // There may be nothing for them in a VACUUM, and nothing to read for who is late.
    assertThat(trace.entries()).anyMatch(line -> line.isOfWorker() || name.equals("vacuum"));
    boolean mayReadNothing = Set.of("vacuum", "build", "limit").contains(name);
    assertThat(reads).anyMatch(line -> line.isOfWorker() || mayReadNothing);
    boolean isCommand = name.equals("build") || name.equals("vacuum");
    long read = sum(reads, "p3");
    long uncounted = isCommand ? sum(readsToOpenRelations(reads), "p3") : 0;
    long counted = sum(calls, "p") - temporary;
    if (site.server().platform().major().number() == COUNTS_READS_OF_OTHERS) {
      assertThat(counted).isBetween(read - uncounted, 2 * read);
    } else {
      assertThat(counted).isBetween(read - uncounted, read);
    }
    if (!isCommand) {
      assertThat(Hits.inStatements(trace)).isEqualTo(sum(calls, "cr") - counted);
    }
  }

  /**
   * A command's workers open their relations before the server counts for them. Which of the
   * catalogs' blocks that they read first belong to that, is not told.
   */
  private static List<Entry> readsToOpenRelations(List<Entry> reads) {
    return reads.stream()
        .filter(Entry::isOfWorker)
        .collect(Collectors.groupingBy(Entry::worker))
        .values()
        .stream()
        .flatMap(worker -> worker.stream().takeWhile(r -> r.field("p1") < FIRST_USER_FILE))
        .toList();
  }

  private static List<Entry> inStatements(Trace trace, String name) {
    return trace.of(Kind.WAIT).stream()
        .filter(wait -> wait.field("c") != 0 && wait.text("nam").matches(name))
        .collect(Collectors.toCollection(ArrayList::new));
  }

  @Test
  void a_line_of_a_worker_has_its_number_its_statement_and_its_node() throws SQLException {
    String sql = "SELECT count(*) FROM big WHERE id % 3 = 2";
    try (Connection connection = traced("px_lines", "physical")) {
      Sql.execute(connection, sql);
    }
    Trace trace = site.daemon().ended("px_lines");
    long cursor = cursorOf(trace, sql);
    List<Entry> plan = trace.lastPlan(Pattern.quote(sql));
    long scan =
        plan.stream()
            .filter(node -> node.text("op").startsWith("Parallel Seq Scan on public.big"))
            .findFirst()
            .orElseThrow()
            .field("id");
    List<Entry> reads = reads(trace, cursor).stream().filter(Entry::isOfWorker).toList();
    assertThat(reads).isNotEmpty();
    assertThat(reads).allMatch(read -> read.line().contains(" node=" + scan + " "));
    assertThat(reads.stream().map(Entry::worker).distinct()).isSubsetOf("0", "1");
    assertThat(trace.of(Kind.CALL))
        .filteredOn(Entry::isOfWorker)
        .extracting(call -> call.text("call"))
        .contains("EXEC", "FETCH");
  }

  /** Each block of the table once, whoever reads it; and each row. */
  @Test
  void figures_of_nodes_are_those_of_all_processes() throws SQLException {
    String sql = "SELECT count(*) FROM big WHERE id % 3 = 1";
    String rows;
    String blocks;
    try (Connection connection = traced("px_nodes", "physical")) {
      rows = Sql.value(connection, sql);
      Sql.execute(connection, "SET pg_trace.enabled = off");
      blocks =
          Sql.value(
              connection, "SELECT pg_relation_size('big') / current_setting('block_size')::int");
    }
    Trace trace = site.daemon().switchedOff("px_nodes");
    List<Entry> plan = trace.lastPlan(Pattern.quote(sql));
    Entry scan =
        plan.stream()
            .filter(n -> n.text("op").startsWith("Parallel Seq"))
            .findFirst()
            .orElseThrow();
    assertThat(scan.field("cnt")).isEqualTo(Long.parseLong(rows));
    assertThat(scan.field("str")).isBetween(1L, 2L);
    assertThat(scan.field("cr")).isEqualTo(Long.parseLong(blocks));
    List<Entry> fetches = fetchesOfLeader(trace, sql);
    assertThat(plan.get(0).field("cr")).isEqualTo(sum(fetches, "cr"));
    assertThat(plan.get(0).field("pr")).isEqualTo(sum(fetches, "p"));
    assertThat(Trace.text(trace.file())).contains("Worker 0: ").doesNotContain("leader only");
  }

  /** The leader ends the plan before its workers are through: their blocks are in its nodes too. */
  @Test
  void nodes_of_a_plan_that_is_shut_down_have_their_workers_blocks() throws SQLException {
    String sql = "SELECT id FROM big WHERE val >= 0 LIMIT 7";
    try (Connection connection = traced("px_shut", "physical")) {
      Sql.execute(connection, sql);
    }
    Trace trace = site.daemon().ended("px_shut");
    List<Entry> fetches = fetchesOfLeader(trace, sql);
    List<Entry> plan = trace.lastPlan(Pattern.quote(sql));
    assertThat(plan.get(0).field("cr")).isEqualTo(sum(fetches, "cr"));
    assertThat(plan.get(1).field("cr")).isEqualTo(plan.get(0).field("cr"));
  }

  /** The leader's time is in its account alone; what workers read is in both, and told apart. */
  @Test
  void the_account_keeps_the_leader_s_time_apart() throws SQLException {
    String sql = "SELECT sum(length(md5(val::text))) FROM big";
    try (Connection connection = traced("px_account", "physical")) {
      Sql.execute(connection, sql);
    }
    Trace trace = site.daemon().ended("px_account");
    long cursor = cursorOf(trace, sql);
    List<Entry> accounts =
        trace.of(Kind.SUMMARY).stream().filter(s -> s.field("c") == cursor).toList();
    List<Entry> workers = accounts.stream().filter(Entry::isOfWorker).toList();
    List<Entry> leaders = accounts.stream().filter(s -> !s.isOfWorker()).toList();
    assertThat(leaders).hasSize(1);
    assertThat(workers).isNotEmpty().hasSizeLessThanOrEqualTo(2);
    Entry leader = leaders.get(0);
    assertThat(leader.field("e"))
        .isBetween(elapsed(trace, cursor) - 20, elapsed(trace, cursor) + 20);
    assertThat(leader.field("disk") + leader.field("cache") + sum(workers, "read"))
        .isEqualTo(leader.field("read"));
    assertThat(leader.line())
        .contains(
            " workers="
                + workers.size()
                + " px_cr="
                + sum(workers, "cr")
                + " px_hit="
                + sum(workers, "hit")
                + " px_read="
                + sum(workers, "read"));
  }

  /** EXEC and FETCH of the leader, microseconds. */
  private static long elapsed(Trace trace, long cursor) {
    return callsOfLeader(trace, cursor).stream()
        .filter(call -> !call.text("call").equals("PARSE"))
        .mapToLong(call -> call.field("e"))
        .sum();
  }

  @Test
  void an_error_in_a_worker_is_a_line_of_it() throws SQLException {
    try (Connection connection = traced("px_error", "physical")) {
      assertThatThrownBy(() -> Sql.execute(connection, "SELECT sum(1 / (id - 12000)) FROM big"))
          .isInstanceOf(PSQLException.class)
          .hasMessageContaining("division by zero");
      Sql.execute(connection, "SELECT 1");
    }
    Trace trace = site.daemon().ended("px_error");
    List<Entry> errors = trace.of(Kind.ERROR);
    assertThat(errors).anyMatch(Entry::isOfWorker).anyMatch(error -> !error.isOfWorker());
    assertThat(trace.calls("FETCH", "SELECT 1")).hasSize(1);
  }

  @Test
  void workers_are_rows_of_the_status() throws Exception {
    try (Connection connection = traced("px_status", "physical");
        Connection asking = site.server().connect()) {
      int pid = Sql.pid(connection);
      CompletableFuture<Void> running =
          CompletableFuture.runAsync(
              () ->
                  Sql.run(connection, "SELECT count(*) FROM big a JOIN big b ON a.id <> b.id + 1"));
      Wait.until(
          "workers run",
          () ->
              Long.parseLong(
                      Sql.value(
                          asking,
                          "SELECT count(*) FROM pg_trace_status() WHERE leader_pid = "
                              + pid
                              + " AND level = 8 AND events IS NULL AND trace_file LIKE '%px_status%'"))
                  > 0);
      Sql.execute(asking, "SELECT pg_cancel_backend(" + pid + ")");
      Sql.execute(asking, "SELECT pg_terminate_backend(" + pid + ")");
      running.handle((done, failed) -> failed).get();
    }
  }
}
