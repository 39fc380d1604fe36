package org.pgtrace.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.pgtrace.it.Trace.Entry;
import org.pgtrace.it.Trace.Kind;

/** {@code pgtrace daemon --ebpf}: what the kernel's probes see, beside what the server says. */
@EachPlatform
class EbpfIT {
  private static final int SECTOR = 512;
  private static final int BLOCK = 8192;
  private static final String READ = "db file (sequential|scattered) read";
  private static final String SCAN = "SELECT count(*) FROM cold";

  private static Tracepoints tracepoints;
  private static Site site;

  EbpfIT(Platform platform) {
    assertThat(site.server().platform()).isSameAs(platform);
  }

  @BeforeParameterizedClassInvocation
  static void start(Platform platform) throws SQLException {
    tracepoints = new Tracepoints();
    site = started(platform, "auto");
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    if (site != null) {
      site.close();
      tracepoints.close();
      assertThat(site.daemon().log()).doesNotContain("ERROR");
    }
  }

  private static Site started(Platform platform, String waitsProvider) throws SQLException {
    TracedServer server =
        platform.started(
            Settings.withoutIoWorkers(
                platform,
                Map.of(
                    "shared_buffers", "4MB",
                    "autovacuum", "off",
                    "fsync", "on",
                    "max_parallel_workers_per_gather", "0",
                    "pg_trace.waits_provider", waitsProvider,
                    "pg_trace.ring_size", "32MB")));
    try (Connection connection = server.connect()) {
      Sql.execute(
          connection,
          "CREATE TABLE cold AS SELECT n id, repeat('x', 900) pad FROM generate_series(1, 20000) n");
      Sql.execute(connection, "VACUUM (ANALYZE, FREEZE)");
      Sql.execute(connection, "CHECKPOINT");
    }
    return new Site(server, TraceDaemon.attachedAsRoot(server, "", "--ebpf"));
  }

  /** A session that the probes see from its first statement on. */
  private static Connection seen(Site at, String identifier) throws SQLException {
    Connection connection = at.server().connect();
    Sql.execute(connection, "SET effective_io_concurrency = 0");
    Sql.trace(connection, identifier);
    Path file = at.daemon().fileOf(identifier);
    Wait.until(
        "the probes see the session: " + at.daemon().log(),
        () -> {
          Sql.execute(connection, "SELECT 1");
          return Trace.text(file).contains("\n*** EBPF:(");
        });
    return connection;
  }

  /** One of which the probes have told all: bpftrace needs a processor for that. */
  private static Trace coldScan(Site at, String identifier) throws Exception {
    return Undisturbed.once(
        run -> {
          try (Connection connection = seen(at, identifier + run)) {
            Sql.rows(connection, SCAN);
            PageCache.forget(at.server().dataFile(connection, "cold"));
            Sql.rows(connection, SCAN);
          }
          return at.daemon().ended(identifier + run);
        },
        trace -> {
          assertThat(trace.of(Kind.LOST_OF_KERNEL)).isEmpty();
          assertThat(trace.of(Kind.KERNEL_SUM)).allMatch(sum -> sum.text("incomplete") == null);
        });
  }

  /** The last execution's, of two. */
  private static Entry last(Trace trace, Kind kind, String sql) {
    List<Entry> all =
        trace.of(kind).stream()
            .filter(e -> e.field("c") != 0 && trace.statementOf(e.field("c")).equals(sql))
            .toList();
    return all.get(all.size() - 1);
  }

  private static List<Entry> readsOf(Trace trace, Kind kind, long cursor) {
    return trace.of(kind).stream()
        .filter(e -> e.field("c") == cursor)
        .filter(e -> kind == Kind.SYSCALL || e.text("nam").matches(READ))
        .filter(e -> e.line().contains("rel='public.cold'"))
        .toList();
  }

  @Test
  void the_kernel_sees_each_read_that_the_server_names() throws Exception {
    Trace trace = coldScan(site, "ebpf_scan");
    long cursor = last(trace, Kind.SUMMARY, SCAN).field("c");
    List<Entry> waits = readsOf(trace, Kind.WAIT, cursor);
    List<Entry> calls = readsOf(trace, Kind.SYSCALL, cursor);
    assertThat(waits).isNotEmpty();
    assertThat(calls.stream().map(call -> call.field("block") + " " + call.field("bytes")))
        .containsExactlyElementsOf(
            waits.stream().map(wait -> wait.field("p2") + " " + wait.field("p3") * BLOCK).toList());
    // In order of time: the call, then the wait that the server has made of it.
    for (int i = 0; i < calls.size(); i++) {
      assertThat(calls.get(i).field("tim")).isLessThanOrEqualTo(waits.get(i).field("tim"));
      assertThat(calls.get(i).field("ela")).isLessThanOrEqualTo(waits.get(i).field("ela") + 1);
    }
    assertThat(calls).allMatch(call -> call.text("file").startsWith("base/"));
    assertThat(calls.stream().map(call -> call.text("obj")).distinct())
        .containsExactly(waits.get(0).text("obj"));
  }

