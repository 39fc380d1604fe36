package org.pgtrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pgtrace.it.Trace.Entry;
import org.pgtrace.it.Trace.Kind;

/** Sessions that are switched on in the middle of a statement: its text, its plan, its waits. */
@EachPlatform
class RunningStatementIT {
  /** Each of its sleeps is a wait. */
  private static final int SLEEPS = 60;

  private static Site site;

  RunningStatementIT(Platform platform) {
    assertThat(site.server().platform()).isSameAs(platform);
  }

  @BeforeParameterizedClassInvocation
  static void start(Platform platform) throws SQLException {
    site = Site.started(platform);
    try (Connection connection = site.server().connect()) {
      Sql.execute(connection, "CREATE EXTENSION pg_trace");
      Sql.execute(connection, "CREATE TABLE t (id int PRIMARY KEY, v text)");
      Sql.execute(connection, "INSERT INTO t SELECT n, n FROM generate_series(1, 1000) n");
      Sql.execute(
          connection,
          "CREATE FUNCTION slow(n int) RETURNS int LANGUAGE plpgsql AS"
              + " $$BEGIN PERFORM pg_sleep(0.05); RETURN n; END$$");
      Sql.execute(
          connection,
          "CREATE FUNCTION caught(n int) RETURNS int LANGUAGE plpgsql AS $$BEGIN PERFORM"
              + " pg_sleep(0.05); RETURN n / (n - n); EXCEPTION WHEN division_by_zero THEN RETURN"
              + " 0; END$$");
    }
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    assertThat(site.server().log()).doesNotContain("PANIC").doesNotContain("was terminated");
    site.close();
    assertThat(site.daemon().log()).doesNotContain("ERROR");
  }

  /**
   * @param call of the statement that ran
   * @param node in its plan; empty: it has none
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "FETCH | Index      | SELECT count(*) FROM t WHERE id BETWEEN 1 AND 60 AND pg_sleep(0.05) IS NOT NULL",
        "FETCH | Sort       | SELECT pg_sleep(0.05), v FROM t WHERE id <= 60 ORDER BY v LIMIT 60",
        "FETCH | Append     | SELECT pg_sleep(0.05) FROM (SELECT id FROM t WHERE id <= 30 UNION ALL SELECT id FROM t WHERE id BETWEEN 31 AND 60) s",
        "FETCH | Scan       | SELECT slow(id) FROM t WHERE id <= 60",
        "FETCH | Scan       | SELECT caught(id) FROM t WHERE id <= 60",
        "EXEC  | Insert     | INSERT INTO t SELECT 5000 + g, pg_sleep(0.05)::text FROM generate_series(1, 60) g",
        "EXEC  | Update     | UPDATE t SET v = 'x' WHERE id <= 60 AND pg_sleep(0.05) IS NOT NULL",
        "EXEC  | \"\"       | DO $$BEGIN FOR i IN 1..60 LOOP PERFORM pg_sleep(0.05); END LOOP; END$$",
        "EXEC  | \"\"       | CREATE TABLE copied AS SELECT pg_sleep(0.05)::text FROM generate_series(1, 60)",
      })
  void the_statement_that_runs_has_its_text_its_plan_and_its_waits(
      String call, String node, String sql) throws Exception {
    try (Connection asking = site.server().connect();
        Connection traced = site.server().connect()) {
      int pid = Sql.pid(traced);
      CompletableFuture<Void> running = CompletableFuture.runAsync(() -> Sql.run(traced, sql));
      Wait.untilSessionWaits(asking, pid, "PgSleep");
      Sql.rows(asking, "SELECT pg_trace_session_enable(" + pid + ")");
      // At once, not when it ends.
      awaitStatement(pid);
      assertThat(running).isNotDone();
      running.get();
      Sql.rows(traced, "SELECT 'after it'");
      Sql.rows(asking, "SELECT pg_trace_session_disable(" + pid + ")");
      Sql.rows(traced, "SELECT 1");

      Trace trace = site.daemon().switchedOff(pid);
      List<Entry> calls = trace.calls(call, Pattern.quote(sql));
      assertThat(calls).hasSize(1);
      assertThat(calls.get(0).line()).contains(" partial");
      long cursor = calls.get(0).field("c");
      List<Entry> sleeps =
          trace.of(Kind.WAIT).stream()
              .filter(wait -> wait.text("nam").equals("PL/SQL lock timer"))
              .toList();
      assertThat(sleeps).hasSizeBetween(5, SLEEPS);
      if (!sql.contains("slow")
          && !sql.contains("caught")
          && !sql.startsWith("DO")
          && !sql.startsWith("CREATE")) {
        assertThat(sleeps).allMatch(sleep -> sleep.field("c") == cursor);
      }
      assertThat(calls.get(0).field("e"))
          .isGreaterThanOrEqualTo(sleeps.stream().mapToLong(s -> s.field("ela")).sum());
      String text = Trace.text(trace.file());
      if (node.isEmpty()) {
        assertThat(text).doesNotContainPattern("\nPLAN .* running\n");
      } else {
        String head = "PLAN #" + cursor + ": plh=";
        assertThat(text).contains(head);
        String plan = text.substring(text.indexOf(head));
        assertThat(plan.substring(0, plan.indexOf('\n'))).endsWith(" running");
        assertThat(plan.substring(0, plan.indexOf("WAIT #"))).contains(node);
      }
      assertThat(trace.calls("FETCH", "SELECT 'after it'")).hasSize(1);
    }
  }

  @ParameterizedTest
  @CsvSource({"cancel", "terminate", "error"})
  void a_statement_that_fails_after_it_was_switched_on_leaves_the_session_as_it_is(String how)
      throws Exception {
    try (Connection asking = site.server().connect();
        Connection traced = site.server().connect()) {
      int pid = Sql.pid(traced);
      String sql =
          "SELECT 1 / (" + (how.equals("error") ? 60 : 3000) + " - id), pg_sleep(0.05) FROM t";
      CompletableFuture<Void> running = CompletableFuture.runAsync(() -> Sql.run(traced, sql));
      Wait.untilSessionWaits(asking, pid, "PgSleep");
      Sql.rows(asking, "SELECT pg_trace_session_enable(" + pid + ")");
      awaitStatement(pid);
      if (!how.equals("error")) {
        Sql.rows(asking, "SELECT pg_" + how + "_backend(" + pid + ")");
      }
      assertThat(running.handle((done, failed) -> failed).get()).isNotNull();
      Trace trace;
      if (how.equals("terminate")) {
        trace = site.daemon().ended(pid);
      } else {
        Sql.rows(traced, "SELECT 'after it'");
        Sql.rows(asking, "SELECT pg_trace_session_disable(" + pid + ")");
        Sql.rows(traced, "SELECT 1");
        trace = site.daemon().switchedOff(pid);
        assertThat(trace.calls("FETCH", "SELECT 'after it'"))
            .hasSize(1)
            .allMatch(call -> call.field("dep") == 0);
      }
      assertThat(trace.calls("FETCH", Pattern.quote(sql)))
          .hasSize(1)
          .allMatch(call -> call.line().contains(" partial"));
      assertThat(trace.of(Kind.ERROR)).hasSize(1);
    }
  }

  private static void awaitStatement(int pid) {
    Path file = site.daemon().fileOf(pid);
    Wait.until(file + " has the statement", () -> Trace.text(file).contains("PARSING IN CURSOR"));
  }
}
