package org.pgtrace.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.pgtrace.it.Trace.Entry;
import org.pgtrace.it.Trace.Kind;
import org.postgresql.util.PSQLException;

/** What the kernel has charged: by getrusage() for each execution, by /proc for long ones. */
@EachPlatform
class OsLinesIT {
  private static final int SECTOR = 512;
  private static final int PAGE = 4096;
  private static final int BLOCK = 8192;
  private static final long INTERVAL_US = 100_000;

  /** The server's clock of CPU and the kernel's are read one after the other. */
  private static final long CLOCKS_US = 300;

  private static final double CLOCKS_PART = 0.03;

  /** A tick of the kernel, by which /proc counts CPU. */
  private static final long TICK_US = 10_000;

  /** What a daemon sees of the silence between two statements. */
  private static final long SILENCE_MS = 400;

  private static final Predicate<String> SAMPLE_OF_END =
      Pattern.compile("OS #\\d+:.*src=proc(?!.* running$).*").asMatchPredicate();

  private static final String BUSY =
      "SELECT sum(a.v * b.v) FROM busy a, busy b WHERE a.v + b.v > 0";

  /** Several intervals. */
  private static final String LONG =
      "SELECT sum(length(md5((a.v * b.v)::text))) FROM busy a, busy b WHERE a.v <= 700";

  private static Site site;

  OsLinesIT(Platform platform) {
    assertThat(site.server().platform()).isSameAs(platform);
  }

  @BeforeParameterizedClassInvocation
  static void start(Platform platform) throws SQLException {
    site =
        Site.started(
            platform,
            Settings.withoutIoWorkers(
                platform,
                Map.of(
                    "shared_buffers", "4MB",
                    "autovacuum", "off",
                    "max_parallel_workers_per_gather", "0",
                    "pg_trace.ring_size", "32MB")));
    try (Connection connection = site.server().connect()) {
      Sql.execute(
          connection,
          "CREATE TABLE cold AS SELECT n id, repeat('x', 900) pad FROM generate_series(1, 110000) n");
      Sql.execute(
          connection, "CREATE TABLE busy AS SELECT n::float8 v FROM generate_series(1, 1500) n");
      Sql.execute(
          connection,
          "CREATE FUNCTION twice(n int) RETURNS bigint LANGUAGE plpgsql AS"
              + " $$BEGIN RETURN (SELECT count(*) FROM busy WHERE v > n); END$$");
      Sql.execute(connection, "VACUUM (ANALYZE, FREEZE)");
      Sql.execute(connection, "CHECKPOINT");
    }
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    site.close();
    assertThat(site.daemon().log()).doesNotContain("ERROR");
  }

  private static List<Entry> lines(Trace trace, String src, String sql) {
    return trace.of(Kind.OS).stream()
        .filter(os -> os.text("src").equals(src))
        .filter(os -> os.field("c") != 0 && trace.statementOf(os.field("c")).equals(sql))
        .toList();
  }

  private static Entry only(Trace trace, String src, String sql) {
    List<Entry> all =
        lines(trace, src, sql).stream().filter(os -> !os.line().endsWith(" running")).toList();
    assertThat(all).as("%s of %s", src, sql).hasSize(1);
    return all.get(0);
  }

  /** Of the calls of a line's cursor, all together. */
  private static long elapsed(Trace trace, Entry os) {
    return trace.of(Kind.CALL).stream()
        .filter(call -> call.field("c") == os.field("c"))
        .mapToLong(call -> call.field("e"))
        .sum();
  }

  private static long cpu(Entry os) {
    return os.field("utime") + os.field("stime");
  }

  /** What is done before a statement whose samples are to be of its ends. */
  private interface Preparation {
    void on(Connection connection) throws SQLException;
  }

  /** A statement with silence before and after it. */
  private static Trace alone(String identifier, int run, String sql, Preparation before)
      throws SQLException {
    try (Connection connection = site.server().connect()) {
      Sql.execute(connection, "SET effective_io_concurrency = 0");
      Sql.rows(connection, sql);
      Sql.trace(connection, identifier + run);
      before.on(connection);
      Wait.sleep(SILENCE_MS * (run + 1));
      Sql.rows(connection, sql);
      awaitSamplesOfEnds(site.daemon().fileOf(identifier + run), 1);
    }
    return site.daemon().ended(identifier + run);
  }

  private static void awaitSamplesOfEnds(Path file, int count) {
    Wait.until(
        "as many ends are sampled: " + count,
        () -> Trace.text(file).lines().filter(SAMPLE_OF_END).count() >= count);
  }

