package org.pgtrace.reader;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.pgtrace.format.CallRecord;
import org.pgtrace.format.StatementRecord;
import org.pgtrace.format.TraceBuffer;

class TraceReaderTest {
  private static final int[] READ_SIZES = {1, 3, 4096, TraceReader.READ_SIZE};

  static List<Path> own() {
    return Traces.own();
  }

  static List<Path> all() {
    return Traces.all();
  }

  static List<Path> written() {
    return Traces.written();
  }

  static Stream<Arguments> ownAtEachSize() {
    return Traces.own().stream()
        .flatMap(trace -> Arrays.stream(READ_SIZES).mapToObj(size -> Arguments.of(trace, size)));
  }

  /** What is expected stands beside the trace; {@code -Dgolden.update=true} writes it. */
  @ParameterizedTest
  @MethodSource("ownAtEachSize")
  void each_line_is_the_record_that_it_should_be(Path trace, int readSize) throws IOException {
    Path expected = Path.of(trace.toString().replace(".trc", ".txt"));
    String dump = RecordDump.of(Traces.bytes(trace), readSize).text();
    if (Boolean.getBoolean("golden.update")) {
      Files.writeString(expected, dump);
    }
    assertThat(dump).isEqualTo(Files.readString(expected));
  }

  /** Of any folder's traces: the sizes agree, each line is told once, and nothing is thrown. */
  @ParameterizedTest
  @MethodSource("all")
  void the_size_of_reads_makes_no_difference(Path trace) throws IOException {
    byte[] bytes = Traces.bytes(trace);
    String whole = RecordDump.of(bytes, TraceReader.READ_SIZE).text();
    for (int readSize : READ_SIZES) {
      assertThat(RecordDump.of(bytes, readSize).text()).isEqualTo(whole);
    }
    assertThat(whole).contains("bytes=" + bytes.length);
  }

  @ParameterizedTest
  @MethodSource("written")
  void what_was_read_is_written_again_byte_for_byte(Path trace) throws IOException {
    byte[] bytes = Traces.bytes(trace);
    for (int readSize : READ_SIZES) {
      assertThat(copyOf(bytes, readSize)).isEqualTo(new String(bytes, ISO_8859_1));
    }
  }

  private static String copyOf(byte[] bytes, int readSize) throws IOException {
    TraceBuffer out = new TraceBuffer(bytes.length);
    TraceReader.read(
        new ByteArrayInputStream(bytes),
        "trace",
        readSize,
        TraceReader.RECORD_MAX,
        new TraceCopy(out));
    return new String(out.array(), 0, out.length(), ISO_8859_1);
  }

  /** The records before the cut are those of the whole trace, and the cut is told. */
  @ParameterizedTest
  @MethodSource("written")
  void a_trace_may_be_cut_anywhere(Path trace) throws IOException {
    byte[] bytes = Traces.bytes(trace);
    List<String> whole = RecordDump.of(bytes, TraceReader.READ_SIZE).lines();
    for (int length = 0; length < bytes.length; length++) {
      List<String> cut = RecordDump.of(Arrays.copyOf(bytes, length), TraceReader.READ_SIZE).lines();
      List<String> sure = before(whole, length);
      assertThat(cut.subList(0, sure.size())).as("cut at %d", length).isEqualTo(sure);
    }
  }

  /** The records before the last one that begins before a cut: that one may have several lines. */
  private static List<String> before(List<String> records, int cut) {
    int begun = 0;
    while (begun < records.size() - 1 && offsetOf(records.get(begun)) < cut) {
      begun++;
    }
    return records.subList(0, Math.max(0, begun - 1));
  }

  private static int offsetOf(String record) {
    int at = record.indexOf('@');
    return Integer.parseInt(record.substring(at + 1, record.indexOf(' ', at)));
  }

  @Test
  void a_number_at_the_cut_is_not_believed() throws IOException {
    String line = "FETCH #1:c=1,e=1,p=0,cr=0,cu=0,mis=0,r=0,dep=0,og=1,plh=1,tim=1769860800000000";
    assertThat(RecordDump.of(line.getBytes(UTF_8), 3).lines())
        .anyMatch(told -> told.contains("the file ends within it"))
        .noneMatch(told -> told.contains(" call "));
    assertThat(RecordDump.of((line + "\n").getBytes(UTF_8), 3).lines())
        .anyMatch(told -> told.contains(" call "));
  }

