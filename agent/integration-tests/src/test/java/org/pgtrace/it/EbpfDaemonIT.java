package org.pgtrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pgtrace.it.Trace.Entry;
import org.pgtrace.it.Trace.Kind;

/** bpftrace as the daemon's child: missing, killed, left behind. */
@EachPlatform
class EbpfDaemonIT {
  private final Platform platform;
  private Tracepoints tracepoints;
  private TracedServer server;

  EbpfDaemonIT(Platform platform) {
    this.platform = platform;
  }

  @BeforeEach
  void start() {
    tracepoints = new Tracepoints();
    server = platform.started(Map.of());
  }

  @AfterEach
  void stop() {
    if (server != null) {
      server.close();
      tracepoints.close();
    }
  }

  private static Optional<ProcessHandle> probe(TraceDaemon daemon) {
    return ProcessHandle.of(daemon.pid())
        .flatMap(
            process ->
                process
                    .children()
                    .filter(child -> child.info().command().orElse("").endsWith("bpftrace"))
                    .findFirst());
  }

  private static ProcessHandle awaitProbe(TraceDaemon daemon) {
    Wait.until("bpftrace runs: " + daemon.log(), () -> probe(daemon).isPresent());
    return probe(daemon).orElseThrow();
  }

  private static int seen(Path file) {
    return Trace.text(file).split("sees the process from here on", -1).length - 1;
  }

  /** What the probes have seen of each execution of a statement. */
  private static List<Entry> sums(Trace trace, String sql) {
    return trace.of(Kind.KERNEL_SUM).stream()
        .filter(sum -> trace.statementOf(sum.field("c")).equals(sql))
        .toList();
  }

  private static boolean hasWholeSumAfter(String text, String mark) {
    int at = text.indexOf(mark);
    return at >= 0
        && text.substring(at).lines().anyMatch(l -> l.matches("OS .*,src=ebpf,tim=\\d+"));
  }

  private static void awaitSeen(Connection connection, Path file, int times) {
    Wait.until(
        "the probes see the session " + times,
        () -> {
          Sql.execute(connection, "SELECT 1");
          return seen(file) >= times;
        });
  }

  @Test
  void a_probe_that_is_killed_is_started_again_and_the_trace_says_since_when_it_was_blind()
      throws SQLException {
    Trace trace;
    try (TraceDaemon daemon = TraceDaemon.attachedAsRoot(server, "", "--ebpf")) {
      try (Connection connection = server.connect()) {
        Sql.trace(connection, "ebpf_killed");
        Path file = daemon.fileOf("ebpf_killed");
        awaitSeen(connection, file, 1);
        ProcessHandle first = awaitProbe(daemon);
        first.destroyForcibly();
        first.onExit().join();
        Wait.sleep(100);
        Sql.execute(connection, "SELECT 'unseen'");
        awaitSeen(connection, file, 2);
        assertThat(awaitProbe(daemon).pid()).isNotEqualTo(first.pid());
        Sql.execute(connection, "SELECT pg_sleep(0.05)");
      }
      trace = daemon.ended("ebpf_killed");
    }
    assertThat(sums(trace, "SELECT 'unseen'"))
        .singleElement()
        .matches(sum -> sum.text("incomplete") != null);
    List<String> lines = Trace.text(trace.file()).lines().toList();
    assertThat(lines)
        .anyMatch(
            line ->
                line.matches("\\*\\*\\* EBPF:\\(the process was not seen since tim=\\d+\\) .*"));
    assertThat(trace.of(Kind.KERNEL_SUM)).anyMatch(sum -> sum.field("sleep") > 40_000);
  }