  /** The same with samples of its ends, for which the daemon needs a processor in the silence. */
  private static Trace sampledAtItsEnds(String identifier, String sql, Preparation before)
      throws Exception {
    return Undisturbed.once(
        run -> alone(identifier, run, sql, before),
        trace -> assertThat(only(trace, "proc", sql).text("approximate")).isNull());
  }

  @Test
  void each_execution_has_a_line_however_short_it_is() throws SQLException {
    try (Connection connection = site.server().connect()) {
      Sql.trace(connection, "os_short");
      Sql.execute(connection, "SELECT 1");
      Sql.execute(connection, "SELECT 1");
      Sql.execute(connection, "CREATE TEMP TABLE made (v int)");
      Sql.execute(connection, "INSERT INTO made VALUES (1), (2)");
      Sql.execute(connection, "SELECT twice(3)");
      assertThatThrownBy(() -> Sql.execute(connection, "SELECT 1 / (v - 1) FROM busy"))
          .isInstanceOf(PSQLException.class);
      Sql.execute(connection, "CHECKPOINT");
    }
    Trace trace = site.daemon().ended("os_short");
    List<Entry> charged =
        trace.of(Kind.OS).stream().filter(os -> os.text("src").equals("rusage")).toList();
    List<Entry> accounts = trace.of(Kind.SUMMARY);
    assertThat(charged.stream().map(os -> os.field("c")))
        .containsExactlyElementsOf(accounts.stream().map(account -> account.field("c")).toList());
    for (int i = 0; i < charged.size(); i++) {
      assertThat(cpu(charged.get(i)))
          .as("CPU of %s", charged.get(i).line())
          .isCloseTo(accounts.get(i).field("cpu"), within(slack(accounts.get(i).field("cpu"))));
    }
    assertThat(lines(trace, "rusage", "SELECT 1")).hasSize(2);
    assertThat(only(trace, "rusage", "SELECT 1 / (v - 1) FROM busy")).isNotNull();
    // Who was stopped for as long as the interval has one more.
    for (Entry sampled : trace.of(Kind.OS)) {
      assertThat(sampled.text("src").equals("proc") && elapsed(trace, sampled) < INTERVAL_US)
          .as(sampled.line())
          .isFalse();
    }
  }

  private static long slack(long cpu) {
    return CLOCKS_US + Math.round(cpu * CLOCKS_PART);
  }

  @Test
  void an_execution_has_what_it_calls_in_its_line() throws SQLException {
    String sql = "SELECT sum(twice(n)) FROM generate_series(1, 200) n";
    try (Connection connection = site.server().connect()) {
      Sql.trace(connection, "os_called");
      Sql.execute(connection, sql);
    }
    Trace trace = site.daemon().ended("os_called");
    List<Entry> called = lines(trace, "rusage", "(SELECT count(*) FROM busy WHERE v > n)");
    assertThat(called).hasSize(200);
    Entry caller = only(trace, "rusage", sql);
    assertThat(cpu(caller)).isGreaterThan(called.stream().mapToLong(OsLinesIT::cpu).sum());
    assertThat(caller.field("minflt"))
        .isGreaterThanOrEqualTo(called.stream().mapToLong(os -> os.field("minflt")).sum());
    Entry session = trace.of(Kind.OS).get(trace.of(Kind.OS).size() - 1);
    assertThat(session.field("c")).isZero();
    assertThat(cpu(session)).isGreaterThan(cpu(caller));
  }

  /**
   * What the device has given, by the process's own count, by /proc and by the size of the table.
   */
  @Test
  void a_cold_scan_is_charged_with_the_bytes_of_the_table() throws Exception {
    // Long enough for a sample, however fast the device is.
    String sql = "SELECT count(*) FROM cold WHERE md5(pad) <> ''";
    Path file;
    long bytes;
    try (Connection connection = site.server().connect()) {
      file = site.server().dataFile(connection, "cold");
      bytes = Long.parseLong(Sql.value(connection, "SELECT pg_relation_size('cold')"));
    }
    Trace trace = sampledAtItsEnds("os_cold", sql, connection -> PageCache.forget(file));
    Entry charged = only(trace, "rusage", sql);
    Entry sampled = only(trace, "proc", sql);
    System.out.printf(
        "%s:%n  %s%n  %s%n", site.server().platform(), charged.line(), sampled.line());
    assertThat(charged.field("inblock") * SECTOR).isCloseTo(bytes, within(bytes / 50));
    assertThat(sampled.field("readbytes"))
        .isCloseTo(charged.field("inblock") * SECTOR, within((long) PAGE));
    assertThat(sampled.field("inblock")).isEqualTo(sampled.field("readbytes") / SECTOR);
    // Between its samples are what its PARSE reads and what the extension itself does.
    long blocks =
        WaitLine.of(trace).stream().filter(WaitLine::isBlockRead).mapToLong(WaitLine::blocks).sum();
    assertThat(sampled.field("rchar")).isBetween(blocks * BLOCK, blocks * BLOCK + PAGE);
  }

