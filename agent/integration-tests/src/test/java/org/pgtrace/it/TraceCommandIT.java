package org.pgtrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgtrace.it.Trace.Entry;
import org.pgtrace.ring.Layout;

/** {@code pgtrace trace}: sessions that a program switches on which has no session itself. */
@EachPlatform
class TraceCommandIT {
  private static Site site;

  private final Platform platform;

  TraceCommandIT(Platform platform) {
    this.platform = platform;
  }

  @BeforeParameterizedClassInvocation
  static void start(Platform platform) throws SQLException {
    site = Site.started(platform, Map.of("checkpoint_timeout", "1h"));
    try (Connection connection = site.server().connect()) {
      Sql.execute(connection, "CREATE EXTENSION pg_trace");
    }
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    site.close();
    assertThat(site.daemon().log()).doesNotContain("ERROR");
  }

  private static TraceProgram traceOf(long pid, String... options) {
    return TraceProgram.start(site.server(), pid, options);
  }

  /** Has the session do something until it is traced at that level. */
  private static void awaitLevel(Connection session, int level) throws SQLException {
    int pid = Sql.pid(session);
    Wait.until(
        "it is traced at level " + level,
        () -> {
          Sql.rows(session, "SELECT 'poll'");
          return TraceProgram.levelOf(site.server(), pid) == level;
        });
  }

