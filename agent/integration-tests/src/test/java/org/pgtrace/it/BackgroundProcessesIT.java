package org.pgtrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.postgresql.PGConnection;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;

/** Processes of the server's own that somebody else has switched on: each has its own file. */
@EachPlatform
class BackgroundProcessesIT {
  private static final int FIRST_WITH_CHECKPOINTER_VIEW = 17;

  private static Site site;

  BackgroundProcessesIT(Platform platform) {
    assertThat(site.server().platform()).isSameAs(platform);
  }

  @BeforeParameterizedClassInvocation
  static void start(Platform platform) throws SQLException {
    Map<String, String> settings =
        Map.of(
            "fsync", "on",
            "checkpoint_timeout", "1h",
            "bgwriter_lru_maxpages", "0",
            "autovacuum_naptime", "1s",
            "autovacuum_vacuum_cost_delay", "20ms",
            "autovacuum_vacuum_cost_limit", "1",
            "wal_writer_delay", "20ms");
    site = Site.started(platform, settings);
    try (Connection connection = site.server().connect()) {
      Sql.execute(connection, "CREATE EXTENSION pg_trace");
      Sql.execute(
          connection,
          "CREATE TABLE many AS SELECT n id, 0 v, repeat('x', 200) pad FROM generate_series(1, 20000) n");
    }
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    site.close();
    assertThat(site.daemon().log()).doesNotContain("ERROR");
  }

  private static long pidOf(Connection connection, String backendType) throws SQLException {
    String sql = "SELECT pid FROM pg_stat_activity WHERE backend_type = '" + backendType + "'";
    Wait.until(backendType, () -> !Sql.rows(connection, sql).isEmpty());
    return Long.parseLong(Sql.rows(connection, sql).get(0).get(0));
  }

  private static void enable(Connection connection, long pid) throws SQLException {
    Sql.rows(connection, "SELECT pg_trace_session_enable(" + pid + ")");
  }

  private static void disable(Connection connection, long pid) throws SQLException {
    assertThat(Sql.value(connection, "SELECT pg_trace_session_disable(" + pid + ")"))
        .isEqualTo("t");
  }

  private static void awaitTraced(Connection connection, long pid) {
    String sql = "SELECT events FROM pg_trace_status() WHERE pid = " + pid;
    Wait.until("events of " + pid, () -> !Sql.rows(connection, sql).isEmpty());
  }

  private static void summaryAddsUp(Trace trace) {
    assertThat(trace.of(Trace.Kind.SUMMARY)).hasSize(1);
    assertThat(trace.of(Trace.Kind.SUMMARY).get(0).field("c")).isZero();
  }

  /** Each block that it writes, as the server counts them itself, and the syncs. */
  @Test
  void the_checkpointer() throws SQLException {
    Trace trace;
    long counted;
    boolean hasView = site.server().platform().major().number() >= FIRST_WITH_CHECKPOINTER_VIEW;
    String counter =
        hasView
            ? "SELECT buffers_written FROM pg_stat_checkpointer"
            : "SELECT buffers_checkpoint FROM pg_stat_bgwriter";
    String checkpoints =
        hasView
            ? "SELECT num_requested FROM pg_stat_checkpointer"
            : "SELECT checkpoints_req FROM pg_stat_bgwriter";
    try (Connection connection = site.server().connect()) {
      checkpoint(connection, checkpoints);
      long pid = pidOf(connection, "checkpointer");
      final long before = Long.parseLong(Sql.value(connection, counter));
      enable(connection, pid);
      // What is dirty by now is written by no more than one checkpoint.
      Sql.execute(connection, "UPDATE many SET v = v + 1 WHERE id % 7 = 0");
      checkpoint(connection, checkpoints);
      counted = Long.parseLong(Sql.value(connection, counter)) - before;
      disable(connection, pid);
      // It looks when it is woken.
      Sql.execute(connection, "CHECKPOINT");
      trace = site.daemon().switchedOff(pid);
    }
    List<WaitLine> writes = WaitLine.of(trace, "db file single write");
    assertThat(writes).allSatisfy(line -> assertThat(line.cursor()).isZero());
    assertThat(WaitLine.blocks(writes)).isEqualTo(counted).isGreaterThan(500);
    assertThat(trace.of(Trace.Kind.WAIT))
        .anyMatch(line -> line.text("nam").equals("IO: DataFileSync"))
        .anyMatch(line -> line.text("nam").equals("log file sync"));
    assertThat(Trace.text(trace.file())).contains("(checkpointer");
    summaryAddsUp(trace);
  }

  /** To its end, and until it is counted, which comes after. */
  private static void checkpoint(Connection connection, String counter) throws SQLException {
    long before = Long.parseLong(Sql.value(connection, counter));
    Sql.execute(connection, "CHECKPOINT");
    Wait.until("it has reported", () -> Long.parseLong(Sql.value(connection, counter)) > before);
  }

  @Test
  void the_wal_writer() throws SQLException {
    Trace trace;
    try (Connection connection = site.server().connect()) {
      long pid = pidOf(connection, "walwriter");
      Sql.execute(connection, "SET synchronous_commit = off");
      enable(connection, pid);
      Sql.execute(connection, "UPDATE many SET v = v + 1 WHERE id % 100 = 0");
      awaitTraced(connection, pid);
      Wait.until(
          "it has written",
          () -> {
            Sql.execute(connection, "UPDATE many SET v = v + 1 WHERE id % 500 = 0");
            return Trace.text(site.daemon().fileOf(pid)).contains("nam='log file parallel write'");
          });
      disable(connection, pid);
      Sql.execute(connection, "UPDATE many SET v = v + 1 WHERE id % 100 = 0");
      trace = site.daemon().switchedOff(pid);
    }
    assertThat(WaitLine.of(trace, "log file parallel write"))
        .isNotEmpty()
        .allSatisfy(line -> assertThat(line.more()).contains("file='pg_wal/"));
    assertThat(WaitLine.of(trace, "Activity: WalWriterMain")).isNotEmpty();
    summaryAddsUp(trace);
  }

