package org.pgtrace.proc;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What it takes to read the counters of another process: all of them, and each file alone. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@State(Scope.Thread)
public class SampleBenchmark {
  private static final Path PROC = Path.of("/proc");

  private Process child;
  private ProcessSampler sampler;
  private ProcessFiles files;

  /** Starts a process that sleeps, and opens its files. */
  @Setup(Level.Trial)
  public void start() throws IOException {
    child = new ProcessBuilder("sleep", "3600").start();
    ProcessLookup found = ProcessTable.system().find((int) child.pid());
    ProcessIdentity who = ((ProcessLookup.Found) found).identity();
    KernelUnits units = valueOf(KernelUnits.read(PROC));
    sampler = ProcessSampler.open(PROC, units, who);
    files = ProcessFiles.open(PROC, units, who, new ProcessStat(units));
    ProcessSample sample = valueOf(sampler.sample());
    valueOf(sample.io());
    valueOf(sample.status());
    valueOf(sample.schedstat());
    valueOf(sample.statm());
  }

  @TearDown(Level.Trial)
  public void end() throws InterruptedException {
    sampler.close();
    files.close();
    child.destroyForcibly().waitFor();
  }

  private static <T> T valueOf(Reading<T> reading) {
    if (reading instanceof Reading.Value<T> value) {
      return value.value();
    }
    throw new IllegalStateException("not to be measured: " + reading);
  }

  @Benchmark
  public Reading<ProcessSample> sample() {
    return sampler.sample();
  }

  @Benchmark
  public Reading<ProcessStat> stat() {
    return files.stat().read();
  }

  @Benchmark
  public Reading<ProcessIo> io() {
    return files.io().read();
  }

  @Benchmark
  public Reading<ProcessStatus> status() {
    return files.status().read();
  }

  @Benchmark
  public Reading<ProcessSchedstat> schedstat() {
    return files.schedstat().read();
  }

  @Benchmark
  public Reading<ProcessStatm> statm() {
    return files.statm().read();
  }
}
