package org.pgtrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.ArgumentsProvider;
import org.junit.jupiter.params.provider.ArgumentsSource;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.support.ParameterDeclarations;
import org.pgtrace.it.Trace.Entry;
import org.pgtrace.it.Trace.Kind;

/**
 * Reads that others do for a session, since 18, in each {@code io_method}: each block that the
 * server counts as read is in a line of the statement and plan node that asked for it.
 */
@ParameterizedClass(name = "{0}", allowZeroInvocations = true)
@ArgumentsSource(AsyncIoIT.EachMethod.class)
class AsyncIoIT {
  private static final int FIRST_WITH_IO_WORKERS = 18;
  private static final Path URING_DISABLED = Path.of("/proc/sys/kernel/io_uring_disabled");
  private static final Pattern BY = Pattern.compile(" by=(\\S+)$");
  private static final String WORKER = "io-worker:";
  private static final int CLIENTS = 4;

  private static Site site;

  private final String method;

  /** The platforms that have I/O methods, with each of those that can be had here. */
  static final class EachMethod implements ArgumentsProvider {
    @Override
    public Stream<? extends Arguments> provideArguments(
        ParameterDeclarations parameters, ExtensionContext context) {
      List<String> methods = new ArrayList<>(List.of("worker", "sync"));
      if (hasIoUring()) {
        methods.add("io_uring");
      } else {
        System.out.println("left out: io_uring: the kernel does not allow it");
      }
      return Platform.all().stream()
          .filter(platform -> platform.major().number() >= FIRST_WITH_IO_WORKERS)
          .flatMap(platform -> methods.stream().map(method -> Arguments.of(platform, method)));
    }