  @Test
  void a_statement_at_work_is_charged_with_its_time_in_user_mode() throws Exception {
    Trace trace = sampledAtItsEnds("os_busy", BUSY, connection -> {});
    Entry charged = only(trace, "rusage", BUSY);
    Entry sampled = only(trace, "proc", BUSY);
    Entry account =
        trace.of(Kind.SUMMARY).stream()
            .filter(s -> s.field("c") == charged.field("c"))
            .findFirst()
            .orElseThrow();
    System.out.printf(
        "%s:%n  %s%n  %s%n", site.server().platform(), charged.line(), sampled.line());
    assertThat(cpu(charged)).isCloseTo(account.field("cpu"), within(slack(account.field("cpu"))));
    assertThat(charged.field("utime")).isGreaterThan(cpu(charged) * 8 / 10);
    assertThat(sampled.field("utime"))
        .isCloseTo(charged.field("utime"), within(2 * TICK_US + cpu(charged) / 20));
    // Off the processor and ready: neither CPU nor wait.
    assertThat(sampled.field("rundelay")).isLessThanOrEqualTo(sampled.field("span"));
    assertThat(charged.field("inblock")).isZero();
  }

  @Test
  void a_sort_that_spills_is_charged_with_its_writes() throws Exception {
    String sql = "SELECT count(*) FROM (SELECT * FROM cold ORDER BY pad, id DESC OFFSET 0) s";
    // Its temporary file goes after its end: a sample of its end may see that.
    Undisturbed.once(
        run -> {
          Trace trace = alone("os_spill", run, sql, connection -> {});
          long written = written(trace);
          assertThat(written).isGreaterThan(50_000_000);
          // A page that is written to again before it is on the device counts once.
          assertThat(only(trace, "rusage", sql).field("outblock") * SECTOR)
              .isBetween(written / 2, written * 11 / 10);
          return trace;
        },
        trace -> assertSampledWithWrites(trace, sql));
  }

  /** Bytes that went to temporary files, by the waits for it. */
  private static long written(Trace trace) {
    return trace.of(Kind.WAIT).stream()
        .filter(wait -> wait.text("nam").equals("direct path write temp"))
        .mapToLong(wait -> wait.field("p3") * BLOCK)
        .sum();
  }

  private static void assertSampledWithWrites(Trace trace, String sql) {
    Entry charged = only(trace, "rusage", sql);
    Entry sampled = only(trace, "proc", sql);
    System.out.printf(
        "%s:%n  %s%n  %s%n", site.server().platform(), charged.line(), sampled.line());
    long written = written(trace);
    // Between the samples are its PARSE and its end too, which touch pages of the ring.
    assertThat(sampled.field("writebytes"))
        .isCloseTo(charged.field("outblock") * SECTOR, within(4L * PAGE));
    assertThat(sampled.field("wchar")).isBetween(written, written + written / 10);
  }

  @Test
  void a_long_statement_says_how_far_it_is() throws Exception {
    Trace trace =
        Undisturbed.once(
            run -> alone("os_long", run, LONG, connection -> {}),
            taken -> {
              assertThat(only(taken, "proc", LONG).text("approximate")).isNull();
              // One each 100 ms, as far as the daemon gets a processor.
              assertThat(running(taken)).isNotEmpty();
            });
    List<Entry> all = lines(trace, "proc", LONG);
    List<Entry> running = running(trace);
    Entry begin = trace.calls("EXEC", Pattern.quote(LONG)).get(0);
    long elapsed = begin.field("e") + trace.calls("FETCH", Pattern.quote(LONG)).get(0).field("e");
    assertThat(all.get(all.size() - 1)).isSameAs(only(trace, "proc", LONG));
    assertThat(running.size()).isLessThanOrEqualTo((int) (elapsed / INTERVAL_US) + 1);
    for (int i = 1; i < all.size(); i++) {
      assertThat(cpu(all.get(i))).isGreaterThanOrEqualTo(cpu(all.get(i - 1)));
      assertThat(all.get(i).field("span")).isGreaterThan(all.get(i - 1).field("span"));
    }
    assertThat(running).allMatch(os -> os.field("rss") > 1_000_000);
    long begun = begin.field("tim") - begin.field("e");
    assertThat(running).allMatch(os -> os.field("tim") >= begun + INTERVAL_US / 2);
  }

  private static List<Entry> running(Trace trace) {
    return lines(trace, "proc", LONG).stream()
        .filter(os -> os.line().endsWith(" running"))
        .toList();
  }

