package org.pgtrace.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.util.PSQLException;

/** Sessions that somebody else switches on: by pid, application, role and database. */
@EachPlatform
class AnySessionIT {
  private static Site site;

  AnySessionIT(Platform platform) {
    assertThat(site.server().platform()).isSameAs(platform);
  }

  @BeforeParameterizedClassInvocation
  static void start(Platform platform) throws SQLException {
    site = Site.started(platform, Map.of());
    try (Connection connection = site.server().connect()) {
      Sql.execute(connection, "CREATE EXTENSION pg_trace");
      Sql.execute(connection, "CREATE ROLE granted LOGIN");
      Sql.execute(
          connection, "GRANT EXECUTE ON FUNCTION pg_trace_session_disable(integer) TO granted");
    }
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    site.close();
    assertThat(site.daemon().log()).doesNotContain("ERROR");
  }

  @AfterEach
  void noRuleIsLeft() throws SQLException {
    try (Connection connection = site.server().connect()) {
      assertThat(Sql.rows(connection, "SELECT rule FROM pg_trace_status() WHERE rule IS NOT NULL"))
          .isEmpty();
    }
  }

  private static Connection named(String application) throws SQLException {
    Connection connection = site.server().connect("plain", Map.of());
    Sql.execute(connection, "SET application_name = '" + application + "'");
    return connection;
  }

  /** One session that runs, and one that comes later; one that is something else. */
  @ParameterizedTest
  @CsvSource({"application, mine", "role, plain"})
  void sessions_of_a_name_are_traced_until_that_is_disabled(String what, String name)
      throws SQLException {
    try (Connection asking = site.server().connect();
        Connection running = named("mine");
        Connection other = site.server().connect()) {
      Sql.rows(running, "SELECT 'before'");
      Sql.rows(asking, "SELECT pg_trace_" + what + "_enable('" + name + "', 12)");
      assertThat(Sql.value(asking, "SELECT rule FROM pg_trace_status() WHERE pid IS NULL"))
          .isEqualTo(what + " " + name);
      try (Connection later = named("mine")) {
        Sql.rows(running, "SELECT 'while it is on'");
        Sql.rows(later, "SELECT 'later'");
        Sql.rows(later, "SELECT 'later'");
        Sql.rows(other, "SELECT 'other'");
        assertThat(Sql.value(asking, "SELECT pg_trace_" + what + "_disable('" + name + "')"))
            .isEqualTo("t");
        Sql.rows(running, "SELECT 'after'");
        Sql.rows(later, "SELECT 'after'");
        Trace ofRunning = site.daemon().switchedOff(Sql.pid(running));
        assertThat(ofRunning.calls("FETCH", "SELECT 'while it is on'")).hasSize(1);
        assertThat(Trace.text(ofRunning.file())).doesNotContain("'before'").doesNotContain("after");
        Trace ofLater = site.daemon().switchedOff(Sql.pid(later));
        assertThat(ofLater.calls("FETCH", "SELECT 'later'")).hasSize(2);
        assertThat(Trace.text(ofLater.file())).doesNotContain("after");
      }
      assertThat(
              Sql.rows(asking, "SELECT pid FROM pg_trace_status() WHERE pid = " + Sql.pid(other)))
          .isEmpty();
    }
  }

  /** Its pid. */
  private static int shortSession() throws SQLException {
    try (Connection connection = site.server().connect()) {
      Sql.rows(connection, "SELECT 'later'");
      return Sql.pid(connection);
    }
  }

  @Test
  void sessions_of_a_database_are_traced() throws SQLException {
    try (Connection asking = site.server().connect()) {
      Sql.rows(asking, "SELECT pg_trace_database_enable('postgres')");
      int pid = shortSession();
      Wait.until("it has ended", () -> !site.server().isAlive(pid));
      Sql.rows(asking, "SELECT pg_trace_database_disable('postgres')");
      assertThat(site.daemon().ended(pid).calls("FETCH", "SELECT 'later'")).hasSize(1);
    }
  }

