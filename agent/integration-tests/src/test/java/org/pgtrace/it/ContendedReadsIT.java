package org.pgtrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.pgtrace.it.Trace.Entry;
import org.pgtrace.it.Trace.Kind;

/**
 * Hits of sessions that fight for few buffers, with each way of the server to read. Where one has
 * begun to read what another finds read when it comes to it, servers since 18 count a hit for which
 * they do not look again.
 */
class ContendedReadsIT {
  private static final int CLIENTS = 8;
  private static final int ROUNDS = 10;
  private static final int PROBE_TRIES = 10;
  private static final int FIRST_WITH_IO_METHODS = 18;

  /** Its probe says "found" of blocks that it counts as read. */
  private static final int PROBE_COUNTS_OTHERWISE = 17;

  static Stream<Arguments> servers() {
    return Platform.all().stream()
        .flatMap(
            platform ->
                platform.major().number() < FIRST_WITH_IO_METHODS
                    ? Stream.of(Arguments.of(platform, ""))
                    : Stream.of("worker", "sync").map(method -> Arguments.of(platform, method)));
  }

  private static Site start(Platform platform, String method) throws SQLException {
    Map<String, String> settings = Map.of("shared_buffers", "1MB", "pg_trace.ring_size", "16MB");
    Site site =
        Site.started(
            platform, method.isEmpty() ? settings : Settings.with(settings, "io_method", method));
    site.server().psql(Sources.resource("crosscheck/setup.sql"), Map.of());
    try (Connection connection = site.server().connect()) {
      for (int client = 0; client < CLIENTS; client++) {
        Sql.execute(
            connection,
            "CREATE TABLE own" + client + " AS SELECT id, val FROM big WHERE id <= 8000");
        Sql.execute(connection, "CREATE INDEX ON own" + client + " (id)");
      }
      Sql.execute(connection, "CHECKPOINT");
    }
    return site;
  }

  /** With a table of their own, or one for all. */
  @ParameterizedTest
  @MethodSource("servers")
  void many_clients_have_their_hits(Platform platform, String method) throws Exception {
    try (Site site = start(platform, method)) {
      for (String table : List.of("own", "big")) {
        for (Trace trace : manyClients(site, table)) {
          assertThat(trace.of(Kind.LOST)).isEmpty();
          assertThat(Hits.inStatements(trace))
              .isEqualTo(Hits.counted(trace))
              .isGreaterThan(CLIENTS * ROUNDS);
        }
      }
    }
  }

  private static List<Trace> manyClients(Site site, String table) throws Exception {
    List<CompletableFuture<Void>> clients = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      String identifier = table + i;
      String of = table.equals("own") ? table + i : table;
      clients.add(CompletableFuture.runAsync(() -> work(site, identifier, of)));
    }
    for (CompletableFuture<Void> client : clients) {
      client.get();
    }
    List<Trace> traces = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      traces.add(site.daemon().ended(table + i));
    }
    return traces;
  }

  private static void work(Site site, String identifier, String table) {
    try (Connection connection = site.server().connect()) {
      Sql.execute(connection, "SET pg_trace.blocks = 'all'");
      Sql.trace(connection, identifier);
      for (int i = 0; i < ROUNDS; i++) {
        Sql.rows(connection, "SELECT sum(val) FROM " + table + " WHERE id % 7 = 3");
        Sql.rows(connection, "SELECT count(*) FROM small s JOIN " + table + " b ON b.id = s.id");
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Block by block, in order, also those for which the server has not looked again. */
  @ParameterizedTest
  @MethodSource("servers")
  void the_server_s_probe_has_the_same_hits(Platform platform, String method) throws Exception {
    Assumptions.assumeTrue(platform.major().number() != PROBE_COUNTS_OTHERWISE);
    try (Site site = start(platform, method)) {
      boolean compared = false;
      // bpftrace does not always find the program of a container at once.
      for (int i = 0; i < PROBE_TRIES && !compared; i++) {
        compared = compareWithProbe(site, "probe" + i);
      }
      Assumptions.assumeTrue(compared, "this build of the server fires no probes");
    }
  }

  /** Returns false where the probe has shown nothing. */
  private static boolean compareWithProbe(Site site, String identifier) throws Exception {
    List<Long> theirs = probed(site, identifier);
    if (theirs.isEmpty()) {
      return false;
    }
    List<Long> ours = new ArrayList<>();
    int guesses = 0;
    for (Entry entry : site.daemon().switchedOff(identifier).entries()) {
      if (isReadOfTable(entry)) {
        LongStream.range(entry.field("p2"), entry.field("p2") + entry.field("p3"))
            .forEach(ours::add);
      } else if (isHitOfTable(entry)) {
        for (String span : Hits.spans(entry).toList()) {
          if (Hits.isGuess(span)) {
            // It may be wrong; what is not marked may not.
            guesses++;
            ours.add(ours.size() < theirs.size() ? theirs.get(ours.size()) : -1);
          } else {
            Hits.blocks(span).forEach(ours::add);
          }
        }
      }
    }
    assertThat(ours).isEqualTo(theirs).hasSizeGreaterThan(1000);
    assertThat(guesses).isLessThan(ours.size() / 50);
    return true;
  }

  private static boolean isHitOfTable(Entry entry) {
    return entry.kind() == Kind.HIT
        && "public.big".equals(entry.text("rel"))
        && "main".equals(entry.text("fork"));
  }

  private static boolean isReadOfTable(Entry entry) {
    return entry.kind() == Kind.WAIT
        && entry.text("nam").matches("db file (sequential|scattered) read")
        && entry.line().contains("rel='public.big'");
  }

  /** The table's blocks that the server has found or read, while one session of many scans it. */
  private static List<Long> probed(Site site, String identifier) throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    List<CompletableFuture<Void>> others = new ArrayList<>();
    try (Connection connection = site.server().connect()) {
      String file = Sql.value(connection, "SELECT pg_relation_filenode('big')");
      Sql.execute(connection, "SET pg_trace.blocks = 'all'");
      long pid = site.server().hostPid(Sql.pid(connection));
      String probe =
          "usdt:/proc/%d/exe:postgresql:buffer__read__done /pid == %d && (uint32) arg4 == %s/ "
              .formatted(pid, pid, file);
      try (KernelTrace kernel = new KernelTrace(probe + "{ printf(\"%d\\n\", (uint32) arg1); }")) {
        for (int i = 1; i < CLIENTS; i++) {
          others.add(CompletableFuture.runAsync(() -> scan(site, over)));
        }
        Sql.trace(connection, identifier);
        for (int i = 0; i < ROUNDS; i++) {
          Sql.rows(connection, "SELECT sum(val) FROM big WHERE id % 7 = 3");
          Sql.rows(connection, "SELECT sum(val) FROM big WHERE grp IN (3, 5, 8)");
        }
        Sql.execute(connection, "SET pg_trace.enabled = off");
        over.set(true);
        return kernel.lines("\\d+").stream().map(Long::valueOf).toList();
      }
    } finally {
      over.set(true);
      for (CompletableFuture<Void> other : others) {
        other.get();
      }
    }
  }

  private static void scan(Site site, AtomicBoolean over) {
    try (Connection connection = site.server().connect()) {
      while (!over.get()) {
        Sql.rows(connection, "SELECT sum(val) FROM big");
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