  /** Nothing tells where in a sample one statement ends and the next begins. */
  @Test
  void statements_without_a_pause_have_figures_that_are_approximate() throws SQLException {
    try (Connection connection = site.server().connect()) {
      Sql.trace(connection, "os_dense");
      Sql.execute(connection, BUSY + ";" + BUSY + " AND a.v > 0;" + BUSY + " AND b.v > 0");
      // The process is there until the daemon has had a processor.
      awaitSamplesOfEnds(site.daemon().fileOf("os_dense"), 3);
    }
    Trace trace = site.daemon().ended("os_dense");
    Entry second = only(trace, "proc", BUSY + " AND a.v > 0");
    assertThat(second.text("approximate")).isNotNull();
    assertThat(only(trace, "rusage", BUSY + " AND a.v > 0").field("utime")).isPositive();
  }

  @Test
  void a_parallel_worker_has_a_line_of_its_own() throws SQLException {
    String sql = "SELECT count(*) FROM cold WHERE id % 3 = 1";
    try (Connection connection = site.server().connect()) {
      Sql.execute(connection, "SET max_parallel_workers_per_gather = 2");
      Sql.execute(connection, "SET parallel_leader_participation = off");
      Sql.execute(connection, "SET parallel_setup_cost = 0");
      Sql.trace(connection, "os_workers");
      Sql.execute(connection, sql);
    }
    Trace trace = site.daemon().ended("os_workers");
    List<Entry> all = lines(trace, "rusage", sql);
    assertThat(all.stream().filter(Entry::isOfWorker)).hasSizeBetween(1, 2);
    Entry worker = all.stream().filter(Entry::isOfWorker).findFirst().orElseThrow();
    assertThat(cpu(worker)).isPositive();
    assertThat(all.stream().filter(os -> !os.isOfWorker())).hasSize(1);
  }

  @Test
  void figures_that_may_not_be_read_are_named_in_the_head_and_the_others_are_there()
      throws SQLException {
    Assumptions.assumeTrue(Commands.isRoot(), "privileges are given up, so needs root");
    site.daemon().terminate();
    Trace trace;
    try (TraceDaemon daemon = TraceDaemon.attachedAsRoot(site.server(), "sys_ptrace")) {
      try (Connection connection = site.server().connect()) {
        Sql.trace(connection, "os_denied");
        Wait.sleep(SILENCE_MS);
        Sql.execute(connection, BUSY);
        awaitSamplesOfEnds(daemon.fileOf("os_denied"), 1);
      }
      trace = daemon.ended("os_denied");
    } finally {
      site.daemon().start();
      site.daemon().awaitAttached(site.server());
    }
    String head =
        Trace.text(trace.file())
            .lines()
            .filter(l -> l.contains("NOT AVAILABLE"))
            .toList()
            .toString();
    assertThat(head).containsPattern("proc_io: /proc/\\d+/io: .*root");
    assertThat(Trace.text(trace.file()).split("proc_io:", -1)).hasSize(2);
    Entry sampled = only(trace, "proc", BUSY);
    assertThat(sampled.line()).doesNotContain("rchar=").contains(",nvcsw=").contains(",rss=");
    assertThat(sampled.field("utime")).isPositive();
    assertThat(only(trace, "rusage", BUSY).field("utime")).isPositive();
  }

  @Test
  void without_an_interval_nothing_is_sampled() throws SQLException {
    site.daemon().terminate();
    try (TraceDaemon daemon = TraceDaemon.attached(site.server(), "--proc-interval", "0")) {
      try (Connection connection = site.server().connect()) {
        Sql.trace(connection, "os_never");
        Sql.execute(connection, BUSY);
      }
      Trace trace = daemon.ended("os_never");
      assertThat(lines(trace, "proc", BUSY)).isEmpty();
      assertThat(lines(trace, "rusage", BUSY)).hasSize(1);
    } finally {
      site.daemon().start();
      site.daemon().awaitAttached(site.server());
    }
  }

  @Test
  void strict_form_has_no_such_lines() throws SQLException {
    site.daemon().terminate();
    try (TraceDaemon daemon = TraceDaemon.attached(site.server(), "--strict")) {
      try (Connection connection = site.server().connect()) {
        Sql.trace(connection, "os_strict");
        Sql.execute(connection, BUSY);
      }
      Path file = daemon.fileOf("os_strict");
      Wait.until("the statement is closed", () -> Trace.text(file).contains("\nCLOSE #"));
      assertThat(Trace.text(file)).contains("\nFETCH #").doesNotContain("\nOS #");
    } finally {
      site.daemon().start();
      site.daemon().awaitAttached(site.server());
    }
  }
}