  @Test
  void a_session_that_takes_another_name_is_looked_at_anew() throws SQLException {
    try (Connection asking = site.server().connect();
        Connection session = named("first")) {
      Sql.rows(asking, "SELECT pg_trace_application_enable('second')");
      Sql.rows(session, "SELECT 'as first'");
      Sql.execute(session, "SET application_name = 'second'");
      Sql.rows(session, "SELECT 'as second'");
      Sql.execute(session, "SET application_name = 'third'");
      Sql.rows(session, "SELECT 'as third'");
      Sql.rows(asking, "SELECT pg_trace_application_disable('second')");
      Trace trace = site.daemon().switchedOff(Sql.pid(session));
      assertThat(trace.calls("FETCH", "SELECT 'as second'")).hasSize(1);
      assertThat(Trace.text(trace.file())).doesNotContain("as first").doesNotContain("as third");
    }
  }

  /** Its waits at once, its calls from the next one on. */
  @Test
  void a_statement_that_runs_shows_its_waits_from_then_on() throws Exception {
    try (Connection asking = site.server().connect();
        Connection asked = site.server().connect()) {
      int pid = Sql.pid(asked);
      CompletableFuture<Void> running =
          CompletableFuture.runAsync(
              () -> Sql.run(asked, "SELECT pg_sleep(0.02) FROM generate_series(1, 300)"));
      Wait.untilSessionWaits(asking, pid, "PgSleep");
      Wait.sleep(200);
      Sql.rows(asking, "SELECT pg_trace_session_enable(" + pid + ")");
      running.get();
      Sql.rows(asked, "SELECT 'next'");
      Sql.rows(asking, "SELECT pg_trace_session_disable(" + pid + ")");
      Sql.rows(asked, "SELECT 'after'");
      Trace trace = site.daemon().switchedOff(pid);
      assertThat(WaitLine.of(trace, "PL/SQL lock timer")).hasSizeBetween(10, 298);
      assertThat(trace.calls("FETCH", "SELECT 'next'")).hasSize(1);
    }
  }

  /** What a pool does between two clients does not end what an administrator has asked for. */
  @Test
  void a_session_that_is_reset_stays_traced() throws SQLException {
    try (Connection asking = site.server().connect();
        Connection asked = site.server().connect()) {
      int pid = Sql.pid(asked);
      Sql.rows(asking, "SELECT pg_trace_session_enable(" + pid + ")");
      Sql.execute(asked, "DISCARD ALL");
      Sql.rows(asked, "SELECT 'still'");
      Sql.execute(asked, "SET pg_trace.enabled = on");
      Sql.execute(asked, "SET pg_trace.enabled = off");
      Sql.rows(asked, "SELECT 'no more'");
      Trace trace = site.daemon().switchedOff(pid);
      assertThat(trace.calls("FETCH", "SELECT 'still'")).hasSize(1);
      assertThat(Trace.text(trace.file())).doesNotContain("no more");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "pg_trace_session_enable(pg_backend_pid())",
        "pg_trace_session_disable(pg_backend_pid())",
        "pg_trace_application_enable('it')",
        "pg_trace_application_disable('it')",
        "pg_trace_role_enable('plain')",
        "pg_trace_role_disable('plain')",
        "pg_trace_database_enable('postgres')",
        "pg_trace_database_disable('postgres')",
        "pg_trace_status()"
      })
  void nobody_else_may(String function) throws SQLException {
    try (Connection plain = site.server().connect("plain", Map.of())) {
      assertThatThrownBy(() -> Sql.rows(plain, "SELECT " + function))
          .isInstanceOf(PSQLException.class)
          .hasMessageContaining("permission denied for function");
    }
  }

  @Test
  void who_was_granted_it_may() throws SQLException {
    try (Connection asked = site.server().connect();
        Connection granted = site.server().connect("granted", Map.of())) {
      assertThat(Sql.value(granted, "SELECT pg_trace_session_disable(" + Sql.pid(asked) + ")"))
          .isEqualTo("f");
      assertThatThrownBy(
              () -> Sql.rows(granted, "SELECT pg_trace_session_enable(" + Sql.pid(asked) + ")"))
          .hasMessageContaining("permission denied for function");
    }
  }
}
