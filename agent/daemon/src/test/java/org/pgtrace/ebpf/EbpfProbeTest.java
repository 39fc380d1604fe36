package org.pgtrace.ebpf;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgtrace.ring.MonotonicClock;

/** With the kernel and bpftrace of this machine; as root only. */
class EbpfProbeTest {
  private static final int BLOCK = 8192;
  private static final long LIMIT_NS = 60_000_000_000L;

  /** On a file system of a device, which that of temporary files need not be. */
  @TempDir Path folder = Path.of("");

  private final Heard heard = new Heard();
  private EbpfProbe probe = notStarted();

  @SuppressWarnings("NullAway")
  private static EbpfProbe notStarted() {
    return null;
  }

  @BeforeEach
  void start() {
    EbpfSupport support;
    try {
      support = EbpfSupport.check();
    } catch (EbpfUnavailableException e) {
      Assumptions.abort(e.getMessage());
      return;
    }
    Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/bin/python3")), "no python3");
    probe = EbpfProbe.start(support);
    await(probe::isReady);
  }

  @AfterEach
  void close() {
    if (probe != null) {
      probe.close();
    }
  }

  private void await(BooleanSupplier condition) {
    long limit = MonotonicClock.nowNs() + LIMIT_NS;
    while (!condition.getAsBoolean()) {
      if (MonotonicClock.nowNs() > limit) {
        throw new AssertionError("does not come: " + heard.all);
      }
      if (probe.poll(heard) == 0) {
        sleep(1);
      }
    }
  }

