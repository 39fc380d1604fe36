package org.pgtrace.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.util.PSQLException;

/** WAIT lines against the server's counters, and against what the test made a session wait for. */
@EachPlatform
class WaitsIT {
  /** What the server's own timing and its record may take of each read. */
  private static final double TIMING_US = 5;

  private static Site site;

  WaitsIT(Platform platform) {
    assertThat(site.server().platform()).isSameAs(platform);
  }

  /** Few buffers, so that most of what is read comes from a file. */
  @BeforeParameterizedClassInvocation
  static void start(Platform platform) throws SQLException {
    site = Site.started(platform, Map.of("shared_buffers", "1MB", "pg_trace.ring_size", "16MB"));
    site.server().psql(Sources.resource("crosscheck/setup.sql"), Map.of());
    try (Connection connection = site.server().connect()) {
      Sql.execute(connection, "CREATE TABLE toasted (id int, doc text)");
      Sql.execute(connection, "ALTER TABLE toasted ALTER COLUMN doc SET STORAGE EXTERNAL");
      Sql.execute(
          connection,
          "INSERT INTO toasted SELECT n, repeat(md5(n::text), 500) FROM generate_series(1, 100) n");
      Sql.execute(connection, "CREATE TABLE fought (id int PRIMARY KEY, v int)");
      Sql.execute(connection, "INSERT INTO fought VALUES (1, 0), (2, 0)");
      Sql.execute(
          connection,
          "CREATE TABLE scattered AS SELECT random() AS k, repeat('x', 1900) pad"
              + " FROM generate_series(1, 4000)");
      Sql.execute(connection, "CREATE INDEX ON scattered (k)");
      Sql.execute(connection, "VACUUM ANALYZE scattered");
      Sql.execute(connection, "CHECKPOINT");
    }
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    site.close();
    assertThat(site.daemon().log()).doesNotContain("ERROR");
  }