    private static boolean hasIoUring() {
      try {
        return Files.exists(URING_DISABLED) && Files.readString(URING_DISABLED).strip().equals("0");
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  AsyncIoIT(Platform platform, String method) {
    assertThat(site.server().platform()).isSameAs(platform);
    this.method = method;
  }

  /** Tables that are larger than the buffers. */
  @BeforeParameterizedClassInvocation
  static void start(Platform platform, String method) throws SQLException {
    site =
        Site.started(
            platform,
            Map.of(
                "io_method",
                method,
                "shared_buffers",
                "8MB",
                "pg_trace.ring_size",
                "16MB",
                "max_parallel_maintenance_workers",
                "0"));
    try (Connection connection = site.server().connect()) {
      Sql.execute(connection, "CREATE EXTENSION pg_trace");
      Sql.execute(
          connection,
          "CREATE TABLE wide AS SELECT n id, n % 100 grp, random() k, repeat('x', 400) pad"
              + " FROM generate_series(1, 40000) n");
      Sql.execute(connection, "CREATE INDEX wide_grp ON wide (grp)");
      Sql.execute(connection, "CREATE INDEX wide_k ON wide (k)");
      Sql.execute(
          connection,
          "CREATE TABLE other AS SELECT n id, repeat('x', 900) pad FROM generate_series(1, 20000) n");
      Sql.execute(
          connection,
          "CREATE TABLE filler AS SELECT random() k, repeat('x', 900) pad"
              + " FROM generate_series(1, 20000)");
      Sql.execute(connection, "CREATE INDEX filler_k ON filler (k)");
      Sql.execute(connection, "VACUUM ANALYZE");
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
      Sql.trace(connection, identifier);
      for (String sql : statements) {
        Sql.execute(connection, sql);
      }
    }
    return site.daemon().ended(identifier);
  }

  /** Other tests' blocks leave the buffers. */
  @BeforeEach
  void fill() throws SQLException {
    try (Connection connection = site.server().connect()) {
      Sql.execute(connection, "SET enable_seqscan = off");
      Sql.execute(connection, "SET enable_bitmapscan = off");
      Sql.rows(connection, "SELECT count(pad) FROM filler WHERE k < 0.4");
    }
  }

  private static List<WaitLine> reads(Trace trace) {
    return WaitLine.of(trace).stream().filter(WaitLine::isBlockRead).toList();
  }

  /** Who read it for the session; empty where it did itself. */
  private static String by(WaitLine line) {
    Matcher matcher = BY.matcher(line.more());
    return matcher.find() ? matcher.group(1) : "";
  }

  private static boolean isByOthers(WaitLine line) {
    return by(line).startsWith("io");
  }

  private static Set<Long> ioWorkers() throws SQLException {
    Set<Long> pids = new HashSet<>();
    try (Connection connection = site.server().connect()) {
      String sql = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'io worker'";
      for (List<String> row : Sql.rows(connection, sql)) {
        pids.add(Long.parseLong(row.get(0)));
      }
    }
    return pids;
  }

  /** Blocks that the session's account has as read. */
  private static long accounted(Trace trace) {
    return trace.of(Kind.SUMMARY).stream()
        .filter(summary -> summary.field("c") == 0)
        .mapToLong(summary -> summary.field("read"))
        .sum();
  }

  /** Blocks in lines, but for pg_trace's own work, which is in no account. */
  private static long lines(Trace trace) {
    return WaitLine.blocks(
        reads(trace).stream().filter(line -> !by(line).equals("pg_trace")).toList());
  }

  /** All that the session has read is in lines. */
  private static void assertWhole(Trace trace) {
    assertThat(trace.of(Kind.LOST)).isEmpty();
    assertThat(lines(trace)).isEqualTo(accounted(trace)).isGreaterThan(50);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "sequential | true  | SELECT sum(id) FROM wide",
        "bitmap     | true  | SELECT sum(id) FROM wide WHERE grp IN (3, 5, 8)",
        "index      | false | SELECT count(pad) FROM wide WHERE k BETWEEN 0.2 AND 0.4",
        "join       | true  | SELECT count(*) FROM wide w JOIN other o USING (id)",
        "limit      | true  | SELECT id FROM wide OFFSET 5000 LIMIT 1",
        "nested     | true  | SELECT (SELECT count(*) FROM wide WHERE grp = o.id) FROM other o WHERE id < 4",
        "vacuum     | true  | VACUUM (DISABLE_PAGE_SKIPPING) wide",
        "analyze    | true  | ANALYZE wide",
        "build      | true  | CREATE INDEX ON wide (length(pad))",
      })
  void each_block_that_the_server_counts_as_read_is_in_a_line(
      String name, boolean asksOthers, String sql) throws SQLException {
    Set<Long> workers = ioWorkers();
    String set = name.equals("index") ? "SET enable_bitmapscan = off" : "SET work_mem = '64MB'";
    String also = name.equals("index") ? "SET enable_seqscan = off" : "SELECT 1";
    Trace trace = traced("aio_" + method + "_" + name, set, also, sql);
    workers.addAll(ioWorkers());

    long cursor = trace.calls("EXEC", Pattern.quote(sql)).get(0).field("c");
    long counted =
        trace.of(Kind.CALL).stream()
            .filter(call -> call.field("c") == cursor)
            .mapToLong(call -> call.field("p"))
            .sum();
    List<WaitLine> reads = WaitLine.reads(trace, cursor);
    // In CLOSE, which has no figures, what was asked for ahead of a LIMIT may be read.
    if (name.equals("limit")) {
      assertThat(WaitLine.blocks(reads)).isGreaterThanOrEqualTo(counted);
    } else {
      assertThat(WaitLine.blocks(reads)).isEqualTo(counted);
    }
    assertThat(counted).isGreaterThan(50);
    assertWhole(trace);

    List<WaitLine> byOthers = reads.stream().filter(AsyncIoIT::isByOthers).toList();
    if (asksOthers && !method.equals("sync")) {
      assertThat(byOthers).isNotEmpty();
    }
    // What is asked for while an execution is closed is no node's.
    if (sql.startsWith("SELECT") && !name.equals("limit")) {
      assertThat(byOthers).allSatisfy(line -> assertThat(line.more()).contains(" node="));
    }
    assertReaders(byOthers, workers);
  }

  private void assertReaders(List<WaitLine> byOthers, Set<Long> workers) {
    switch (method) {
      case "worker" ->
          assertThat(byOthers)
              .allSatisfy(
                  line -> {
                    assertThat(by(line)).startsWith(WORKER);
                    assertThat(workers)
                        .contains(Long.parseLong(by(line).substring(WORKER.length())));
                    assertThat(line.more()).containsPattern(" tier=(cache|disk)");
                  });
      // Where io_uring had it from the kernel does not tell.
      case "io_uring" ->
          assertThat(byOthers)
              .allSatisfy(
                  line -> {
                    assertThat(by(line)).isEqualTo("io_uring");
                    assertThat(line.more()).doesNotContain(" tier=");
                  });
      default -> assertThat(byOthers).isEmpty();
    }
  }

  /** Of two scans in one plan, each has the blocks of its own table. */
  @Test
  void a_read_by_others_names_relation_and_plan_node() throws SQLException {
    String sql = "SELECT count(w.pad), count(o.pad) FROM wide w JOIN other o USING (id)";
    Trace trace = traced("aio_nodes_" + method, "SET enable_indexscan = off", sql);
    long cursor = trace.calls("FETCH", Pattern.quote(sql)).get(0).field("c");
    for (String table : List.of("wide", "other")) {
      long node =
          trace.lastPlan(Pattern.quote(sql)).stream()
              .filter(entry -> entry.text("op").startsWith("Seq Scan on public." + table))
              .findFirst()
              .orElseThrow()
              .field("id");
      List<WaitLine> lines =
          WaitLine.reads(trace, cursor).stream()
              .filter(line -> line.more().contains(" rel='public." + table + "'"))
              .toList();
      assertThat(lines).isNotEmpty();
      assertThat(lines).allSatisfy(line -> assertThat(line.more()).contains(" node=" + node + " "));
      assertThat(lines.stream().anyMatch(AsyncIoIT::isByOthers)).isEqualTo(!method.equals("sync"));
      // Each block once.
      assertThat(lines.stream().map(WaitLine::block)).doesNotHaveDuplicates();
    }
  }

  /** What the session itself waits for meanwhile are lines of its own. */
  @Test
  void the_session_s_own_waits_are_its_own() throws SQLException {
    String sql = "SELECT sum(id) FROM wide";
    try (Connection connection = site.server().connect()) {
      PageCache.forget(site.server().dataFile(connection, "wide"));
    }
    Trace trace = traced("aio_cold_" + method, sql);
    Entry summary =
        trace.of(Kind.SUMMARY).stream()
            .filter(s -> trace.statementOf(s.field("c")).equals(sql))
            .findFirst()
            .orElseThrow();
    assertWhole(trace);
    List<String> own =
        switch (method) {
          case "worker" -> List.of("IO: AioIoCompletion");
          case "io_uring" -> List.of("IO: AioIoUringSubmit", "IO: AioIoUringExecution");
          default -> List.of();
        };
    for (String name : own) {
      assertThat(WaitLine.of(trace, name))
          .isNotEmpty()
          .allSatisfy(line -> assertThat(by(line)).isEmpty())
          .anySatisfy(line -> assertThat(line.more()).contains(" node="));
    }
    if (method.equals("io_uring")) {
      assertThat(summary.field("disk") + summary.field("cache")).isLessThan(summary.field("read"));
    } else {
      assertThat(summary.field("disk")).isPositive();
      assertThat(summary.field("disk") + summary.field("cache")).isEqualTo(summary.field("read"));
      assertThat(reads(trace)).anySatisfy(line -> assertThat(line.more()).contains(" tier=disk"));
    }
  }

  /** Sessions that are traced and others read one table at a time: each has what it asked for. */
  @Test
  void many_sessions_have_their_own_reads() throws Exception {
    List<CompletableFuture<Void>> clients = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      String identifier = "aio_many_" + method + i;
      clients.add(CompletableFuture.runAsync(() -> work(identifier)));
      clients.add(CompletableFuture.runAsync(() -> work("")));
    }
    for (CompletableFuture<Void> client : clients) {
      client.get();
    }
    for (int i = 0; i < CLIENTS; i++) {
      assertWhole(site.daemon().ended("aio_many_" + method + i));
    }
    assertThat(site.daemon().files().stream().filter(file -> file.toString().contains("_many_")))
        .hasSize(CLIENTS);
  }

