package org.pgtrace.proc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.pgtrace.proc.Trees.valueIn;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real /proc. */
class RealProcessTest {
  private static final Path PROC = Path.of("/proc");
  private static final int MIB = 1 << 20;
  private static final long PATIENCE_NS = 60_000_000_000L;
  private static final String NOBODY = "65534";

  @Test
  void cpu_grows_as_this_process_computes() {
    try (ProcessSampler sampler = open(self())) {
      ProcessSample sample = valueIn(sampler.sample());
      long before = sample.stat().utimeUs() + sample.stat().stimeUs();
      long wall = System.nanoTime();
      sampleUntil(
          sampler, () -> sample.stat().utimeUs() + sample.stat().stimeUs() - before - 50_000);

      long grown = sample.stat().utimeUs() + sample.stat().stimeUs() - before;
      long possible =
          (System.nanoTime() - wall) / 1000 * Runtime.getRuntime().availableProcessors();
      assertThat(grown).as("us").isLessThan(possible + 100_000);
      assertThat(sample.stat().threads()).isGreaterThan(1);
      assertThat(sample.stat().state()).isIn('R', 'S');
      assertThat(valueIn(sample.statm()).rssBytes()).isGreaterThan(10L * MIB);
    }
  }

  @Test
  void reads_and_writes_of_this_process_count(@TempDir Path folder) throws IOException {
    try (ProcessSampler sampler = open(self());
        DiskReader disk = DiskReader.open(PROC, folder)) {
      ProcessIo io = valueIn(valueIn(sampler.sample()).io());
      long wchar = io.wchar();
      long writeBytes = io.writeBytes();
      long rchar = io.rchar();
      long syscr = io.syscr();
      long syscw = io.syscw();
      Path file = folder.resolve("file");
      write(file);
      assertThat(Files.readAllBytes(file)).hasSize(MIB);
      valueIn(sampler.sample());

      assertThat(io.wchar() - wchar).isGreaterThanOrEqualTo(MIB);
      assertThat(io.rchar() - rchar).isGreaterThanOrEqualTo(MIB);
      assertThat(io.syscr()).isGreaterThan(syscr);
      assertThat(io.syscw()).isGreaterThan(syscw);
      if (disk.read() instanceof Reading.Value<DiskCounters>) {
        assertThat(io.writeBytes() - writeBytes).isGreaterThanOrEqualTo(MIB);
      }
    }
  }

  @Test
  void the_main_thread_of_a_child_runs_and_sleeps() throws Exception {
    Process child =
        new ProcessBuilder(
                "sh",
                "-c",
                "while :; do i=0; while [ $i -lt 9999 ]; do i=$((i+1)); done; sleep 0.01; done")
            .start();
    try (ProcessSampler sampler = open(child)) {
      ProcessSample sample = valueIn(sampler.sample());
      sampleUntil(sampler, () -> valueIn(sample.status()).voluntarySwitches() - 3);
      long cpuNs = valueIn(sample.schedstat()).cpuNs();
      long timeslices = valueIn(sample.schedstat()).timeslices();
      sampleUntil(sampler, () -> valueIn(sample.schedstat()).cpuNs() - cpuNs - 10_000_000);

      assertThat(valueIn(sample.schedstat()).timeslices()).isGreaterThan(timeslices);
      assertThat(valueIn(sample.schedstat()).runDelayNs()).isPositive();
      assertThat(sample.stat().threads()).isEqualTo(1);
    } finally {
      child.destroyForcibly().waitFor();
    }
  }

  @Test
  void a_process_that_ended_is_gone_and_stays_so() throws Exception {
    Process child = new ProcessBuilder("sleep", "60").start();
    try (ProcessSampler sampler = open(child)) {
      ProcessIdentity who = identity((int) child.pid());
      assertThat(valueIn(sampler.sample()).stat().startTicks()).isEqualTo(who.startTicks());
      child.destroyForcibly().waitFor();

      assertThat(sampler.sample()).isEqualTo(new Reading.Gone<>(who.pid()));
      assertThat(sampler.sample()).isEqualTo(new Reading.Gone<>(who.pid()));
    } finally {
      child.destroyForcibly();
    }
  }

  @Test
  void a_file_of_a_process_that_ended_is_gone_without_stat() throws Exception {
    Process child = new ProcessBuilder("sleep", "60").start();
    ProcessStat stat = new ProcessStat(Trees.UNITS);
    ProcessIdentity who = identity((int) child.pid());
    try (ProcessFiles files = ProcessFiles.open(PROC, Trees.UNITS, who, stat)) {
      child.destroyForcibly().waitFor();
      assertThat(files.io().read()).isEqualTo(new Reading.Gone<>(who.pid()));
      assertThat(files.status().read()).isEqualTo(new Reading.Gone<>(who.pid()));
    } finally {
      child.destroyForcibly();
    }
  }

