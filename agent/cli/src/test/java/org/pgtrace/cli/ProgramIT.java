package org.pgtrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.pgtrace.proc.ProcessLookup;
import org.pgtrace.proc.ProcessTable;
import org.pgtrace.ring.NativeSegment;
import org.pgtrace.ring.NativeSegment.Client;
import org.pgtrace.ring.NativeSegment.Server;
import org.pgtrace.ring.NativeSegment.Session;
import org.pgtrace.ring.SegmentLayout;
import org.pgtrace.ring.SlotLayout;

/** The released jar, from outside: text, exit codes, signals. */
class ProgramIT {
  private static final long T0 = NativeSegment.MONO_NS;
  private static final int SLOT = 1;
  private static final long PATIENCE_NS = 60_000_000_000L;

  private final Path folder;
  private final Path rings;
  private final Path traces;
  private final Path log;
  private final NativeSegment segment;
  private final Process server = new ProcessBuilder("sleep", "600").start();
  private final List<Process> daemons = new ArrayList<>();
  private final Session session;
  private final Path traceFile;

  ProgramIT(@TempDir Path folder) throws IOException {
    this.folder = folder;
    rings = Files.createDirectories(folder.resolve("rings"));
    traces = folder.resolve("traces");
    log = folder.resolve("log");
    int pid = (int) server.pid();
    long ticks = ((ProcessLookup.Found) ProcessTable.system().find(pid)).identity().startTicks();
    segment =
        NativeSegment.create(
            rings.resolve("pg_trace.main.1"), 3, 1 << 20, new Server("main", pid, ticks, ""));
    session = segment.claim(SLOT, new Client(pid, ticks, "shop", "anna", "app", ""));
    traceFile = traces.resolve("main_pg_" + pid + ".trc");
  }

  @AfterEach
  void close() {
    for (Process daemon : daemons) {
      daemon.destroyForcibly().onExit().join();
    }
    segment.close();
    server.destroyForcibly().onExit().join();
  }

  @Test
  void every_command_has_help() throws Exception {
    for (String command : new String[] {"daemon", "sessions", "trace", "profile", "doctor"}) {
      Program.Result result = Program.run(folder, command, "--help");
      assertThat(result.exitCode()).isZero();
      assertThat(result.out()).startsWith("Usage: pgtrace " + command);
    }
    assertThat(Program.run(folder, "--version").out()).startsWith("pgtrace 1.");
  }

