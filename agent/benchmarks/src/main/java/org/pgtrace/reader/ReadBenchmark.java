package org.pgtrace.reader;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
import org.openjdk.jmh.annotations.Warmup;
import org.pgtrace.format.CallRecord;
import org.pgtrace.format.SqlId;
import org.pgtrace.format.WaitLine;

/**
 * How many bytes of a trace are read in a second, and how many lines: with a visitor that looks at
 * calls and waits. {@code -p trace=FILE} reads a real one instead of a made-up statement with forty
 * reads, over and over.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@State(Scope.Thread)
public class ReadBenchmark {
  private static final int BYTES = 32 << 20;
  private static final int WAITS = 40;

  /** A trace file; empty: a made-up one. */
  @Param({""})
  public String trace = "";

  private byte[] bytes = new byte[0];

  /** What was read, as rates. */
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  @State(Scope.Thread)
  public static class Counters {
    public double megabytes;
    public long lines;
  }

  /** Loads the trace. */
  @Setup(Level.Trial)
  public void load() throws IOException {
    if (!trace.isEmpty()) {
      bytes = Files.readAllBytes(Path.of(trace));
      return;
    }
    byte[] statement = statement().getBytes(UTF_8);
    bytes = new byte[BYTES / statement.length * statement.length];
    for (int at = 0; at < bytes.length; at += statement.length) {
      System.arraycopy(statement, 0, bytes, at, statement.length);
    }
  }

  private static String statement() {
    StringBuilder lines = new StringBuilder();
    String sql =
        "select * from employees e join departments d using (department_id) where e.id = $1";
    SqlId id = new SqlId();
    id.hash(sql.getBytes(UTF_8), 0, sql.length());
    lines
        .append("=====================\nPARSING IN CURSOR #101 len=")
        .append(sql.length())
        .append(" dep=0 uid=10 oct=3 lid=10 tim=1769860800000110 hv=")
        .append(id.hashValue())
        .append(" ad='1f2e3d4c' sqlid='a5ks9fhw2v9s1'\n")
        .append(sql)
        .append("\nEND OF STMT\n");
    call(lines, "PARSE");
    lines.append(
        """
        BINDS #101:

         Bind#0
          oacdty=02 mxl=22(22) mxlc=00 mal=00 scl=00 pre=00
          oacflg=03 fl2=1000000 frm=00 csi=00 siz=24 off=0
          kxsbbbfp=00000000  bln=22  avl=02  flg=05
          type=integer
          value=42
        """);
    call(lines, "EXEC");
    for (int i = 0; i < WAITS; i++) {
      lines
          .append("WAIT #101: nam='db file sequential read' ela= ")
          .append(60 + i)
          .append(" file#=16390 block#=")
          .append(i * 37)
          .append(" blocks=1 obj#=16384 tim=17698608000")
          .append(10_000 + i)
          .append(" pg='IO/DataFileRead' node=2 cpu=9 rel='public.employees' fork=main")
          .append(" spc=1663 db=5 tier=cache\n")
          .append("HIT #101: obj#=16384 rel='public.employees' fork=main blocks=0-275,280,12")
          .append(" node=2 tim=17698608000")
          .append(10_000 + i)
          .append('\n');
    }
    call(lines, "FETCH");
    lines.append(
        "STAT #101 id=1 cnt=14 pid=0 pos=1 obj=16384 op='Seq Scan on public.employees (cr=5 pr=1"
            + " pw=0 str=1 time=439 us cost=4 size=246 card=6)'\n"
            + "PLAN #101: plh=2725028981\n"
            + "  -> Seq Scan on public.employees  (rows=14 est=6 loops=1 time=~439us self=~439us)\n"
            + "       First row: ~37us\n       Buffers: shared hit=950 read=50\n"
            + "OS #101:utime=2210,stime=910,inblock=96,outblock=0,minflt=31,majflt=0,nvcsw=13,"
            + "nivcsw=2,src=rusage,tim=1769860800123456\n"
            + "SUMMARY #101:e=48210,c=3120,waits=44870,unaccounted=220,cr=1000,hit=950,read=50,"
            + "disk=12,cache=38,tim=1769860800123456\n"
            + "CLOSE #101:c=15,e=15,dep=0,type=0,tim=1769860800123457\n");
    return lines.toString();
  }

  private static void call(StringBuilder lines, String name) {
    lines
        .append(name)
        .append(" #101:c=444,e=512,p=1,cr=4,cu=0,mis=0,r=10,dep=0,og=1,plh=2725028981,")
        .append("tim=1769860800123456\n");
  }

  /** Adds up what calls and waits took. */
  private static final class Sum implements TraceVisitor {
    private long us;

    @Override
    public void call(CallRecord call, Place at) {
      us += call.elapsedUs;
    }

    @Override
    public void wait(WaitLine wait, Place at) {
      us += wait.elapsedUs;
    }
  }

  @Benchmark
  public long read(Counters counters) throws IOException {
    Sum sum = new Sum();
    Tally tally = TraceReader.read(new ByteArrayInputStream(bytes), "trace", sum);
    if (tally.unknownLines() > 0) {
      throw new IllegalStateException("not to be measured: " + tally);
    }
    counters.megabytes += tally.bytes() / 1e6;
    counters.lines += tally.lines();
    return sum.us;
  }
}