  /** Bytes are changed, doubled and left out, by a seed that a failure names. */
  @ParameterizedTest
  @MethodSource("all")
  void damage_of_any_kind_is_told_and_never_thrown(Path trace) throws IOException {
    byte[] bytes = Traces.bytes(trace);
    for (int seed = 0; seed < 200; seed++) {
      byte[] damaged = damaged(bytes, new Random(seed));
      String one = RecordDump.of(damaged, TraceReader.READ_SIZE).text();
      assertThat(RecordDump.of(damaged, 1 + seed % 7).text()).as("seed %d", seed).isEqualTo(one);
    }
  }

  private static byte[] damaged(byte[] bytes, Random random) {
    byte[] damaged = bytes.clone();
    for (int i = 0; i < 10; i++) {
      int at = random.nextInt(damaged.length);
      int length = Math.min(random.nextInt(40), damaged.length - at);
      int from = random.nextInt(damaged.length - length + 1);
      if (random.nextBoolean()) {
        damaged[at] = (byte) random.nextInt(256);
      } else {
        System.arraycopy(bytes, from, damaged, at, length);
      }
    }
    return Arrays.copyOf(damaged, damaged.length - random.nextInt(20));
  }

  @Test
  void a_line_over_the_limit_is_told_and_left_out() throws IOException {
    String call = "EXEC #1:c=1,e=1,p=0,cr=0,cu=0,mis=0,r=0,dep=0,og=1,plh=1,tim=7\n";
    String trace = call + "x".repeat(5000) + "\n" + call;
    for (int readSize : READ_SIZES) {
      List<String> lines = RecordDump.of(trace.getBytes(UTF_8), readSize, 1000).lines();
      assertThat(lines.stream().filter(line -> line.contains(" call "))).hasSize(2);
      assertThat(lines).anyMatch(line -> line.startsWith("DAMAGE 2 @") && line.contains("limit"));
      assertThat(lines.get(lines.size() - 1)).contains("lines=3, bytes=" + trace.length());
    }
  }

  @Test
  void a_text_over_the_limit_is_told_and_left_out() throws IOException {
    String text = "select 1\n".repeat(1000);
    String trace =
        "=====================\n"
            + "PARSING IN CURSOR #7 len="
            + text.length()
            + " dep=0 uid=1 oct=3 lid=1 tim=5 hv=1 ad='0' sqlid='0000000000001'\n"
            + text
            + "\nEND OF STMT\n"
            + "EXEC #7:c=1,e=1,p=0,cr=0,cu=0,mis=0,r=0,dep=0,og=1,plh=1,tim=7\n";
    List<String> lines = RecordDump.of(trace.getBytes(UTF_8), 4096, 2000).lines();
    assertThat(lines).anyMatch(line -> line.startsWith("DAMAGE") && line.contains("limit"));
    assertThat(lines).anyMatch(line -> line.contains(" call ") && line.contains("cursor=7"));
  }

  /** 200 MB are read through a buffer that stays as small as the longest record wants it. */
  @Test
  void memory_does_not_grow_with_the_file() throws IOException {
    byte[] bytes = Traces.bytes(Traces.written().get(0));
    int times = 200_000_000 / bytes.length;
    long[] calls = {0};
    long[] longest = {0};
    TraceVisitor counter =
        new TraceVisitor() {
          @Override
          public void call(CallRecord call, Place at) {
            calls[0]++;
          }

          @Override
          public void statement(StatementRecord statement, Place at) {
            longest[0] = Math.max(longest[0], statement.text.array().length);
          }
        };
    Tally tally = TraceReader.read(new Repeated(bytes, times), "trace", counter);
    assertThat(tally.bytes()).isEqualTo((long) times * bytes.length);
    assertThat(calls[0] % times).isZero();
    assertThat(longest[0]).isLessThan(4L * TraceReader.READ_SIZE);
  }

  @Test
  void bytes_that_are_no_utf8_are_kept() throws IOException {
    byte[] trace =
        ("WAIT #1: nam='x' ela= 1 p1=0 p2=0 p3=0 obj#=1 tim=5 pg='IO/X' rel='s.\u00e9\u00dc' fork=main"
                + " spc=1 db=2\n")
            .getBytes(ISO_8859_1);
    assertThat(copyOf(trace, 3)).isEqualTo(new String(trace, ISO_8859_1));
  }

  @Test
  void what_is_no_trace_has_no_records() throws IOException {
    Tally tally =
        TraceReader.read(
            new ByteArrayInputStream("\u007fELF\n\nhello\n".repeat(100).getBytes(UTF_8)),
            "x",
            new TraceVisitor() {});
    assertThat(tally.isTrace()).isFalse();
    assertThat(tally.lines()).isEqualTo(300);
  }
}
