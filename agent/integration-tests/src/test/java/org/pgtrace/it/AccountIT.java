package org.pgtrace.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.pgtrace.it.Trace.Entry;
import org.pgtrace.it.Trace.Kind;

/**
 * The response-time account: elapsed = CPU + waits + unaccounted, and how little is unaccounted.
 * (That each SUMMARY adds up is one of the {@link TraceInvariants}.)
 */
@EachPlatform
class AccountIT {
  /** Of the session's wall time. */
  private static final double UNACCOUNTED_MAX = 0.03;

  private static Site site;

  AccountIT(Platform platform) {
    assertThat(site.server().platform()).isSameAs(platform);
  }

  @BeforeParameterizedClassInvocation
  static void start(Platform platform) throws SQLException {
    site =
        Site.started(
            platform, Map.of("shared_buffers", "2MB", "pg_trace.ring_size", "16MB", "fsync", "on"));
    site.server().pgbench(Map.of(), "-i", "-q", "-s", "1");
    try (Connection connection = site.server().connect()) {
      Sql.execute(
          connection,
          "CREATE TABLE cold AS SELECT n id, repeat('x', 900) pad FROM generate_series(1, 30000) n");
      Sql.execute(connection, "CREATE TABLE fought (id int PRIMARY KEY, v int)");
      Sql.execute(connection, "INSERT INTO fought VALUES (1, 0)");
      Sql.execute(connection, "VACUUM ANALYZE");
      Sql.execute(connection, "CHECKPOINT");
    }
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    site.close();
  }

  /** The account of the whole session. */
  private static Entry session(Trace trace) {
    List<Entry> last =
        trace.of(Kind.SUMMARY).stream().filter(summary -> summary.field("c") == 0).toList();
    assertThat(last).hasSize(1);
    return last.get(0);
  }

  private static List<Entry> summaries(Trace trace, String textRegex) {
    Predicate<String> isIt = Pattern.compile(textRegex, Pattern.DOTALL).asMatchPredicate();
    return trace.of(Kind.SUMMARY).stream()
        .filter(summary -> isIt.test(trace.statementOf(summary.field("c"))))
        .toList();
  }

  /**
   * A session's trace.
   *
   * @param readyUs how long the process was ready and had no processor, by the kernel's count: time
   *     that nothing in the server can account for
   */
  private record Run(Trace trace, long readyUs) {}

  private static void littleIsUnaccounted(String what, Undisturbed.Measurement<Run> measurement)
      throws Exception {
    Undisturbed.once(
        measurement,
        run -> {
          Entry session = session(run.trace);
          double part = (double) (session.field("unaccounted") - run.readyUs) / session.field("e");
          System.out.printf(
              "%s on %s: unaccounted %.2f %% of the session, without a processor %d us: %s%n",
              what, site.server().platform(), 100 * part, run.readyUs, session.line());
          assertThat(part).as(what).isLessThan(UNACCOUNTED_MAX);
        });
  }

  private static long readyUs(Connection session) throws SQLException, IOException {
    long pid = site.server().hostPid(Sql.pid(session));
    String[] fields = Files.readString(Path.of("/proc/" + pid + "/schedstat")).split(" ", -1);
    return Long.parseLong(fields[1]) / 1000;
  }

  @Test
  void pgbench() throws Exception {
    littleIsUnaccounted(
        "pgbench",
        run -> {
          String identifier = "pgbench" + run;
          try (Connection connection = site.server().connect()) {
            site.server().giveProcessor(connection);
            Sql.trace(connection, identifier);
            for (int i = 1; i <= 500; i++) {
              transaction(connection, i);
            }
          }
          return new Run(site.daemon().ended(identifier), 0);
        });
  }

  /** What pgbench sends by default. */
  private static void transaction(Connection connection, int number) throws SQLException {
    int account = number * 7919 % 100_000 + 1;
    int teller = number % 10 + 1;
    Sql.execute(connection, "BEGIN");
    Sql.execute(
        connection, "UPDATE pgbench_accounts SET abalance = abalance + 1 WHERE aid = " + account);
    Sql.rows(connection, "SELECT abalance FROM pgbench_accounts WHERE aid = " + account);
    Sql.execute(
        connection, "UPDATE pgbench_tellers SET tbalance = tbalance + 1 WHERE tid = " + teller);
    Sql.execute(connection, "UPDATE pgbench_branches SET bbalance = bbalance + 1 WHERE bid = 1");
    Sql.execute(
        connection,
        "INSERT INTO pgbench_history (tid, bid, aid, delta, mtime) VALUES (%d, 1, %d, 1, now())"
            .formatted(teller, account));
    Sql.execute(connection, "END");
  }