  @Test
  void a_zombie_is_gone() throws Exception {
    String script = "exec 3<&0; sh -c 'read x' <&3 & echo $!; exec sleep 60";
    Process parent = new ProcessBuilder("sh", "-c", script).start();
    try {
      int pid = Integer.parseInt(line(parent.getInputStream()));
      try (ProcessSampler sampler = open(identity(pid))) {
        // The shell would collect it.
        await(() -> ProcessTable.system().title((int) parent.pid()).equals("sleep 60"));
        assertThat(sampler.sample()).isInstanceOf(Reading.Value.class);
        parent.getOutputStream().close();
        await(() -> !(sampler.sample() instanceof Reading.Value));

        assertThat(sampler.sample()).isEqualTo(new Reading.Gone<>(pid));
        assertThat(Files.readString(PROC.resolve(pid + "/stat"))).contains(") Z ");
      }
    } finally {
      parent.destroyForcibly();
    }
  }

  /** Root without CAP_SYS_PTRACE may not read it either, so whether we may is asked of cat. */
  @Test
  void the_first_process_may_hide_its_io_and_nothing_else() throws Exception {
    assumeTrue(ProcessTable.system().find(1) instanceof ProcessLookup.Found, "hidepid");
    boolean isPermitted = new ProcessBuilder("cat", "/proc/1/io").start().waitFor() == 0;
    try (ProcessSampler sampler = open(identity(1))) {
      ProcessSample sample = valueIn(sampler.sample());
      assertThat(sample.io())
          .isInstanceOf(isPermitted ? Reading.Value.class : Reading.NotPermitted.class);
      assertThat(valueIn(sample.statm()).sizeBytes()).isPositive();
    }
  }

  @Test
  void another_user_may_not_read_the_io_of_ours(@TempDir Path folder) throws Exception {
    assumeTrue(
        "root".equals(System.getProperty("user.name")), "only root can become somebody else");
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/setpriv")), "no setpriv");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    copyClasses(ProcessSampler.class, folder);
    copyClasses(RealProcessTest.class, folder);
    Process other =
        new ProcessBuilder(
                "/usr/bin/setpriv",
                "--reuid=" + NOBODY,
                "--regid=" + NOBODY,
                "--clear-groups",
                System.getProperty("java.home") + File.separator + "bin/java",
                "-cp",
                folder.toString(),
                IoOfProcess.class.getName(),
                Integer.toString(self().pid()))
            .redirectErrorStream(true)
            .start();
    String said = new String(other.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(other.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assumeTrue(!said.contains("setpriv:") && !said.contains("ClassNotFound"), said);

    assertThat(said).contains("NotPermitted", "/io", "run as the process's owner");
  }

  /** Says what it can read of another process's io. */
  static final class IoOfProcess {
    private IoOfProcess() {}

    public static void main(String[] arguments) {
      try (ProcessSampler sampler = open(identity(Integer.parseInt(arguments[0])))) {
        if (sampler.sample() instanceof Reading.Value<ProcessSample> sample) {
          System.out.println(sample.value().io());
        }
      }
    }
  }

  private static void copyClasses(Class<?> of, Path to) throws Exception {
    Path from = Path.of(of.getProtectionDomain().getCodeSource().getLocation().toURI());
    Path folder = Path.of("org/pgtrace/proc");
    Files.createDirectories(to.resolve(folder));
    try (var files = Files.newDirectoryStream(from.resolve(folder), "*.class")) {
      for (Path file : files) {
        Files.copy(file, to.resolve(folder).resolve(file.getFileName()));
      }
    }
  }

  private static void write(Path file) throws IOException {
    try (FileChannel out =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      out.write(ByteBuffer.allocate(MIB));
      out.force(true);
    }
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
      line.append((char) c);
    }
    return line.toString();
  }

  /** Samples until the figure is positive. */
  private static void sampleUntil(ProcessSampler sampler, LongSupplier figure) {
    await(
        () -> {
          valueIn(sampler.sample());
          return figure.getAsLong() > 0;
        });
  }

  private static void await(BooleanSupplier condition) {
    long limit = System.nanoTime() + PATIENCE_NS;
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("time").isLessThan(limit);
    }
  }

  private static ProcessIdentity self() {
    return identity((int) ProcessHandle.current().pid());
  }

  private static ProcessIdentity identity(int pid) {
    return ((ProcessLookup.Found) ProcessTable.system().find(pid)).identity();
  }

  private static ProcessSampler open(Process process) {
    return open(identity((int) process.pid()));
  }

  private static ProcessSampler open(ProcessIdentity who) {
    return ProcessSampler.open(PROC, valueIn(KernelUnits.read(PROC)), who);
  }
}