  /** What it tells too late is in no sum, and each sum that may lack it says so. */
  @Test
  void a_probe_that_gets_no_processor_leaves_sums_that_are_incomplete() throws SQLException {
    Trace trace;
    try (TraceDaemon daemon = TraceDaemon.attachedAsRoot(server, "", "--ebpf")) {
      try (Connection connection = server.connect()) {
        Sql.trace(connection, "ebpf_behind");
        Path file = daemon.fileOf("ebpf_behind");
        awaitSeen(connection, file, 1);
        long probe = awaitProbe(daemon).pid();
        Commands.signal("STOP", probe);
        try {
          Sql.execute(connection, "SELECT 'behind'");
          Wait.until(
              "its lines are no longer held back",
              () -> Trace.text(file).contains("\nSELECT 'behind'\n"));
        } finally {
          Commands.signal("CONT", probe);
        }
        Wait.until(
            "the probe has caught up",
            () -> {
              Sql.execute(connection, "SELECT 'later'");
              return hasWholeSumAfter(Trace.text(file), "\nSELECT 'later'\n");
            });
      }
      trace = daemon.ended("ebpf_behind");
    }
    assertThat(sums(trace, "SELECT 'behind'"))
        .singleElement()
        .matches(sum -> sum.text("incomplete") != null);
    assertThat(sums(trace, "SELECT 'later'")).anyMatch(sum -> sum.text("incomplete") == null);
  }

  @Test
  void no_probe_outlives_its_daemon() {
    ProcessHandle ended;
    try (TraceDaemon daemon = TraceDaemon.attachedAsRoot(server, "", "--ebpf")) {
      ended = awaitProbe(daemon);
      assertThat(daemon.terminate()).isZero();
    }
    Wait.until("bpftrace has ended with its daemon", () -> !isAtWork(ended));
    ProcessHandle killed;
    try (TraceDaemon daemon = TraceDaemon.attachedAsRoot(server, "", "--ebpf")) {
      killed = awaitProbe(daemon);
      Wait.until("it is ready", () -> daemon.log().contains("attached"));
      daemon.kill();
    }
    Wait.until("bpftrace has ended after its daemon was killed", () -> !isAtWork(killed));
  }

  /** One that has ended stays an entry until somebody asks for its status. */
  private static boolean isAtWork(ProcessHandle process) {
    List<String> isZombie =
        List.of("grep", "-q", "^State:.Z", "/proc/" + process.pid() + "/status");
    return process.isAlive() && Commands.execute(isZombie, Map.of(), Path.of("/")).status() != 0;
  }

  @Test
  void a_daemon_that_may_not_ask_the_kernel_says_so_once_and_works() throws SQLException {
    Trace trace;
    String log;
    try (TraceDaemon daemon = TraceDaemon.attached(server, "--ebpf")) {
      try (Connection connection = server.connect()) {
        Sql.trace(connection, "ebpf_denied");
        Sql.execute(connection, "SELECT 1");
      }
      trace = daemon.ended("ebpf_denied");
      log = daemon.log();
    }
    assertThat(log.lines().filter(line -> line.contains("--ebpf")))
        .singleElement()
        .asString()
        .contains("run the daemon as root");
    assertThat(trace.calls("FETCH", "SELECT 1")).hasSize(1);
    assertThat(trace.of(Kind.KERNEL_SUM)).isEmpty();
  }

  @Test
  void a_daemon_without_bpftrace_says_so_once_and_works() throws SQLException {
    Trace trace;
    String log;
    try (TraceDaemon daemon =
        TraceDaemon.attachedAsRootWith(server, Map.of("PATH", "/nowhere"), "--ebpf")) {
      try (Connection connection = server.connect()) {
        Sql.trace(connection, "ebpf_missing");
        Sql.execute(connection, "SELECT 1");
      }
      trace = daemon.ended("ebpf_missing");
      log = daemon.log();
    }
    assertThat(log.lines().filter(line -> line.contains("--ebpf")))
        .singleElement()
        .asString()
        .contains("bpftrace")
        .contains("install");
    assertThat(trace.calls("FETCH", "SELECT 1")).hasSize(1);
  }
}