  @Test
  void the_devices_bytes_are_those_that_the_process_is_charged_with() throws Exception {
    Trace trace = coldScan(site, "ebpf_device");
    Entry sum = last(trace, Kind.KERNEL_SUM, SCAN);
    Entry charged =
        trace.of(Kind.OS).stream()
            .filter(os -> os.text("src").equals("rusage") && os.field("c") == sum.field("c"))
            .reduce((first, second) -> second)
            .orElseThrow();
    System.out.printf("%s:%n  %s%n  %s%n", site.server().platform(), charged.line(), sum.line());
    assertThat(sum.field("requests")).isPositive();
    assertThat(sum.field("device")).isPositive();
    assertThat(sum.field("requestbytes"))
        .isCloseTo(charged.field("inblock") * SECTOR, within(64L * 1024));
    long blocks = last(trace, Kind.SUMMARY, SCAN).field("read");
    assertThat(sum.field("readbytes")).isEqualTo(blocks * BLOCK);
  }

  @Test
  void time_off_the_processor_is_that_of_the_wait() throws Exception {
    String sql = "SELECT pg_sleep(0.2)";
    Undisturbed.once(
        run -> {
          try (Connection connection = seen(site, "ebpf_sleep" + run)) {
            Sql.execute(connection, sql);
          }
          return site.daemon().ended("ebpf_sleep" + run);
        },
        trace -> {
          Entry sum = last(trace, Kind.KERNEL_SUM, sql);
          Entry account = last(trace, Kind.SUMMARY, sql);
          assertThat(sum.field("sleeps")).isBetween(1L, 5L);
          assertThat(sum.field("sleep") + sum.field("runq"))
              .isCloseTo(account.field("waits"), within(5000L));
        });
  }

  @Test
  void what_is_written_and_synced_has_its_file() throws SQLException {
    String sql =
        "CREATE TABLE ebpf_made AS SELECT n, repeat('y', 500) FROM generate_series(1, 5000) n";
    try (Connection connection = seen(site, "ebpf_write")) {
      Sql.execute(connection, sql);
    }
    Trace trace = site.daemon().ended("ebpf_write");
    List<Entry> calls = trace.of(Kind.SYSCALL);
    assertThat(calls)
        .anyMatch(c -> c.text("nam").startsWith("pwrite") && c.line().contains(" file='pg_wal/"))
        .anyMatch(c -> c.text("nam").equals("fdatasync") && c.line().contains(" file='pg_wal/"))
        .anyMatch(c -> c.text("nam").startsWith("pwrite") && c.line().contains(" file='base/"));
  }

  /** Executor-level tracing alone, by setting: then I/O is known from the kernel. */
  @Test
  void without_interposition_the_waits_of_input_and_output_come_from_the_kernel() throws Exception {
    try (Site bare = started(site.server().platform(), "none")) {
      Trace trace = coldScan(bare, "ebpf_none");
      List<Entry> calls =
          trace.of(Kind.CALL).stream()
              .filter(call -> trace.statementOf(call.field("c")).equals(SCAN))
              .filter(call -> !call.text("call").equals("PARSE"))
              .toList();
      List<Entry> waits =
          trace.of(Kind.WAIT).stream()
              .filter(wait -> wait.field("c") == calls.get(0).field("c"))
              .filter(wait -> wait.text("nam").matches(READ))
              .toList();
      assertThat(waits).allMatch(wait -> wait.line().endsWith(" src=ebpf"));
      assertThat(waits.stream().mapToLong(wait -> wait.field("p3")).sum())
          .isEqualTo(calls.stream().mapToLong(call -> call.field("p")).sum())
          .isGreaterThan(2000);
      assertThat(
              waits.stream().filter(wait -> wait.line().contains(" rel='public.cold' fork=main")))
          .hasSizeGreaterThan(100);
      assertThat(waits).anyMatch(wait -> wait.line().contains(" tier=disk"));
      assertThat(trace.of(Kind.SYSCALL)).isEmpty();
    }
  }
}
