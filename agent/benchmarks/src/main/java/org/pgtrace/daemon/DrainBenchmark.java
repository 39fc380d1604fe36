package org.pgtrace.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.pgtrace.format.TraceForm;
import org.pgtrace.proc.KernelInfo;
import org.pgtrace.ring.NativeSegment;
import org.pgtrace.ring.RingReader;
import org.pgtrace.ring.RingRewind;
import org.pgtrace.ring.SegmentReader;
import org.pgtrace.ring.SlotReader;

/**
 * From a full ring to trace lines, by one thread. An operation is one ring; the counters {@code
 * lines}, {@code records} and {@code bytes} say how much that is a second.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class DrainBenchmark {
  private static final int RING_SIZE = 4 << 20;

  /** As SessionDrain. */
  private static final int RECORDS_AT_ONCE = 4096;

  private static final long FILE_MAX = 256L << 20;

  /** Which records the ring is full of. */
  @State(Scope.Thread)
  public static class Ring {
    @Param({"CALLS", "SELECTS", "TEXTS"})
    public Mix mix = Mix.CALLS;

    Path folder;
    NativeSegment segment;
    SegmentReader reader;
    RingReader ring;
    SessionTranslator translator;
    TraceFile file;

    /** Lines that the whole ring becomes, the file's head aside. */
    long lines;

    /** Fills the ring, and counts what it becomes. */
    @Setup(Level.Trial)
    public void fill() throws IOException {
      folder = Files.createTempDirectory("drain-benchmark");
      Path path = folder.resolve("pg_trace.benchmark.1");
      segment =
          NativeSegment.create(
              path, 1, RING_SIZE, new NativeSegment.Server("benchmark", 1, 1, "boot"));
      mix.fill(segment.claim(0, new NativeSegment.Client(1, 1, "shop", "anna", "benchmark", "")));
      reader = SegmentReader.open(path, SegmentReader.Access.DRAIN);
      SlotReader slot = reader.slots().get(0);
      ring = slot.openRing();
      SessionFacts facts =
          new SessionFacts(reader, slot, 0, KernelInfo.read(Path.of("/proc")), "benchmark");
      translator =
          new SessionTranslator(
              facts, new SessionClock(slot), TraceForm.FULL, Optional.empty(), Optional.empty());
      file = TraceFile.create(folder.resolve("benchmark.trc"));
      lines = countLines();
    }

    private long countLines() {
      long count = 0;
      while (ring.drain(translator, RECORDS_AT_ONCE) > 0) {
        byte[] bytes = translator.out().array();
        for (int i = 0; i < translator.out().length(); i++) {
          count += bytes[i] == '\n' ? 1 : 0;
        }
        translator.removeWritten();
      }
      if (ring.damage().isPresent() || translator.unknownParts() > 0) {
        throw new IllegalStateException("the ring is not read whole: " + ring.damage());
      }
      return count;
    }

    @TearDown(Level.Trial)
    public void remove() throws IOException {
      file.close();
      ring.close();
      reader.close();
      segment.close();
      Files.delete(file.path());
      Files.delete(folder.resolve("pg_trace.benchmark.1"));
      Files.delete(folder);
    }
  }

  /** What was done, beside whole rings. */
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  @State(Scope.Thread)
  public static class Counters {
    public long records;
    public long lines;
    public long bytes;
  }

  /** Lines stay in memory and are thrown away. */
  @Benchmark
  public long inMemory(Ring r, Counters counters) {
    RingRewind.toBeginning(r.ring);
    long bytes = 0;
    for (int n = read(r, counters); n > 0; n = read(r, counters)) {
      bytes += r.translator.out().length();
      r.translator.removeWritten();
    }
    counters.lines += r.lines;
    counters.bytes += bytes;
    return bytes;
  }

  /** Lines are written to a file, which is cut to nothing now and then. */
  @Benchmark
  public long toFile(Ring r, Counters counters) throws IOException {
    RingRewind.toBeginning(r.ring);
    long bytes = 0;
    for (int n = read(r, counters); n > 0; n = read(r, counters)) {
      int length = r.translator.out().length();
      r.file.append(r.translator.out().array(), length);
      r.translator.removeWritten();
      bytes += length;
    }
    if (r.file.length() > FILE_MAX) {
      r.file.close();
      r.file = TraceFile.resume(r.file.path(), 0);
    }
    counters.lines += r.lines;
    counters.bytes += bytes;
    return bytes;
  }

  private static int read(Ring r, Counters counters) {
    int records = r.ring.drain(r.translator, RECORDS_AT_ONCE);
    counters.records += records;
    return records;
  }
}