  @Test
  void a_fight_for_a_lock() throws Exception {
    String sql = "UPDATE fought SET v = v + 1 WHERE id = 1";
    littleIsUnaccounted(
        "a fight for a lock",
        run -> {
          String identifier = "fight" + run;
          try (Connection holder = site.server().connect();
              Connection waiter = site.server().connect()) {
            int pid = Sql.pid(waiter);
            Sql.trace(waiter, identifier);
            for (int i = 0; i < 5; i++) {
              holder.setAutoCommit(false);
              Sql.execute(holder, sql);
              CompletableFuture<Integer> waiting =
                  CompletableFuture.supplyAsync(() -> update(waiter, sql));
              Wait.untilSessionWaits(holder, pid, "Lock");
              Wait.sleep(30);
              holder.commit();
              waiting.get();
            }
          }
          Trace trace = site.daemon().ended(identifier);
          assertThat(summaries(trace, Pattern.quote(sql))).hasSize(5);
          for (Entry summary : summaries(trace, Pattern.quote(sql))) {
            assertThat(summary.field("waits")).isGreaterThan(20_000);
          }
          return new Run(trace, 0);
        });
  }

  private static int update(Connection connection, String sql) {
    try (var statement = connection.createStatement()) {
      return statement.executeUpdate(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void a_cold_scan() throws Exception {
    String sql = "SELECT count(*) FROM cold";
    Path file;
    try (Connection connection = site.server().connect()) {
      file = site.server().dataFile(connection, "cold");
    }
    littleIsUnaccounted(
        "a cold scan",
        run -> {
          String identifier = "cold" + run;
          PageCache.forget(file);
          long ready;
          try (Connection connection = site.server().connect()) {
            long before = readyUs(connection);
            Sql.trace(connection, identifier);
            Sql.rows(connection, sql);
            ready = readyUs(connection) - before;
          }
          Trace trace = site.daemon().ended(identifier);
          Entry summary = summaries(trace, Pattern.quote(sql)).get(0);
          assertThat(summary.field("disk")).isPositive();
          assertThat(summary.field("disk") + summary.field("cache"))
              .isEqualTo(summary.field("read"))
              .isGreaterThan(3000);
          return new Run(trace, ready);
        });
  }

  /** An execution's account is that of its EXEC and FETCH calls. */
  @Test
  void an_execution_s_account_is_that_of_its_calls() throws SQLException {
    String sql = "SELECT count(*), pg_sleep(0.05) FROM cold WHERE id < 1000";
    try (Connection connection = site.server().connect()) {
      Sql.trace(connection, "calls");
      Sql.rows(connection, sql);
    }
    Trace trace = site.daemon().ended("calls");
    Entry summary = summaries(trace, Pattern.quote(sql)).get(0);
    Entry exec = trace.calls("EXEC", Pattern.quote(sql)).get(0);
    Entry fetch = trace.calls("FETCH", Pattern.quote(sql)).get(0);
    // Each of the three is rounded by itself.
    assertThat(summary.field("e")).isCloseTo(exec.field("e") + fetch.field("e"), within(3L));
    assertThat(summary.field("cpu")).isCloseTo(exec.field("cpu") + fetch.field("cpu"), within(3L));
    assertThat(summary.field("read")).isEqualTo(exec.field("p") + fetch.field("p"));
    assertThat(summary.field("cr")).isEqualTo(exec.field("cr") + fetch.field("cr"));
    assertThat(summary.field("waits")).isGreaterThan(49_000);
  }

  @Test
  void without_lines_of_blocks_the_account_is_the_same() throws SQLException {
    String sql = "SELECT count(*) FROM cold";
    try (Connection connection = site.server().connect()) {
      Sql.execute(connection, "SET pg_trace.blocks = off");
      Sql.trace(connection, "without_blocks");
      Sql.rows(connection, sql);
    }
    Trace trace = site.daemon().ended("without_blocks");
    Entry summary = summaries(trace, Pattern.quote(sql)).get(0);
    assertThat(WaitLine.of(trace)).noneMatch(WaitLine::isBlockRead);
    assertThat(summary.field("disk") + summary.field("cache"))
        .isEqualTo(summary.field("read"))
        .isGreaterThan(3000);
  }

  @Test
  void without_waits_there_is_no_account() throws SQLException {
    try (Connection connection = site.server().connect()) {
      Sql.execute(connection, "SET pg_trace.level = 4");
      Sql.trace(connection, "no_waits");
      Sql.rows(connection, "SELECT count(*) FROM fought");
    }
    assertThat(site.daemon().ended("no_waits").of(Kind.SUMMARY)).isEmpty();
  }

  /** What the client thinks about is in the session's account, and in no statement's. */
  @Test
  void time_between_statements_is_the_client_s() throws Exception {
    Undisturbed.once(
        run -> {
          try (Connection connection = site.server().connect()) {
            Sql.trace(connection, "thinks" + run);
            Sql.rows(connection, "SELECT 1");
            Wait.sleep(200);
            Sql.rows(connection, "SELECT 2");
            Wait.sleep(100);
          }
          Trace trace = site.daemon().ended("thinks" + run);
          assertThat(summaries(trace, "SELECT [12]")).hasSize(2);
          return trace;
        },
        trace -> {
          Entry session = session(trace);
          assertThat(session.field("think")).isBetween(290_000L, session.field("waits"));
          assertThat(session.field("e")).isGreaterThan(295_000);
          assertThat(summaries(trace, "SELECT [12]"))
              .allSatisfy(summary -> assertThat(summary.field("e")).isLessThan(100_000));
        });
  }
}