  private static CompletableFuture<Void> running(Connection session, String sql) {
    return CompletableFuture.runAsync(
        () -> {
          try {
            Sql.execute(session, sql);
          } catch (SQLException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  private static void cancel(Connection asking, int pid, CompletableFuture<Void> statement)
      throws SQLException {
    Sql.rows(asking, "SELECT pg_cancel_backend(" + pid + ")");
    assertThat(statement).failsWithin(Duration.ofSeconds(60));
  }

  @Test
  void an_idle_session_takes_what_it_is_offered_with_its_next_message() throws SQLException {
    try (Connection session = site.server().connect()) {
      int pid = Sql.pid(session);
      try (TraceProgram program = traceOf(pid, "--level", "12", "--for", "6s")) {
        TraceProgram.awaitOffered(site.server(), pid);
        program.awaitSaid("has not noticed the request yet");
        Sql.rows(session, "SELECT 'traced'");
        assertThat(program.await()).as(program.said()).isZero();
        Sql.rows(session, "SELECT 'after'");
        Trace trace = site.daemon().switchedOff(pid);
        assertThat(program.out()).isEqualTo(trace.file() + "\n");
        assertThat(program.said())
            .containsPattern("was traced for ([6-9]|[1-9]\\d)\\.")
            .contains(" 0 lost");
        assertThat(trace.calls("FETCH", "SELECT 'traced'")).hasSize(1);
        assertThat(Trace.text(trace.file())).doesNotContain("'after'");
      }
    }
  }

  /** Its waits at once, until the time is over; and once more in the same statement. */
  @Test
  void a_statement_that_runs_shows_its_waits_while_it_is_traced() throws Exception {
    try (Connection asking = site.server().connect();
        Connection session = site.server().connect()) {
      int pid = Sql.pid(session);
      CompletableFuture<Void> statement =
          running(session, "SELECT pg_sleep(0.02) FROM generate_series(1, 3000)");
      long[] tookUs = new long[2];
      int most = 0;
      for (int time = 1; time <= 2; time++) {
        long begin = System.nanoTime();
        try (TraceProgram program = traceOf(pid, "--for", "1s")) {
          assertThat(program.await()).as(program.said()).isZero();
          tookUs[time - 1] = (System.nanoTime() - begin) / 1000;
          assertThat(statement).isNotDone();
          assertThat(program.out()).isEqualTo(site.daemon().fileOf(pid) + "\n");
        }
        most = (int) (LongStream.of(tookUs).sum() / 20_000) + 2 * time;
        int least = 10 * time;
        Wait.until("they are written", () -> sleeps(pid).size() >= least);
        assertThat(sleeps(pid)).hasSizeLessThanOrEqualTo(most);
      }
      cancel(asking, pid, statement);
      Sql.rows(session, "SELECT 'after'");
      Trace trace = site.daemon().switchedOff(pid);
      assertThat(WaitLine.of(trace, "PL/SQL lock timer")).hasSizeBetween(20, most);
      List<Entry> summaries = trace.of(Trace.Kind.SUMMARY);
      assertThat(summaries).hasSize(2);
      for (int time = 0; time < 2; time++) {
        assertThat(summaries.get(time).field("e")).isBetween(500_000L, tookUs[time]);
      }
      assertThat(Trace.text(trace.file())).doesNotContain("'after'");
    }
  }

  private static List<WaitLine> sleeps(int pid) {
    return WaitLine.of(Trace.read(site.daemon().fileOf(pid)), "PL/SQL lock timer");
  }

  /** It makes no call in which it could notice. */
  @Test
  void a_statement_that_computes_is_traced_from_its_end_on() throws Exception {
    try (Connection asking = site.server().connect();
        Connection session = site.server().connect()) {
      int pid = Sql.pid(session);
      CompletableFuture<Void> statement =
          running(session, "DO $$BEGIN FOR i IN 1 .. 2000000000 LOOP NULL; END LOOP; END$$");
      Wait.until(
          "it runs",
          () ->
              Sql.value(asking, "SELECT state FROM pg_stat_activity WHERE pid = " + pid)
                  .equals("active"));
      try (TraceProgram program = traceOf(pid)) {
        program.awaitSaid("has not noticed the request yet");
        cancel(asking, pid, statement);
        awaitLevel(session, 8);
        Sql.rows(session, "SELECT 'next'");
        assertThat(program.signal("INT")).as(program.said()).isZero();
      }
      Sql.rows(session, "SELECT 'after'");
      Trace trace = site.daemon().switchedOff(pid);
      assertThat(trace.calls("FETCH", "SELECT 'next'")).hasSize(1);
      assertThat(Trace.text(trace.file())).doesNotContain("'after'");
    }
  }

  @Test
  void the_checkpointer() throws SQLException {
    try (Connection connection = site.server().connect()) {
      long pid =
          Long.parseLong(
              Sql.value(
                  connection,
                  "SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'"));
      Sql.execute(connection, "CREATE TABLE dirty AS SELECT generate_series(1, 10000) n");
      try (TraceProgram program = traceOf(pid)) {
        TraceProgram.awaitOffered(site.server(), pid);
        Sql.execute(connection, "CHECKPOINT");
        Wait.until("it is traced", () -> TraceProgram.levelOf(site.server(), pid) == 8);
        Sql.execute(connection, "UPDATE dirty SET n = n + 1");
        Sql.execute(connection, "CHECKPOINT");
        assertThat(program.signal("TERM")).as(program.said()).isZero();
        assertThat(program.out()).isEqualTo(site.daemon().fileOf(pid) + "\n");
      }
      Sql.execute(connection, "CHECKPOINT");
      Trace trace = site.daemon().switchedOff(pid);
      assertThat(WaitLine.of(trace, "db file single write")).isNotEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"INT", "TERM", "HUP"})
  void a_signal_ends_the_trace(String signal) throws SQLException {
    try (Connection session = site.server().connect()) {
      int pid = Sql.pid(session);
      try (TraceProgram program = traceOf(pid)) {
        awaitLevel(session, 8);
        Sql.rows(session, "SELECT 'traced'");
        assertThat(program.signal(signal)).as(program.said()).isZero();
      }
      Sql.rows(session, "SELECT 'after'");
      Trace trace = site.daemon().switchedOff(pid);
      assertThat(trace.calls("FETCH", "SELECT 'traced'")).hasSize(1);
      assertThat(Trace.text(trace.file())).doesNotContain("'after'");
      assertThat(TraceProgram.levelOf(site.server(), pid)).isZero();
    }
  }

  @Test
  void an_offer_that_was_not_taken_is_withdrawn_with_its_memory() throws SQLException {
    try (Connection session = site.server().connect()) {
      int pid = Sql.pid(session);
      final long before = blocks(site.server().segment());
      try (TraceProgram program = traceOf(pid)) {
        TraceProgram.awaitOffered(site.server(), pid);
        assertThat(blocks(site.server().segment())).isGreaterThan(before);
        assertThat(program.signal("INT")).isEqualTo(2);
        assertThat(program.said()).contains("nothing was traced");
        assertThat(program.out()).isEmpty();
      }
      assertThat(TraceProgram.stateOf(site.server(), pid)).isEqualTo(Layout.SLOT_FREE);
      assertThat(blocks(site.server().segment())).isEqualTo(before);
      Sql.rows(session, "SELECT 'after'");
      assertThat(TraceProgram.stateOf(site.server(), pid)).isEqualTo(Layout.SLOT_FREE);
    }
  }

  /** Of 512 bytes, that the file really has. */
  private static long blocks(Path file) {
    return Long.parseLong(Commands.run(List.of("stat", "-c", "%b", file.toString())).strip());
  }

  @Test
  void a_session_that_ends_ends_the_command() throws SQLException {
    int pid;
    TraceProgram program;
    try (Connection session = site.server().connect()) {
      pid = Sql.pid(session);
      program = traceOf(pid);
      awaitLevel(session, 8);
      Wait.until("its file is known", () -> !program.out().isEmpty());
    }
    try (program) {
      assertThat(program.await()).as(program.said()).isZero();
      assertThat(program.said()).contains(" has ended\n");
      assertThat(program.out()).isEqualTo(site.daemon().ended(pid).file() + "\n");
    }
  }

  @Test
  void when_all_connections_are_taken() throws SQLException {
    List<Connection> all = new ArrayList<>();
    try {
      Wait.until(
          "nobody can log in",
          () -> {
            try {
              all.add(site.server().connect());
              return false;
            } catch (SQLException e) {
              assertThat(e.getMessage()).contains("too many clients");
              return true;
            }
          });
      Connection session = all.get(0);
      int pid = Sql.pid(session);
      try (TraceProgram program = traceOf(pid)) {
        awaitLevel(session, 8);
        assertThat(program.signal("INT")).as(program.said()).isZero();
      }
    } finally {
      for (Connection connection : all) {
        connection.close();
      }
    }
  }

  @Test
  void when_the_servers_first_process_is_stopped() throws SQLException {
    try (Connection session = site.server().connect()) {
      int pid = Sql.pid(session);
      long first =
          ProcessHandle.of(site.server().hostPid(pid))
              .flatMap(ProcessHandle::parent)
              .orElseThrow()
              .pid();
      Commands.signal("STOP", first);
      try {
        Wait.until(
            "it is stopped",
            () -> Files.readString(Path.of("/proc/" + first + "/status")).contains("T (stopped)"));
        try (TraceProgram program = traceOf(pid)) {
          awaitLevel(session, 8);
          assertThat(program.signal("INT")).as(program.said()).isZero();
        }
      } finally {
        Commands.signal("CONT", first);
      }
      assertThat(site.server().accepts()).isTrue();
    }
  }

  @Test
  void the_number_that_the_process_has_here_and_the_one_in_its_container_are_both_good()
      throws SQLException {
    try (Connection session = site.server().connect()) {
      int pid = Sql.pid(session);
      long hostPid = site.server().hostPid(pid);
      try (TraceProgram program = traceOf(hostPid)) {
        awaitLevel(session, 8);
        assertThat(program.signal("INT")).as(program.said()).isZero();
      }
      try (TraceProgram program = traceOf(pid, "--level", "12")) {
        awaitLevel(session, 12);
        assertThat(program.signal("INT")).as(program.said()).isZero();
        if (hostPid != pid) {
          assertThat(program.said()).contains(pid + " is process " + hostPid + " here");
        }
      }
    }
  }

  @Test
  void beside_the_server() throws Exception {
    try (Connection asking = site.server().connect();
        Connection session = site.server().connect()) {
      int pid = Sql.pid(session);
      CompletableFuture<Void> statement =
          running(session, "SELECT pg_sleep(0.02) FROM generate_series(1, 3000)");
      Commands.Result result =
          site.server()
              .pgtrace(
                  "trace",
                  String.valueOf(pid),
                  "--for",
                  "1s",
                  "--ring-directory",
                  site.server().ringDirectory().toString());
      assertThat(result.status()).as(result.output()).isZero();
      assertThat(result.output()).contains(site.daemon().fileOf(pid).toString());
      cancel(asking, pid, statement);
    }
  }

  @Test
  void there_is_one_at_a_time() throws SQLException {
    try (Connection session = site.server().connect()) {
      int pid = Sql.pid(session);
      try (TraceProgram first = traceOf(pid)) {
        awaitLevel(session, 8);
        try (TraceProgram second = traceOf(pid, "--level", "12")) {
          assertThat(second.await()).isEqualTo(2);
          assertThat(second.said()).contains("is being traced by another \"pgtrace trace\"");
        }
        Sql.rows(session, "SELECT 'still'");
        assertThat(TraceProgram.levelOf(site.server(), pid)).isEqualTo(8);
        assertThat(first.signal("INT")).as(first.said()).isZero();
      }
      Sql.rows(session, "SELECT 'after'");
      assertThat(site.daemon().switchedOff(pid).calls("FETCH", "SELECT 'still'")).hasSize(1);
    }
  }

  @Test
  void a_session_that_traces_itself_goes_on_as_before() throws SQLException {
    try (Connection session = site.server().connect()) {
      int pid = Sql.pid(session);
      Sql.execute(session, "SET pg_trace.level = 4");
      Sql.execute(session, "SET pg_trace.enabled = on");
      try (TraceProgram program = traceOf(pid, "--level", "12")) {
        awaitLevel(session, 12);
        assertThat(program.signal("INT")).as(program.said()).isZero();
        assertThat(program.said())
            .contains("is being traced already, at level 4")
            .contains("what was asked of it before is in force again");
      }
      awaitLevel(session, 4);
      Sql.execute(session, "SET pg_trace.enabled = off");
      assertThat(TraceProgram.levelOf(site.server(), pid)).isZero();
    }
  }

  @Test
  void what_a_function_has_asked_for_is_in_force_again() throws SQLException {
    try (Connection asking = site.server().connect();
        Connection session = site.server().connect()) {
      int pid = Sql.pid(session);
      Sql.rows(asking, "SELECT pg_trace_session_enable(" + pid + ", 4)");
      awaitLevel(session, 4);
      try (TraceProgram program = traceOf(pid, "--level", "12")) {
        awaitLevel(session, 12);
        assertThat(program.signal("INT")).as(program.said()).isZero();
      }
      awaitLevel(session, 4);
      Sql.rows(asking, "SELECT pg_trace_session_disable(" + pid + ")");
      awaitLevel(session, 0);
    }
  }

  @Test
  void a_request_for_a_name_is_in_force_again() throws SQLException {
    try (Connection asking = site.server().connect();
        Connection session = site.server().connect()) {
      int pid = Sql.pid(session);
      Sql.execute(session, "SET application_name = 'named'");
      Sql.rows(asking, "SELECT pg_trace_application_enable('named', 4)");
      awaitLevel(session, 4);
      try (TraceProgram program = traceOf(pid, "--level", "12")) {
        awaitLevel(session, 12);
        assertThat(program.signal("INT")).as(program.said()).isZero();
      }
      awaitLevel(session, 4);
      Sql.rows(asking, "SELECT pg_trace_application_disable('named')");
      awaitLevel(session, 0);
    }
  }

  @Test
  void what_somebody_asks_meanwhile_stays() throws SQLException {
    try (Connection asking = site.server().connect();
        Connection session = site.server().connect()) {
      int pid = Sql.pid(session);
      try (TraceProgram program = traceOf(pid)) {
        awaitLevel(session, 8);
        Sql.rows(asking, "SELECT pg_trace_session_enable(" + pid + ", 4)");
        awaitLevel(session, 4);
        assertThat(program.signal("INT")).as(program.said()).isZero();
        assertThat(program.said()).contains("stays traced: somebody else has asked for it");
      }
      awaitLevel(session, 4);
      Sql.rows(asking, "SELECT pg_trace_session_disable(" + pid + ")");
      awaitLevel(session, 0);
    }
  }

  @Test
  void somebody_else_may_end_it() throws SQLException {
    try (Connection asking = site.server().connect();
        Connection session = site.server().connect()) {
      int pid = Sql.pid(session);
      try (TraceProgram program = traceOf(pid)) {
        awaitLevel(session, 8);
        Sql.rows(asking, "SELECT pg_trace_session_disable(" + pid + ")");
        assertThat(program.await()).as(program.said()).isZero();
        assertThat(program.said()).contains("somebody else has asked for something else");
      }
      awaitLevel(session, 0);
    }
  }

  /** A command that was killed could not end what it had begun. */
  @Test
  void what_is_left_of_a_killed_command_can_be_switched_off() throws SQLException {
    try (Connection session = site.server().connect()) {
      int pid = Sql.pid(session);
      try (TraceProgram program = traceOf(pid, "--blocks", "all", "--plan-stat", "never")) {
        awaitLevel(session, 8);
        program.signal("KILL");
      }
      awaitLevel(session, 8);
      Commands.Result sessions = site.server().pgtrace("sessions", "--segment", segment());
      assertThat(sessions.output()).containsPattern(pid + " active .* 8 all never ");
      try (TraceProgram program = traceOf(pid, "--off")) {
        assertThat(program.await()).isZero();
        assertThat(program.said()).contains("process " + pid + " is no longer traced");
      }
      awaitLevel(session, 0);
    }
  }

  @Test
  void sessions_shows_what_is_asked() throws SQLException {
    try (Connection asking = site.server().connect();
        Connection session = site.server().connect()) {
      int pid = Sql.pid(session);
      Sql.rows(asking, "SELECT pg_trace_role_enable('plain', 12, 'all', 'never')");
      try (TraceProgram program = traceOf(pid)) {
        TraceProgram.awaitOffered(site.server(), pid);
        String table = site.server().pgtrace("sessions", "--segment", segment()).output();
        assertThat(table)
            .containsPattern(" " + pid + " offered .* 8 physical all_executions\n")
            .containsPattern(site.server().cluster() + " +role plain +12 all never\n");
        program.signal("INT");
      }
      Sql.rows(asking, "SELECT pg_trace_role_disable('plain')");
    }
  }

  private static String segment() {
    return site.server().segment().toString();
  }

  /** The slot that was offered to a process which has died since is there for others. */
  @Test
  void a_stale_offer_is_withdrawn() throws SQLException, IOException {
    try (TracedServer server = platform.started(Map.of("pg_trace.rings", "1"))) {
      Connection session = server.connect();
      int pid = Sql.pid(session);
      try (TraceProgram program = TraceProgram.start(server, pid)) {
        TraceProgram.awaitOffered(server, pid);
        program.signal("KILL");
      }
      server.signal("KILL", pid);
      Wait.until("it has died", () -> !server.isAlive(pid));
      Wait.until("the server is there again", server::accepts);
      assertThat(TraceProgram.stateOf(server, pid)).isEqualTo(Layout.SLOT_OFFERED);
      try (Connection other = server.connect();
          TraceProgram program = TraceProgram.start(server, Sql.pid(other))) {
        TraceProgram.awaitOffered(server, Sql.pid(other));
        assertThat(TraceProgram.stateOf(server, pid)).isEqualTo(Layout.SLOT_FREE);
        program.signal("INT");
      }
    }
  }
}