  /** It reads and sleeps as its cost limit has it: the delays are lines too. */
  @Test
  void an_autovacuum_worker() throws SQLException {
    Trace trace;
    try (Connection connection = site.server().connect()) {
      Sql.execute(
          connection,
          "CREATE TABLE swept AS SELECT n id, repeat('x', 200) pad FROM generate_series(1, 20000) n");
      Sql.execute(connection, "DELETE FROM swept WHERE id % 2 = 0");
      Sql.execute(connection, "ALTER SYSTEM SET autovacuum = on");
      Sql.execute(connection, "SELECT pg_reload_conf()");
      long pid = pidOf(connection, "autovacuum worker");
      enable(connection, pid);
      Wait.until(
          "it sleeps",
          () -> Trace.text(site.daemon().fileOf(pid)).contains("nam='Timeout: VacuumDelay'"));
      Sql.execute(connection, "ALTER SYSTEM SET autovacuum = off");
      Sql.execute(connection, "SELECT pg_reload_conf()");
      Sql.rows(connection, "SELECT pg_terminate_backend(" + pid + ")");
      trace = site.daemon().ended(pid);
    }
    assertThat(WaitLine.of(trace, "Timeout: VacuumDelay"))
        .anySatisfy(line -> assertThat(line.elapsedUs()).isGreaterThan(5000));
    assertThat(Trace.text(trace.file())).contains("(autovacuum worker");
  }

  /** A standby's connection: what it reads of the log, and what it sends. */
  @Test
  void a_wal_sender() throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", "postgres");
    properties.setProperty("replication", "true");
    properties.setProperty("preferQueryMode", "simple");
    properties.setProperty("assumeMinServerVersion", "15");
    String url = "jdbc:postgresql://127.0.0.1:" + site.server().port() + "/postgres";
    long pid;
    try (Connection connection = site.server().connect();
        Connection standby = DriverManager.getConnection(url, properties)) {
      String place = Sql.value(connection, "SELECT pg_current_wal_lsn()");
      // More than the log's buffers hold, from which a sender may take it.
      Sql.execute(connection, "UPDATE many SET v = v + 1");
      Sql.execute(connection, "UPDATE many SET v = v + 1");
      pid = pidOf(connection, "walsender");
      enable(connection, pid);
      try (PGReplicationStream stream =
          standby
              .unwrap(PGConnection.class)
              .getReplicationAPI()
              .replicationStream()
              .physical()
              .withStartPosition(LogSequenceNumber.valueOf(place))
              .start()) {
        Wait.until("the log comes", () -> stream.readPending() != null);
      }
      awaitTraced(connection, pid);
      disable(connection, pid);
    }
    Trace trace = site.daemon().switchedOff(pid);
    // WALRead, since 17 WalRead.
    assertThat(WaitLine.of(trace))
        .filteredOn(line -> line.name().equalsIgnoreCase("IO: WALRead"))
        .isNotEmpty()
        .allSatisfy(line -> assertThat(line.more()).contains("file='pg_wal/"));
    assertThat(WaitLine.of(trace, "SQL*Net message to client")).isNotEmpty();
    assertThat(Trace.text(trace.file())).contains("(walsender");
  }

  /** The session that asks is no other than the one that is asked. */
  @Test
  void a_client_s_session_follows_too() throws SQLException {
    try (Connection asking = site.server().connect();
        Connection asked = site.server().connect()) {
      int pid = Sql.pid(asked);
      enable(asking, pid);
      Sql.rows(asked, "SELECT 'while it is on'");
      disable(asking, pid);
      Sql.rows(asked, "SELECT 'and off'");
      Trace trace = site.daemon().switchedOff(pid);
      assertThat(trace.calls("FETCH", "SELECT 'while it is on'")).hasSize(1);
      assertThat(Trace.text(trace.file())).doesNotContain("and off");
      assertThat(Sql.value(asking, "SELECT pg_trace_session_disable(" + pid + ")")).isEqualTo("f");
    }
  }

  /** A slot that was offered to a process which has ended before it took it is free again. */
  @Test
  void an_offer_that_nobody_takes_is_withdrawn() throws SQLException {
    int pid;
    try (Connection asking = site.server().connect();
        Connection asked = site.server().connect()) {
      pid = Sql.pid(asked);
      site.server().signal("STOP", pid);
      enable(asking, pid);
      assertThat(status(asking, pid)).containsExactly("8 0");
      site.server().signal("KILL", pid);
      Wait.until("it is gone", () -> !site.server().isAlive(pid));
    }
    Wait.until("the server is back", site.server()::accepts);
    try (Connection asking = site.server().connect()) {
      enable(asking, Sql.pid(asking));
      assertThat(status(asking, pid)).isEmpty();
      assertThat(status(asking, Sql.pid(asking))).hasSize(1);
    }
  }

  private static List<String> status(Connection connection, int pid) throws SQLException {
    return Sql.rows(connection, "SELECT level, events FROM pg_trace_status() WHERE pid = " + pid)
        .stream()
        .map(row -> String.join(" ", row))
        .toList();
  }
}
