package org.pgtrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Several sessions at once: what they wait for from each other, and how exactly. */
@EachPlatform
class ContentionIT {
  private static final int CLIENTS = 8;
  private static final long IMPOSED_MS = 300;
  private static final long TOLERANCE_US = 1000;

  private static Site site;

  ContentionIT(Platform platform) {
    assertThat(site.server().platform()).isSameAs(platform);
  }

  @BeforeParameterizedClassInvocation
  static void start(Platform platform) throws SQLException {
    site =
        Site.started(
            platform, Map.of("shared_buffers", "1MB", "pg_trace.ring_size", "8MB", "fsync", "on"));
    try (Connection connection = site.server().connect()) {
      Sql.execute(connection, "CREATE TABLE fought (id int PRIMARY KEY, v int)");
      Sql.execute(connection, "INSERT INTO fought VALUES (1, 0), (2, 0)");
      for (int client = 0; client < CLIENTS; client++) {
        Sql.execute(
            connection,
            "CREATE TABLE own"
                + client
                + " AS SELECT n id, repeat('x', 400) pad FROM generate_series(1, 4000) n");
      }
      Sql.execute(connection, "CHECKPOINT");
    }
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    site.close();
    assertThat(site.daemon().log()).doesNotContain("ERROR");
  }

  private static long epochUs(Instant moment) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, moment);
  }

  /**
   * The line's time is that between the moment at which the server says that the session began to
   * wait, and the other one's commit, to the millisecond; in one try of several, as the machine may
   * stop any process for longer than that.
   */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "UPDATE fought SET v = v + 1 WHERE id = 1",
        "LOCK TABLE fought IN ACCESS EXCLUSIVE MODE",
        "SELECT pg_advisory_xact_lock(4711)"
      })
  void the_time_of_a_lock_is_exact(String sql) throws Exception {
    Undisturbed.once(
        run -> lockTime(sql, run),
        time ->
            assertThat(time.elapsed)
                .isBetween(time.least - TOLERANCE_US, time.most + TOLERANCE_US));
  }

  /** Of one wait for a lock, us: what its lines say, and what was imposed. */
  private record LockTime(long elapsed, long least, long most) {}

  private static LockTime lockTime(String sql, int run) throws Exception {
    String identifier = "exact_" + Integer.toHexString(sql.hashCode()) + "_" + run;
    long least;
    long most;
    try (Connection holder = site.server().connect();
        Connection waiter = site.server().connect()) {
      holder.setAutoCommit(false);
      Sql.execute(holder, sql);
      waiter.setAutoCommit(false);
      Sql.trace(waiter, identifier);
      CompletableFuture<Void> waiting = CompletableFuture.runAsync(() -> Sql.run(waiter, sql));
      String since =
          "SELECT (extract(epoch FROM waitstart) * 1000000)::bigint FROM pg_locks"
              + " WHERE waitstart IS NOT NULL AND pid = "
              + Sql.pid(waiter);
      Wait.until("the other one waits", () -> !Sql.rows(holder, since).isEmpty());
      final long from = Long.parseLong(Sql.value(holder, since));
      Wait.sleep(IMPOSED_MS);
      least = epochUs(Instant.now()) - from;
      holder.commit();
      most = epochUs(Instant.now()) - from;
      waiting.get();
      waiter.commit();
    }
    long elapsed =
        WaitLine.of(site.daemon().ended(identifier)).stream()
            .filter(line -> line.name().startsWith("enq: "))
            .mapToLong(WaitLine::elapsedUs)
            .sum();
    return new LockTime(elapsed, least, most);
  }

  /**
   * A session is stopped while it syncs the log, and so has the lock for writing it; another one's
   * commit waits for that.
   */
  @Test
  void a_wait_for_a_lightweight_lock_names_it() throws Exception {
    try (Connection holder = site.server().connect();
        Connection waiter = site.server().connect();
        Connection observer = site.server().connect()) {
      Sql.trace(waiter, "lightweight");
      AtomicBoolean over = new AtomicBoolean();
      CompletableFuture<Void> committing =
          CompletableFuture.runAsync(
              () -> {
                while (!over.get()) {
                  Sql.run(holder, "UPDATE fought SET v = v + 1 WHERE id = 1");
                }
              });
      long[] imposed = {0, 0};
      for (int i = 0; i < 200 && imposed[0] == 0; i++) {
        site.server().signal("STOP", Sql.pid(holder));
        try {
          imposed = waitBehindStopped(waiter, observer, Sql.pid(holder));
        } finally {
          site.server().signal("CONT", Sql.pid(holder));
        }
      }
      over.set(true);
      committing.get();
      assertThat(imposed[0]).as("never stopped while it had the lock").isPositive();
      Sql.execute(waiter, "SET pg_trace.enabled = off");
      long most = imposed[1];
      long least = imposed[0];
      assertThat(WaitLine.of(site.daemon().switchedOff("lightweight"), "latch: WALWrite"))
          .anySatisfy(line -> assertThat(line.elapsedUs()).isBetween(least, most));
    }
  }

  /** How long the commit waited at least and at most, us; zeros where it did not. */
  private static long[] waitBehindStopped(Connection waiter, Connection observer, int stopped)
      throws Exception {
    long begin = System.nanoTime();
    CompletableFuture<Void> commit =
        CompletableFuture.runAsync(
            () -> Sql.run(waiter, "UPDATE fought SET v = v + 1 WHERE id = 2"));
    String event =
        "SELECT wait_event FROM pg_stat_activity WHERE wait_event_type = 'LWLock' AND pid = "
            + Sql.pid(waiter);
    for (int i = 0; i < 5 && !commit.isDone(); i++) {
      Wait.sleep(20);
    }
    boolean waits = !commit.isDone() && Sql.rows(observer, event).contains(List.of("WALWrite"));
    long seen = System.nanoTime();
    if (waits) {
      Wait.sleep(IMPOSED_MS);
    }
    long least = (System.nanoTime() - seen) / 1000;
    // Else it was another process that had the lock.
    waits = waits && Sql.rows(observer, event).contains(List.of("WALWrite"));
    site.server().signal("CONT", stopped);
    commit.get();
    long most = (System.nanoTime() - begin) / 1000;
    return waits ? new long[] {least, most} : new long[] {0, 0};
  }

  /** Each client's own table, so that no block is read by one for another. */
  @Test
  void each_block_has_a_line_with_many_clients_too() throws Exception {
    List<CompletableFuture<Void>> clients = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      int client = i;
      clients.add(CompletableFuture.runAsync(() -> scan(client)));
    }
    for (CompletableFuture<Void> client : clients) {
      client.get();
    }
    long blocks = 0;
    for (int i = 0; i < CLIENTS; i++) {
      Trace trace = site.daemon().ended("client" + i);
      String text = Pattern.quote("SELECT count(*), max(pad) FROM own" + i);
      long cursor = trace.calls("FETCH", text).get(0).field("c");
      // Not of catalogs, which all of them read: 17 counts what another has read meanwhile too.
      long counted = trace.calls("FETCH", text).stream().mapToLong(call -> call.field("p")).sum();
      assertThat(trace.calls("FETCH", text)).hasSize(20);
      List<WaitLine> reads =
          WaitLine.reads(trace, cursor).stream()
              .filter(line -> line.more().contains(" node="))
              .toList();
      assertThat(WaitLine.blocks(reads)).isEqualTo(counted);
      assertThat(trace.of(Trace.Kind.LOST)).isEmpty();
      blocks += counted;
    }
    assertThat(blocks).isGreaterThan(CLIENTS * 200L);
  }

  private static void scan(int client) {
    try (Connection connection = site.server().connect()) {
      Sql.trace(connection, "client" + client);
      for (int i = 0; i < 20; i++) {
        Sql.rows(connection, "SELECT count(*), max(pad) FROM own" + client);
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