  private static Trace traced(String identifier, String... statements) throws SQLException {
    try (Connection connection = site.server().connect()) {
      Sql.execute(connection, "SET effective_io_concurrency = 0");
      Sql.trace(connection, identifier);
      for (String sql : statements) {
        Sql.execute(connection, sql);
      }
    }
    return site.daemon().ended(identifier);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "sequential | SELECT sum(val) FROM big",
        "index      | SELECT sum(val) FROM (SELECT val FROM big ORDER BY id LIMIT 15000) s",
        "bitmap     | SELECT sum(val) FROM big WHERE grp IN (3, 5, 8)",
        "toast      | SELECT max(md5(doc)) FROM toasted",
        "join       | SELECT sum(b.val) FROM small s JOIN big b ON b.grp = s.id",
      })
  void each_block_that_the_server_counts_as_read_is_in_a_line(String name, String sql)
      throws SQLException {
    Trace trace = traced("blocks_" + name, "SET work_mem = '64MB'", "SELECT pg_sleep(0)", sql);

    long counted = 0;
    long cursor = trace.calls("FETCH", Pattern.quote(sql)).get(0).field("c");
    for (Trace.Entry call : trace.of(Trace.Kind.CALL)) {
      if (call.field("c") == cursor) {
        counted += call.field("p");
      }
    }
    long seen = WaitLine.blocks(WaitLine.reads(trace, cursor));
    assertThat(seen).isEqualTo(counted).isGreaterThan(50);
    for (WaitLine line : WaitLine.reads(trace, cursor)) {
      assertThat(line.more()).containsPattern(" tier=(cache|disk)").contains(" fork=");
      assertThat(line.elapsedUs()).isNotNegative();
    }
  }

  @Test
  void blocks_of_temporary_tables_have_lines_too() throws SQLException {
    String sql = "SELECT count(*) FROM mine";
    Trace trace =
        traced(
            "blocks_temporary",
            "SET temp_buffers = '800kB'",
            "CREATE TEMP TABLE mine AS SELECT * FROM big",
            sql);
    long cursor = trace.calls("FETCH", Pattern.quote(sql)).get(0).field("c");
    long counted =
        trace.of(Trace.Kind.CALL).stream()
            .filter(call -> call.field("c") == cursor)
            .mapToLong(call -> call.field("p"))
            .sum();
    assertThat(WaitLine.blocks(WaitLine.reads(trace, cursor))).isEqualTo(counted).isGreaterThan(50);
  }

  @Test
  void without_blocks_there_are_no_lines_of_them() throws SQLException {
    Trace trace =
        traced(
            "blocks_off", "SET pg_trace.blocks = off", "SELECT count(*), pg_sleep(0.02) FROM big");
    assertThat(WaitLine.of(trace).stream().filter(line -> line.name().startsWith("db file")))
        .isEmpty();
    assertThat(WaitLine.of(trace, "PL/SQL lock timer")).isNotEmpty();
  }

  @Test
  void without_level_8_there_are_no_waits() throws SQLException {
    Trace trace = traced("level_4", "SET pg_trace.level = 4", "SELECT count(*) FROM big");
    String text = Trace.text(trace.file());
    int executes = text.indexOf("\nEXEC ", text.indexOf("SELECT count(*) FROM big"));
    assertThat(text.substring(executes)).doesNotContain("\nWAIT ").doesNotContain("\nSUMMARY ");
  }

  /** The relation, its object number, and the node that reads it. */
  @Test
  void a_read_names_relation_and_plan_node() throws SQLException {
    String sql = "SELECT sum(b.val) FROM small s JOIN big b ON b.grp = s.id";
    Trace trace = traced("names", sql);
    long cursor = trace.calls("FETCH", Pattern.quote(sql)).get(0).field("c");
    long node =
        trace.lastPlan(Pattern.quote(sql)).stream()
            .filter(entry -> entry.text("op").startsWith("Seq Scan on public.big"))
            .findFirst()
            .orElseThrow()
            .field("id");
    long object;
    try (Connection connection = site.server().connect()) {
      object = Long.parseLong(Sql.value(connection, "SELECT 'big'::regclass::oid"));
    }
    List<WaitLine> big =
        WaitLine.reads(trace, cursor).stream().filter(line -> line.object() == object).toList();
    assertThat(big).isNotEmpty();
    assertThat(big)
        .allSatisfy(line -> assertThat(line.more()).contains(" node=" + node, " rel='public.big'"));
  }

  @Test
  void sleeping_takes_as_long_as_was_asked_for() throws SQLException {
    long begin = System.nanoTime();
    Trace trace = traced("sleep", "SELECT pg_sleep(0.25)");
    long took = (System.nanoTime() - begin) / 1000;
    assertThat(WaitLine.elapsedUs(WaitLine.of(trace, "PL/SQL lock timer")))
        .isBetween(249_000L, took);
  }

  @Test
  void the_time_between_statements_is_the_client_s() throws SQLException {
    try (Connection connection = site.server().connect()) {
      Sql.trace(connection, "think");
      Sql.execute(connection, "SELECT 1");
      Wait.sleep(300);
      Sql.execute(connection, "SELECT 2");
    }
    Trace trace = site.daemon().ended("think");
    List<WaitLine> client = WaitLine.of(trace, "SQL*Net message from client");
    assertThat(client).anyMatch(line -> line.elapsedUs() > 200_000 && line.cursor() == 0);
    assertThat(WaitLine.of(trace, "SQL*Net message to client"))
        .isNotEmpty()
        .allMatch(line -> !line.parameters().contains("#bytes=0 "));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "UPDATE fought SET v = v + 1 WHERE id = 1",
        "LOCK TABLE fought IN ACCESS EXCLUSIVE MODE",
        "SELECT pg_advisory_xact_lock(4711)"
      })
  void a_wait_for_a_lock_names_it_and_who_has_it(String sql) throws Exception {
    String identifier = "lock_" + Integer.toHexString(sql.hashCode());
    long imposedMs = 400;
    try (Connection holder = site.server().connect();
        Connection waiter = site.server().connect()) {
      holder.setAutoCommit(false);
      Sql.execute(holder, sql);
      waiter.setAutoCommit(false);
      Sql.trace(waiter, identifier);
      long begin = System.nanoTime();
      CompletableFuture<Void> waiting = CompletableFuture.runAsync(() -> Sql.run(waiter, sql));
      Wait.untilSessionWaits(holder, Sql.pid(waiter), "Lock");
      Wait.sleep(imposedMs);
      holder.commit();
      waiting.get();
      long took = (System.nanoTime() - begin) / 1000;
      waiter.commit();
      int pid = Sql.pid(holder);
      waiter.setAutoCommit(true);
      Sql.execute(waiter, "SET pg_trace.enabled = off");

      List<WaitLine> waits =
          WaitLine.of(site.daemon().switchedOff(identifier)).stream()
              .filter(line -> line.name().startsWith("enq: "))
              .toList();
      assertThat(waits).isNotEmpty();
      assertThat(waits).allSatisfy(line -> assertThat(line.more()).contains(" holder=" + pid));
      assertThat(waits.get(0).name())
          .isEqualTo(
              sql.startsWith("UPDATE")
                  ? "enq: TX - row lock contention"
                  : sql.startsWith("LOCK") ? "enq: TM - contention" : "enq: UL - contention");
      assertThat(WaitLine.elapsedUs(waits)).isBetween(imposedMs * 1000, took);
    }
  }

  @Test
  void a_cancelled_wait_is_cancelled_at_once() throws SQLException {
    long begin = System.nanoTime();
    assertThatThrownBy(
            () -> traced("cancelled", "SET statement_timeout = '500ms'", "SELECT pg_sleep(30)"))
        .isInstanceOf(PSQLException.class)
        .hasMessageContaining("statement timeout");
    assertThat((System.nanoTime() - begin) / 1_000_000).isLessThan(5000);
    Trace trace = site.daemon().ended("cancelled");
    assertThat(WaitLine.elapsedUs(WaitLine.of(trace, "PL/SQL lock timer")))
        .isBetween(250_000L, 5_000_000L);
  }

  @Test
  void a_terminated_wait_ends_the_session() throws SQLException {
    try (Connection asking = site.server().connect();
        Connection terminated = site.server().connect()) {
      int pid = Sql.pid(terminated);
      Sql.trace(terminated, "terminated");
      CompletableFuture<Void> sleeping =
          CompletableFuture.runAsync(() -> Sql.run(terminated, "SELECT pg_sleep(30)"));
      Wait.untilSessionWaits(asking, pid, "PgSleep");
      Sql.rows(asking, "SELECT pg_terminate_backend(" + pid + ")");
      assertThatThrownBy(sleeping::get)
          .rootCause()
          .isInstanceOf(PSQLException.class)
          .hasMessageContaining("terminating connection due to administrator command");
    }
    Trace trace = site.daemon().ended("terminated");
    assertThat(WaitLine.of(trace, "PL/SQL lock timer")).isNotEmpty();
    assertThat(trace.of(Trace.Kind.SUMMARY)).isNotEmpty();
  }

  /** Right after the kernel was made to forget the file, and once more. */
  @Test
  void reads_say_whether_they_came_from_the_disk() throws Exception {
    String sql = "SELECT count(*) FROM big WHERE val > ";
    try (Connection connection = site.server().connect()) {
      Sql.execute(connection, "CHECKPOINT");
      PageCache.forget(site.server().dataFile(connection, "big"));
      Sql.trace(connection, "tier");
      Sql.execute(connection, sql + "1");
      Sql.execute(connection, sql + "2");
    }
    Trace trace = site.daemon().ended("tier");
    List<WaitLine> cold =
        WaitLine.reads(trace, trace.calls("FETCH", Pattern.quote(sql + "1")).get(0).field("c"));
    List<WaitLine> warm =
        WaitLine.reads(trace, trace.calls("FETCH", Pattern.quote(sql + "2")).get(0).field("c"));
    assertThat(cold).anyMatch(line -> line.more().contains("tier=disk"));
    assertThat(warm).isNotEmpty().allMatch(line -> line.more().contains("tier=cache"));
  }

  /**
   * Reads from the disk, one by one: what EXPLAIN says that they took. It times a little more, as
   * what records them is inside. Once is enough: the machine may stop the session between the two.
   */
  @Test
  void the_server_s_own_times_of_reads_agree() throws Exception {
    String sql =
        "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT sum(length(pad)) FROM"
            + " (SELECT pad FROM scattered ORDER BY k LIMIT 300) s";
    Pattern time = Pattern.compile("I/O Read Time\": ([0-9.]+)");
    // Since 18 its clock also runs while it hands requests to itself.
    double least = site.server().platform().major().number() < 18 ? 0.95 : 0.9;
    Undisturbed.once(
        run -> {
          String identifier = "timed" + run;
          double theirs;
          try (Connection connection = site.server().connect()) {
            PageCache.forget(site.server().dataFile(connection, "scattered"));
            site.server().giveProcessor(connection);
            Sql.execute(connection, "SET track_io_timing = on");
            Sql.execute(connection, "SET enable_seqscan = off");
            Sql.execute(connection, "SET enable_sort = off");
            Sql.trace(connection, identifier);
            Matcher matcher = time.matcher(Sql.value(connection, sql));
            assertThat(matcher.find()).isTrue();
            theirs = Double.parseDouble(matcher.group(1)) * 1000;
          }
          Trace trace = site.daemon().ended(identifier);
          List<WaitLine> reads =
              WaitLine.reads(trace, trace.calls("EXEC", "EXPLAIN .*").get(0).field("c")).stream()
                  .filter(line -> line.more().contains(" node="))
                  .toList();
          assertThat(reads).hasSizeGreaterThan(200);
          return new ReadTimes(WaitLine.elapsedUs(reads), theirs, reads.size());
        },
        times -> {
          System.out.println("track_io_timing: " + times);
          double more = Math.max((1 - least) * times.theirs, TIMING_US * times.reads);
          assertThat(times.ours).isBetween(times.theirs - more, times.theirs * 1.01);
        });
  }

  /** Of the same reads, us: what their lines say, and what the server does. */
  private record ReadTimes(double ours, double theirs, int reads) {}

  /** What the server does for itself while it commits. */
  @Test
  void a_commit_shows_its_writes_of_the_log() throws SQLException {
    Trace trace =
        traced("commit", "SET synchronous_commit = on", "INSERT INTO fought VALUES (99, 1)");
    assertThat(WaitLine.of(trace, "log file parallel write")).isNotEmpty();
    assertThat(WaitLine.of(trace, "log file parallel write").get(0).more())
        .contains("file='pg_wal/");
  }
}