  @Test
  void wrong_usage_names_the_option_and_ends_with_2() throws Exception {
    Program.Result result = Program.run(folder, "daemon", "--keep", "soon");
    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.err()).contains("--keep", "soon").doesNotContain("\tat ");
    assertThat(Program.run(folder, "daemon", "--max-file-size", "1B").err())
        .contains("--max-file-size");
    assertThat(Program.run(folder, "dance").exitCode()).isEqualTo(2);
    wrongTrace("PID");
    wrongTrace("--level", "1", "--level", "16");
    wrongTrace("--blocks", "1", "--blocks", "some");
    wrongTrace("--plan-stat", "1", "--plan-stat", "some");
    wrongTrace("--for", "1", "--for", "0s");
    wrongTrace("--off", "1", "--for", "1s", "--off");
  }

  private void wrongTrace(String named, String... arguments) throws Exception {
    List<String> all = new ArrayList<>(List.of("trace"));
    all.addAll(List.of(arguments));
    Program.Result result = Program.run(folder, all.toArray(String[]::new));
    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.err()).contains(named).doesNotContain("\tat ");
  }

  @Test
  void sessions_shows_each_slot_in_use() throws Exception {
    session.flood(0, 3, T0);
    Program.Result result = sessions();
    assertThat(result.exitCode()).isZero();
    assertThat(result.out().lines().toList()).hasSize(2);
    assertThat(result.out()).containsPattern("main +1 +" + server.pid() + " active +12 +3 +0 +0%");
    segment.slot(SLOT).putInt(SlotLayout.STATE, 0);
    assertThat(sessions().out()).isEqualTo("no session is being traced\n");
  }

  @Test
  void doctor_says_what_is_missing_and_what_to_do() throws Exception {
    Program.Result without = doctor();
    assertThat(without.exitCode()).isEqualTo(2);
    assertThat(without.out()).contains("PROBLEM", "no daemon is attached", "pgtrace daemon");
    startDaemon();
    Program.Result with = doctor();
    assertThat(with.exitCode()).as(with.out()).isZero();
    assertThat(with.out()).contains("layout 1.0", "daemon attached").doesNotContain("PROBLEM");
  }

  @Test
  void another_layout_is_refused_with_both_numbers() throws Exception {
    segment.header().putShort(SegmentLayout.LAYOUT_MAJOR, (short) 9);
    assertThat(doctor().out()).contains("segment layout 9, this program reads layout 1");
    Process daemon = Program.start(log, daemonArguments());
    daemons.add(daemon);
    await(() -> logged().contains("segment layout 9, this program reads layout 1"));
    assertThat(segment.header().getInt(SegmentLayout.DAEMON_PID)).isZero();
  }

  @Test
  void a_terminated_daemon_writes_what_is_left_and_ends_with_0() throws Exception {
    Process daemon = startDaemon();
    long events = 7_000;
    session.flood(0, events, T0);
    daemon.destroy();
    assertThat(daemon.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(daemon.exitValue()).isZero();
    assertThat(rows()).isEqualTo(count(events));
    assertThat(segment.header().getInt(SegmentLayout.DAEMON_PID)).isZero();
  }

  @Test
  void a_write_that_fails_loses_nothing_and_leaves_whole_lines() throws Exception {
    Process limited = Program.startWithFileLimit(log, 400, daemonArguments());
    daemons.add(limited);
    await(() -> segment.header().getInt(SegmentLayout.DAEMON_PID) != 0);
    session.flood(0, 100, T0);
    await(() -> rows().size() == 100);
    session.flood(100, 6_900, T0);
    await(() -> logged().contains("cannot write " + traceFile + ": "));
    limited.destroyForcibly().onExit().join();
    assertThat(Files.readString(traceFile, StandardCharsets.UTF_8)).endsWith("\n");
    startDaemon();
    await(() -> rows().size() >= 7_000);

    assertThat(rows()).isEqualTo(count(7_000));
  }

  @Test
  void a_missing_native_library_is_explained() throws Exception {
    Process daemon = Program.startWithFileLimit(log, 16, daemonArguments());
    daemons.add(daemon);
    await(() -> logged().contains("the native part of JNA does not load"));
    assertThat(logged()).doesNotContain("\tat ");
    assertThat(daemon.isAlive()).isTrue();
  }

  @Test
  void a_second_daemon_waits_for_the_first() throws Exception {
    Process first = startDaemon();
    Process second = Program.start(log, daemonArguments());
    daemons.add(second);
    await(() -> logged().contains("is drained by another daemon (pid " + first.pid() + ")"));
    session.flood(0, 5, T0);
    await(() -> rows().size() == 5);
    first.destroy();
    await(() -> segment.header().getInt(SegmentLayout.DAEMON_PID) == (int) second.pid());
    session.flood(5, 5, T0);
    await(() -> rows().size() == 10);
    assertThat(rows()).isEqualTo(count(10));
  }

  @Test
  @Timeout(180)
  void a_daemon_that_is_killed_again_and_again_writes_each_event_once() throws Exception {
    long events = 400_000;
    session.waitWhenFull(120_000_000_000L);
    long seed = System.nanoTime();
    Random random = new Random(seed);
    startDaemon();
    long[] dropped = {-1};
    Thread writer =
        new Thread(
            () -> {
              long lost = 0;
              for (long i = 0; i < events; i += 100) {
                lost += floodWhileSomebodyReads(i);
              }
              dropped[0] = lost;
            });
    writer.start();
    for (int kills = 0; kills < 6; kills++) {
      Thread.sleep(random.nextInt(400));
      Process daemon = daemons.get(daemons.size() - 1);
      daemon.destroyForcibly().onExit().join();
      startDaemon();
    }
    writer.join();
    Process last = daemons.get(daemons.size() - 1);
    last.destroy();
    last.onExit().join();

    assertThat(dropped[0]).as("seed %d", seed).isZero();
    List<Long> rows = rows();
    assertThat(firstWrong(rows)).as("seed %d, first event out of order", seed).isEqualTo(-1);
    assertThat(rows).hasSize((int) events);
  }

  /** A dead daemon's heart stops after two seconds, and the writer would not wait: so it asks. */
  private long floodWhileSomebodyReads(long first) {
    long room = 1 << 19;
    await(
        () ->
            segment.slot(SLOT).getLong(SlotLayout.HEAD)
                    - segment.slot(SLOT).getLong(SlotLayout.READ_POS)
                < room);
    return session.flood(first, 100, T0);
  }

  private Program.Result sessions() throws Exception {
    return Program.run(folder, "sessions", "--ring-directory", rings.toString());
  }

  private Program.Result doctor() throws Exception {
    return Program.run(
        folder,
        "doctor",
        "--ring-directory",
        rings.toString(),
        "--trace-dir",
        folder.resolve("t").toString());
  }

  private Process startDaemon() throws IOException {
    Process daemon = Program.start(log, daemonArguments());
    daemons.add(daemon);
    await(() -> segment.header().getInt(SegmentLayout.DAEMON_PID) == (int) daemon.pid());
    return daemon;
  }

  private String[] daemonArguments() {
    return new String[] {
      "daemon", "--ring-directory", rings.toString(), "--trace-dir", traces.toString()
    };
  }

  private String logged() {
    try {
      return Files.exists(log) ? Files.readString(log, StandardCharsets.UTF_8) : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<Long> rows() {
    if (!Files.exists(traceFile)) {
      return List.of();
    }
    try (var lines = Files.lines(traceFile)) {
      return lines
          .filter(line -> line.startsWith("FETCH #101:") && line.contains(",dep="))
          .map(line -> line.substring(line.indexOf(",r=") + 3, line.indexOf(",dep=")))
          .map(Long::valueOf)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int firstWrong(List<Long> rows) {
    for (int i = 0; i < rows.size(); i++) {
      if (rows.get(i) != i) {
        return i;
      }
    }
    return -1;
  }

  private static List<Long> count(long to) {
    return LongStream.range(0, to).boxed().toList();
  }

  private static void await(BooleanSupplier condition) {
    long limit = System.nanoTime() + PATIENCE_NS;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - limit > 0) {
        throw new AssertionError("not within 60 s");
      }
      try {
        Thread.sleep(2);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError(e);
      }
    }
  }
}