  private static void work(String identifier) {
    try (Connection connection = site.server().connect()) {
      if (!identifier.isEmpty()) {
        Sql.trace(connection, identifier);
      }
      for (int i = 0; i < 5; i++) {
        Sql.rows(connection, "SELECT sum(id) FROM wide WHERE id % 7 = 3");
        Sql.rows(connection, "SELECT count(pad) FROM wide WHERE grp IN (3, 5, 8)");
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The server's statistics count by process what it reads and asks others to read. */
  @Test
  void the_server_s_statistics_count_the_same() throws SQLException {
    String identifier = "aio_stat_" + method;
    long counted;
    try (Connection traced = site.server().connect();
        Connection observer = site.server().connect()) {
      // The catalogs are read before.
      Sql.trace(traced, "aio_before_" + method);
      Sql.execute(traced, "SET pg_trace.enabled = off");
      site.daemon().switchedOff("aio_before_" + method);
      final long before = counted(traced, observer);
      Sql.trace(traced, identifier);
      Sql.execute(traced, "SELECT sum(id) FROM wide");
      Sql.execute(traced, "SELECT count(pad) FROM wide WHERE grp IN (3, 5, 8)");
      Sql.execute(traced, "VACUUM (DISABLE_PAGE_SKIPPING) wide");
      Sql.execute(traced, "SET pg_trace.enabled = off");
      counted = counted(traced, observer) - before;
    }
    Trace trace = site.daemon().switchedOff(identifier);
    assertThat(WaitLine.blocks(reads(trace))).isEqualTo(counted).isGreaterThan(2000);
  }

  /** Blocks that the first session has read, of relations. */
  private static long counted(Connection of, Connection observer) throws SQLException {
    Sql.execute(of, "SELECT pg_stat_force_next_flush()");
    return Long.parseLong(
        Sql.value(
            observer,
            "SELECT (sum(read_bytes) / 8192)::bigint FROM pg_stat_get_backend_io("
                + Sql.pid(of)
                + ") WHERE object = 'relation'"));
  }

  @Test
  void a_session_that_is_switched_on_in_the_middle_has_the_rest() throws Exception {
    try (Connection asking = site.server().connect();
        Connection asked = site.server().connect()) {
      int pid = Sql.pid(asked);
      CompletableFuture<Void> running =
          CompletableFuture.runAsync(
              () ->
                  Sql.run(
                      asked,
                      "SELECT count(*) FROM wide WHERE id % 17 <> 0 OR pg_sleep(0.001) IS NULL"));
      Wait.sleep(500);
      Sql.rows(asking, "SELECT pg_trace_session_enable(" + pid + ")");
      running.get();
      Sql.rows(asked, "SELECT 'next'");
      Sql.rows(asking, "SELECT pg_trace_session_disable(" + pid + ")");
      Sql.rows(asked, "SELECT 'after'");
      Trace trace = site.daemon().switchedOff(pid);
      assertWhole(trace);
      assertThat(reads(trace).stream().anyMatch(AsyncIoIT::isByOthers))
          .isEqualTo(!method.equals("sync"));
    }
  }

  /** Reads are under way while it is switched off and on. */
  @Test
  void a_session_that_is_switched_off_and_on_leaves_nothing_behind() throws SQLException {
    String identifier = "aio_toggled_" + method;
    try (Connection connection = site.server().connect()) {
      Sql.trace(connection, identifier);
      connection.setAutoCommit(false);
      Sql.execute(connection, "DECLARE c CURSOR FOR SELECT id FROM wide");
      for (int i = 0; i < 30; i++) {
        Sql.execute(connection, "FETCH 300 FROM c");
        Sql.execute(connection, "SET pg_trace.enabled = off");
        Sql.execute(connection, "FETCH 300 FROM c");
        Sql.execute(connection, "SET pg_trace.enabled = on");
      }
      connection.commit();
    }
    Trace trace = site.daemon().ended(identifier);
    assertThat(trace.of(Kind.LOST)).isEmpty();
    assertThat(lines(trace)).isBetween(100L, accounted(trace));
  }

  /** What a parallel worker asks for is the worker's. */
  @Test
  void parallel_workers_ask_others_too() throws SQLException {
    String sql = "SELECT count(pad) FROM wide";
    Trace trace =
        traced(
            "aio_parallel_" + method,
            "SET max_parallel_workers_per_gather = 2",
            "SET parallel_setup_cost = 0",
            "SET parallel_tuple_cost = 0",
            "SET min_parallel_table_scan_size = 0",
            "SET parallel_leader_participation = off",
            sql);
    long cursor = trace.calls("EXEC", Pattern.quote(sql)).get(0).field("c");
    // The leader's calls have the workers' blocks.
    long counted =
        trace.of(Kind.CALL).stream()
            .filter(call -> call.field("c") == cursor && !call.isOfWorker())
            .mapToLong(call -> call.field("p"))
            .sum();
    assertThat(WaitLine.blocks(WaitLine.reads(trace, cursor)))
        .isEqualTo(counted)
        .isGreaterThan(2000);
    List<Entry> reads =
        trace.of(Kind.WAIT).stream()
            .filter(wait -> wait.field("c") == cursor && wait.line().contains(" rel='public.wide'"))
            .toList();
    assertThat(reads).isNotEmpty().allMatch(Entry::isOfWorker);
    assertThat(reads.stream().anyMatch(wait -> wait.line().contains(" by=io")))
        .isEqualTo(!method.equals("sync"));
  }

  /** The session's reads have lines in both traces. */
  @Test
  void an_io_worker_that_is_traced_has_its_own_lines_too() throws SQLException {
    Set<Long> workers = ioWorkers();
    assertThat(workers.isEmpty()).isEqualTo(!method.equals("worker"));
    if (workers.isEmpty()) {
      return;
    }
    try (Connection connection = site.server().connect()) {
      for (long pid : workers) {
        Sql.rows(connection, "SELECT pg_trace_session_enable(" + pid + ")");
      }
      assertWhole(traced("aio_both", "SELECT sum(id) FROM wide"));
      for (long pid : workers) {
        Sql.rows(connection, "SELECT pg_trace_session_disable(" + pid + ")");
      }
      assertWhole(traced("aio_one", "SELECT sum(id) FROM wide"));
    }
    long own = 0;
    for (long pid : workers) {
      String file = "_pg_" + pid + ".trc";
      if (site.daemon().files().stream().anyMatch(f -> f.toString().endsWith(file))) {
        List<WaitLine> reads = reads(Trace.read(site.daemon().fileOf(pid)));
        assertThat(reads).allMatch(line -> line.cursor() == 0 && by(line).isEmpty());
        own += WaitLine.blocks(reads);
      }
    }
    assertThat(own).isPositive();
  }

  /** The server starts anew; so do the handles of its asynchronous reads. */
  @Test
  void after_a_crash_it_goes_on() throws SQLException {
    try (Connection connection = site.server().connect()) {
      long victim = Sql.pid(connection);
      site.server().signal("KILL", ioWorkers().stream().findFirst().orElse(victim));
      Wait.until("the server has noticed", () -> !connection.isValid(1));
    }
    Wait.until("the server is back", site.server()::accepts);
    Trace trace = traced("aio_again_" + method, "SELECT sum(id) FROM wide");
    assertWhole(trace);
    assertThat(reads(trace).stream().anyMatch(AsyncIoIT::isByOthers))
        .isEqualTo(!method.equals("sync"));
  }

  @Test
  void the_capability_is_there() throws SQLException {
    try (Connection connection = site.server().connect()) {
      Sql.execute(connection, "SET pg_trace.enabled = on");
      assertThat(
              Sql.value(
                  connection, "SELECT available FROM pg_trace_capabilities() WHERE name = 'aio'"))
          .isEqualTo("t");
    }
  }
}