  private static void sleep(long ms) {
    try {
      TimeUnit.MILLISECONDS.sleep(ms);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Runs python, which waits for each line of its input and answers with a line. */
  private final class Program implements AutoCloseable {
    final Process process;

    Program(String... lines) throws IOException {
      Path script = folder.resolve("program.py");
      Files.writeString(script, "import os, sys, time\n" + String.join("\n", lines) + "\n");
      process =
          new ProcessBuilder("/usr/bin/python3", "-u", script.toString())
              .directory(folder.toFile())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
    }

    int pid() {
      return (int) process.pid();
    }

    void step() throws IOException {
      process.getOutputStream().write('\n');
      process.getOutputStream().flush();
      int c;
      while ((c = process.getInputStream().read()) != '\n') {
        assertThat(c).isNotEqualTo(-1);
      }
    }

    void traced() throws IOException {
      step();
      probe.trace(pid());
      await(() -> heard.all.contains(pid() + " began"));
    }

    @Override
    public void close() {
      process.destroyForcibly();
    }
  }

  private static final String PAUSE = "print('.'); sys.stdin.readline()";
  private static final String BEGIN = "sys.stdin.readline()";

  private List<Heard.Io> of(IoCall call) {
    return heard.calls.stream().filter(c -> c.call() == call).toList();
  }

  private void upToNow(int pid) {
    long now = MonotonicClock.nowNs();
    assertThat(probe.ask(pid)).isTrue();
    await(() -> heard.upToNs >= now);
  }

  @Test
  void each_call_is_told_with_its_file_and_its_requests() throws IOException {
    try (Program program =
        new Program(
            BEGIN,
            "os.makedirs('base/5')",
            "open('base/5/1', 'wb').write(b'x' * 8192 * 64)",
            "fd = os.open('base/5/1', os.O_RDWR)",
            PAUSE,
            "os.fsync(fd)",
            "os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)",
            "for i in range(8): os.pread(fd, 8192, i * 7 * 8192)",
            "for i in range(8): os.pread(fd, 8192, i * 7 * 8192)",
            "os.pread(fd, 8192, 8192 * 64 - 100)",
            "try: os.pread(fd, 100, -3)",
            "except OSError: pass",
            "os.preadv(fd, [bytearray(8192), bytearray(16384)], 8192)",
            "os.pwrite(fd, b'y' * 8192, 8192 * 9)",
            "os.pwritev(fd, [b'y' * 8192, b'z' * 8192], 8192 * 12)",
            "os.posix_fallocate(fd, 8192 * 64, 8192)",
            "os.fdatasync(fd)",
            PAUSE,
            "os.lseek(fd, 0, 0)",
            "os.read(fd, 10)",
            PAUSE)) {
      program.traced();
      program.step();
      upToNow(program.pid());
      List<Heard.Io> reads = of(IoCall.PREAD64);
      assertThat(reads).hasSize(18);
      PgFile file = PgFile.of("base/5/1");
      assertThat(heard.calls.stream().filter(c -> !c.file().equals(file)).map(Heard.Io::call))
          .isSubsetOf(IoCall.READ, IoCall.WRITE);
      int fd = reads.get(0).fd();
      for (int i = 0; i < 16; i++) {
        Heard.Io read = reads.get(i);
        assertThat(read.fd()).isEqualTo(fd);
        assertThat(read.offset()).isEqualTo(i % 8 * 7L * BLOCK);
        assertThat(read.asked()).isEqualTo(BLOCK);
        assertThat(read.result()).isEqualTo(BLOCK);
        assertThat(read.endNs()).isGreaterThan(read.beginNs());
        if (i >= 8) {
          assertThat(read.requests()).isZero();
          assertThat(read.deviceNs()).isZero();
        }
      }
      // What lies behind it may have been read ahead: the first one is cold.
      Heard.Io cold = reads.get(0);
      assertThat(cold.requests()).isPositive();
      assertThat(cold.requestBytes()).isGreaterThanOrEqualTo(BLOCK);
      assertThat(cold.completedRequests()).isPositive();
      assertThat(cold.deviceNs()).isPositive().isLessThan(cold.endNs() - cold.beginNs());
      assertThat(heard.requests.stream().filter(r -> r.callBeginNs() == cold.beginNs()))
          .hasSize(cold.requests())
          .allMatch(r -> !r.write() && r.pid() == program.pid() && r.bytes() >= BLOCK);
      assertThat(reads.get(16).result()).isEqualTo(100);
      assertThat(reads.get(17).result()).isEqualTo(-22);
      assertThat(of(IoCall.PREADV).size() + of(IoCall.PREADV2).size()).isEqualTo(1);
      assertThat(heard.calls)
          .anyMatch(c -> c.call().isRead() && c.asked() == 3 * BLOCK && c.result() == 3 * BLOCK)
          .anyMatch(c -> c.call().isWrite() && c.asked() == 2 * BLOCK && c.offset() == 12 * BLOCK);
      assertThat(of(IoCall.PWRITE64)).hasSize(1).allMatch(c -> c.offset() == 9 * BLOCK);
      assertThat(of(IoCall.FALLOCATE)).hasSize(1).allMatch(c -> c.asked() == BLOCK);
      assertThat(of(IoCall.FDATASYNC)).hasSize(1).allMatch(c -> c.requests() > 0);
      assertThat(heard.requests).anyMatch(Heard.Request::write);
      program.step();
      upToNow(program.pid());
      assertThat(of(IoCall.READ)).anyMatch(c -> c.file().equals(file) && c.offset() == -1);
      assertThat(heard.lost).isZero();
    }
  }

  @Test
  void files_are_known_that_were_opened_before_and_after() throws IOException {
    try (Program program =
        new Program(
            BEGIN,
            "os.makedirs('pg_wal')",
            "os.makedirs('elsewhere/PG_15_1/5')",
            "os.makedirs('pg_tblspc')",
            "os.symlink(os.getcwd() + '/elsewhere', 'pg_tblspc/16385')",
            "flags = os.O_RDWR | os.O_CREAT",
            "a = os.open('pg_wal/00000001000000020000000A', flags)",
            "b = os.open('pg_tblspc/16385/PG_15_1/5/77_vm.3', flags)",
            PAUSE,
            "os.pread(a, 1, 0)",
            "os.pread(b, 1, 1)",
            "os.close(a)",
            "r, w = os.pipe()",
            "os.write(w, b'x'); os.read(r, 1)",
            "c = os.open('pg_tblspc/16385/PG_15_1/5/t3_78', flags)",
            "os.pread(c, 1, 2)",
            "d = os.dup(c)",
            "os.pread(d, 1, 3)",
            "e = os.open('78', flags, dir_fd=os.open('elsewhere', os.O_RDONLY))",
            "os.pread(e, 1, 4)",
            "os.makedirs('x' * 120)",
            "f = os.open('x' * 120 + '/y', flags)",
            "os.pread(f, 1, 5)",
            PAUSE)) {
      program.traced();
      program.step();
      upToNow(program.pid());
      assertThat(of(IoCall.PREAD64).stream().map(Heard.Io::file))
          .containsExactly(
              PgFile.of("pg_wal/00000001000000020000000A"),
              PgFile.of("pg_tblspc/16385/PG_15_1/5/77_vm.3"),
              PgFile.of("pg_tblspc/16385/PG_15_1/5/t3_78"),
              PgFile.of("pg_tblspc/16385/PG_15_1/5/t3_78"),
              PgFile.of("elsewhere/78"),
              PgFile.of("x".repeat(120) + "/y"));
      assertThat(heard.calls.stream().filter(c -> c.asked() == 1 && c.call() == IoCall.WRITE))
          .allMatch(c -> !c.file().path().startsWith("pg_wal"))
          .isNotEmpty();
    }
  }

  /** As before Linux 6.5. */
  @Test
  void requests_are_told_by_who_sends_them_where_the_kernel_does_not_say_who_starts_them()
      throws Exception {
    probe.close();
    EbpfSupport.Machine system = EbpfSupport.Machine.system();
    Path events = folder.resolve("tracing/events");
    for (String category : List.of("syscalls", "sched", "block")) {
      for (Path tracing : system.tracing()) {
        try (DirectoryStream<Path> all =
            Files.newDirectoryStream(tracing.resolve("events").resolve(category))) {
          for (Path event : all) {
            Files.createDirectories(events.resolve(category).resolve(event.getFileName()));
          }
        } catch (NoSuchFileException e) {
          // It is mounted at the other place.
        }
      }
    }
    Files.delete(events.resolve("block/block_io_start"));
    probe =
        EbpfProbe.start(
            EbpfSupport.check(
                new EbpfSupport.Machine(
                    system.self(), List.of(events.getParent()), system.searchPath())));
    await(probe::isReady);
    try (Program program =
        new Program(
            BEGIN,
            "fd = os.open('file', os.O_RDWR | os.O_CREAT)",
            "os.pwrite(fd, b'x' * 8192 * 64, 0)",
            "os.fsync(fd)",
            "os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)",
            PAUSE,
            "os.pread(fd, 8192, 8192 * 40)",
            "os.pread(fd, 8192, 8192 * 40)",
            PAUSE)) {
      program.traced();
      program.step();
      upToNow(program.pid());
      assertThat(of(IoCall.PREAD64)).hasSize(2);
      Heard.Io cold = of(IoCall.PREAD64).get(0);
      assertThat(cold.requests()).isPositive();
      assertThat(cold.requestBytes()).isGreaterThanOrEqualTo(BLOCK);
      assertThat(cold.completedRequests()).isPositive();
      assertThat(cold.deviceNs()).isPositive().isLessThan(cold.endNs() - cold.beginNs());
      assertThat(of(IoCall.PREAD64).get(1).requests()).isZero();
    }
  }

  @Test
  void sleeps_are_told() throws IOException {
    try (Program program =
        new Program(BEGIN, PAUSE, "for i in range(5): time.sleep(0.05)", PAUSE)) {
      program.traced();
      long before = MonotonicClock.nowNs();
      program.step();
      upToNow(program.pid());
      List<Heard.OffCpu> sleeps =
          heard.offCpus.stream()
              .filter(o -> o.beginNs() >= before && o.endNs() - o.beginNs() >= 40_000_000)
              .toList();
      assertThat(sleeps)
          .hasSize(5)
          .allMatch(o -> o.sleep() == KernelEventHandler.Sleep.INTERRUPTIBLE)
          .allMatch(o -> o.runQueueNs() < o.endNs() - o.beginNs() - 39_000_000)
          // The machine may stop its clock at any of them.
          .anyMatch(o -> o.endNs() - o.beginNs() < 60_000_000 + o.runQueueNs());
      assertThat(sleeps).anyMatch(o -> o.runQueueNs() >= 0);
    }
  }

  @Test
  void who_is_not_traced_is_not_told_and_the_end_is() throws Exception {
    try (Program program = new Program(BEGIN, PAUSE, "time.sleep(0.01)", PAUSE)) {
      program.traced();
      probe.leave(program.pid());
      int before = heard.all.size();
      program.step();
      sleep(200);
      probe.poll(heard);
      assertThat(heard.all).hasSize(before);
      probe.trace(program.pid());
      await(() -> heard.all.lastIndexOf(program.pid() + " began") >= before);
      program.process.destroyForcibly().waitFor();
      await(() -> heard.all.contains(program.pid() + " exited"));
      assertThat(probe.isTraced(program.pid())).isFalse();
    }
  }

  @Test
  void after_a_kill_it_is_started_again_and_the_gap_is_told() throws Exception {
    try (Program program =
        new Program(
            BEGIN,
            "os.makedirs('base/5')",
            "fd = os.open('base/5/1', os.O_RDWR | os.O_CREAT)",
            PAUSE,
            "os.pread(fd, 1, 1)",
            "os.close(fd)",
            "fd = os.open('base/5/2', os.O_RDWR | os.O_CREAT)",
            PAUSE,
            "os.pread(fd, 1, 2)",
            PAUSE)) {
      program.traced();
      ProcessHandle child = ProcessHandle.of(probe.childPid()).orElseThrow();
      child.destroyForcibly();
      await(() -> !probe.isReady());
      program.step();
      await(() -> heard.all.stream().anyMatch(e -> e.startsWith("gap")));
      assertThat(probe.childPid()).isNotZero().isNotEqualTo(child.pid());
      program.step();
      upToNow(program.pid());
      assertThat(of(IoCall.PREAD64)).hasSize(1);
      assertThat(of(IoCall.PREAD64).get(0).file()).isEqualTo(PgFile.of("base/5/2"));
      assertThat(heard.seldom.get(1)).startsWith("gap of ");
      assertThat(heard.seldom.get(2)).isEqualTo(program.pid() + " began");
    }
  }

  @Test
  void bpftrace_ends_with_a_daemon_that_is_killed() throws Exception {
    probe.close();
    Process daemon =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                ProbeHolder.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader output =
        new BufferedReader(new InputStreamReader(daemon.getInputStream(), UTF_8))) {
      String line;
      do {
        line = output.readLine();
        assertThat(line).isNotNull();
      } while (!line.startsWith(ProbeHolder.READY));
      long pid = Long.parseLong(line.substring(ProbeHolder.READY.length()));
      ProcessHandle child = ProcessHandle.of(pid).orElseThrow();
      assertThat(child.isAlive()).isTrue();
      daemon.destroyForcibly().waitFor();
      child.onExit().get(60, TimeUnit.SECONDS);
    } finally {
      daemon.destroyForcibly();
    }
  }
}
