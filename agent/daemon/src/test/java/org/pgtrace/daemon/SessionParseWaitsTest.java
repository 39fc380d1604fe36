package org.pgtrace.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgtrace.format.TraceForm;
import org.pgtrace.ring.Body;
import org.pgtrace.ring.EventLayout.Call;
import org.pgtrace.ring.EventLayout.Error;
import org.pgtrace.ring.EventLayout.Hits;
import org.pgtrace.ring.EventLayout.Statement;
import org.pgtrace.ring.EventLayout.Wait;
import org.pgtrace.ring.Layout;
import org.pgtrace.ring.NativeSegment;
import org.pgtrace.ring.NativeSegment.Session;
import org.pgtrace.ring.SlotLayout;

/** The waits and hits of a parse in files, through the real writer, ring and daemon. */
class SessionParseWaitsTest {
  private static final int SLOT = 1;
  private static final long T0 = NativeSegment.MONO_NS;
  private static final long TIM0 = NativeSegment.WALL_NS / 1000;
  private static final int NEXT_PARSE = (int) Layout.CURSOR_NEXT_PARSE;

  /** A record that ends at a microsecond. */
  private record Written(long us, int flags, Body body) {}

  private final Path folder;
  private final Workplace place;
  private final Session session;

  SessionParseWaitsTest(@TempDir Path folder) {
    this.folder = folder;
    place = new Workplace(folder.resolve("one"));
    session = place.segment.claim(SLOT, place.clientSession(""));
  }

  @AfterEach
  void close() {
    place.close();
  }

  @Test
  void a_cold_parse_is_in_one_piece() throws IOException {
    write(new Written(30, 0, wait(NEXT_PARSE, 0, 10)));
    write(new Written(50, 0, text(101, "select 1", 0)));
    write(new Written(50, 0, parse(101, 0, 5)));

    place.runOnce();

    assertThat(body(place.traceFile("")))
        .contains(
            "=====================\nPARSING IN CURSOR #101 len=8 dep=0 uid=10 oct=3 lid=10 "
                + tim(30)
                + " hv=")
        .endsWith(
            "\nselect 1\nEND OF STMT\n"
                + "WAIT #101: nam='Unnamed: read' ela= 20 p1=0 p2=0 p3=0 obj#=-1 "
                + tim(30)
                + "\nPARSE #101:c=0,e=45,p=0,cr=0,cu=0,mis=0,r=0,dep=0,og=1,plh=0,"
                + tim(50)
                + "\n");
  }

  @Test
  void a_daemon_that_is_started_after_each_record_writes_the_same_lines() throws IOException {
    List<Written> all = session();
    all.forEach(this::write);
    place.runOnce();
    List<String> expected = lines(place.traceFile(""));
    try (Workplace other = new Workplace(folder.resolve("two"))) {
      Session restarted = other.segment.claim(SLOT, other.clientSession(""));
      for (Written record : all) {
        write(restarted, record);
        other.runOnce();
      }

      assertThat(lines(other.traceFile(""))).isEqualTo(expected);
    }
    assertThat(expected).filteredOn(line -> line.startsWith("WAIT #")).hasSize(10);
    assertThat(expected).filteredOn(line -> line.startsWith("WAIT #0:")).hasSize(3);
    assertThat(expected)
        .filteredOn(line -> line.startsWith("HIT "))
        .extracting(line -> line.substring(0, line.indexOf(':')))
        .containsExactly("HIT #103", "HIT #102", "HIT #102", "HIT #0");
    assertThat(tims(expected)).isSorted();
  }

  @Test
  void what_a_killed_daemon_had_written_but_not_committed_is_written_once() throws IOException {
    List<Written> all = session();
    all.forEach(this::write);
    place.runOnce();
    List<String> expected = lines(place.traceFile(""));
    try (Workplace other = new Workplace(folder.resolve("two"))) {
      Session restarted = other.segment.claim(SLOT, other.clientSession(""));
      write(restarted, all.get(0));
      other.runOnce();
      ByteBuffer slot = other.segment.slot(SLOT);
      byte[] commit = new byte[SlotLayout.RESEND - SlotLayout.READ_POS];
      for (Written record : all.subList(1, all.size())) {
        write(restarted, record);
        slot.get(SlotLayout.READ_POS, commit);
        other.runOnce();
        // As if the daemon had been killed after the write and before the commit.
        slot.put(SlotLayout.READ_POS, commit);
        other.runOnce();
      }

      assertThat(lines(other.traceFile(""))).isEqualTo(expected);
    }
  }

  @Test
  void nothing_that_is_held_is_committed() throws IOException {
    write(new Written(10, 0, parse(101, 0, 5)));
    place.runOnce();
    long committed = place.segment.slot(SLOT).getLong(SlotLayout.READ_POS);
    assertThat(committed).isEqualTo(Call.SIZE);
    write(new Written(20, 0, wait(NEXT_PARSE, 0, 15)));
    write(new Written(30, 0, wait(102, 1, 25)));
    place.runOnce();

    assertThat(place.segment.slot(SLOT).getLong(SlotLayout.READ_POS)).isEqualTo(committed);
    assertThat(place.trace()).doesNotContain("WAIT");
  }

  @Test
  void a_process_that_died_leaves_its_last_waits_in_no_statement() throws IOException {
    write(new Written(10, 0, parse(101, 0, 5)));
    write(new Written(20, 0, wait(NEXT_PARSE, 0, 15)));
    write(new Written(30, 0, text(102, "select 2", 0)));
    session.die();
    place.startDaemon();
    Workplace.awaitText(place.traceFile(""), "SESSION END");
    place.stopDaemon();

    assertThat(place.trace())
        .containsSubsequence(
            "PARSE #101", "WAIT #0: ", "PARSING IN CURSOR #102", "*** SESSION END:(process died)")
        .containsOnlyOnce("WAIT");
  }

  @Test
  void a_session_that_ended_without_a_word_leaves_its_last_waits_too() throws IOException {
    write(new Written(20, 0, wait(NEXT_PARSE, 0, 15)));
    session.close();
    place.startDaemon();
    Workplace.awaitText(place.traceFile(""), "SESSION END");
    place.stopDaemon();

    assertThat(place.trace()).containsSubsequence("WAIT #0: ", "SESSION END:(process ended)");
  }

  @Test
  void a_file_ends_with_what_is_held() throws IOException {
    write(new Written(10, 0, wait(NEXT_PARSE, 0, 5)));
    write(new Written(20, 0, text(101, "select 1", 1)));
    write(new Written(20, 0, parse(101, 1, 15)));
    write(new Written(30, 0, Body.attribute(Layout.ATTR_IDENTIFIER, "two")));
    write(new Written(40, 0, wait(NEXT_PARSE, 0, 35)));
    write(new Written(50, 0, text(102, "select 2", 0)));
    write(new Written(50, 0, parse(102, 0, 4)));

    place.runOnce();

    assertThat(place.trace())
        .containsSubsequence("WAIT #0: ", "PARSING IN CURSOR #101", "PARSE #101", "CONTINUES IN")
        .containsOnlyOnce("WAIT");
    assertThat(Workplace.read(place.traceFile("_two")))
        .containsSubsequence("PARSING IN CURSOR #102", "select 2", "WAIT #102: ", "PARSE #102")
        .containsOnlyOnce("WAIT");
  }

  @Test
  void a_wait_in_a_further_file_has_its_parse_s_text() throws IOException {
    write(new Written(10, 0, text(101, "select 1", 0)));
    write(new Written(10, 0, parse(101, 0, 5)));
    write(new Written(20, 0, Body.attribute(Layout.ATTR_IDENTIFIER, "two")));
    write(new Written(30, 0, wait(NEXT_PARSE, 0, 25)));
    write(new Written(40, 0, parse(101, 0, 25)));

    place.runOnce();

    assertThat(lines(place.traceFile("_two")))
        .filteredOn(line -> line.matches("(PARS|WAIT).*"))
        .satisfiesExactly(
            line -> assertThat(line).startsWith("PARSING IN CURSOR #101 ").contains(tim(30)),
            line -> assertThat(line).startsWith("WAIT #101: ").endsWith(tim(30)),
            line -> assertThat(line).startsWith("PARSE #101:").endsWith(tim(40)));
  }

  @Test
  void a_parse_longer_than_a_part_of_the_ring_is_written_as_it_comes() throws IOException {
    int waits = 5_000;
    session.waitWhenFull(10_000_000_000L);
    place.startDaemon();
    Workplace.await(() -> place.segment.header().getInt(1024) != 0);
    for (int i = 0; i < waits; i++) {
      write(new Written(10 + i, 0, wait(NEXT_PARSE, 0, 9 + i)));
    }
    write(new Written(waits + 20, 0, text(101, "select 1", 0)));
    write(new Written(waits + 20, 0, parse(101, 0, 5)));
    Workplace.awaitText(place.traceFile(""), "PARSE #101");
    place.stopDaemon();

    List<String> lines = lines(place.traceFile(""));
    List<String> named = lines.stream().filter(line -> line.startsWith("WAIT #101:")).toList();
    assertThat(lines).filteredOn(line -> line.startsWith("WAIT #")).hasSize(waits);
    assertThat(named).hasSizeBetween(1, Workplace.RING_SIZE / 4 / Wait.SIZE);
    assertThat(lines.indexOf("select 1")).isLessThan(lines.indexOf(named.get(0)));
    assertThat(tims(lines)).isSorted();
  }

  @Test
  void a_text_longer_than_the_ring_ends_the_hold_and_is_whole() throws IOException {
    int parts = 20;
    String part = "x".repeat(Layout.CHUNK_MAX - 1) + "\n";
    session.waitWhenFull(10_000_000_000L);
    place.startDaemon();
    Workplace.await(() -> place.segment.header().getInt(1024) != 0);
    write(new Written(10, 0, wait(NEXT_PARSE, 0, 5)));
    for (int i = 0; i < parts; i++) {
      int more = i == parts - 1 ? 0 : Layout.RF_MORE;
      int at = i * Layout.CHUNK_MAX;
      int total = parts * Layout.CHUNK_MAX;
      write(new Written(20, more, Body.statementPart(101, "SELECT", part, at, total)));
    }
    write(new Written(20, 0, parse(101, 0, 5)));
    Workplace.awaitText(place.traceFile(""), "PARSE #101");
    place.stopDaemon();

    assertThat(place.trace())
        .containsSubsequence("WAIT #0: ", "PARSING IN", part.repeat(parts), "END OF STMT");
  }

  @Test
  void a_cold_parse_has_its_hits_between_its_waits() throws IOException {
    write(new Written(10, 0, Body.hits(NEXT_PARSE, 0, 1)));
    write(new Written(30, 0, wait(NEXT_PARSE, 0, 10)));
    write(new Written(40, 0, Body.hits(NEXT_PARSE, 3, 2).u16(Hits.NODE, 1)));
    write(new Written(50, 0, text(101, "select 1", 0)));
    write(new Written(50, 0, parse(101, 0, 5)));

    place.runOnce();

    assertThat(lines(place.traceFile("")))
        .filteredOn(line -> line.matches("(PARS|WAIT|HIT).*"))
        .satisfiesExactly(
            line -> assertThat(line).startsWith("PARSING IN CURSOR #101 ").contains(tim(10)),
            line ->
                assertThat(line)
                    .isEqualTo("HIT #101: obj#=-1 file#=16390 fork=main blocks=0 " + tim(10)),
            line -> assertThat(line).startsWith("WAIT #101: ").endsWith(tim(30)),
            line ->
                assertThat(line)
                    .isEqualTo("HIT #101: obj#=-1 file#=16390 fork=main blocks=3-4 " + tim(40)),
            line -> assertThat(line).startsWith("PARSE #101:").endsWith(tim(50)));
  }

  @Test
  void the_strict_form_has_the_same_cursors() throws IOException {
    write(new Written(30, 0, wait(NEXT_PARSE, 0, 10)));
    write(new Written(50, 0, text(101, "select 1", 0)));
    write(new Written(50, 0, parse(101, 0, 5)));

    place.runOnce(place.options(TraceForm.STRICT, 0));

    assertThat(place.trace()).containsSubsequence("PARSING IN CURSOR #101 ", "WAIT #101: ");
  }

  /** Statements of all kinds, with waits wherever there can be some. */
  private static List<Written> session() {
    int more = Layout.RF_MORE;
    List<Written> all = new ArrayList<>();
    all.add(new Written(1, 0, text(101, "select 1", 0)));
    all.add(new Written(1, 0, parse(101, 0, 0)));
    all.add(new Written(2, 0, Body.idle()));
    all.add(new Written(10, 0, wait(NEXT_PARSE, 0, 5)));
    all.add(new Written(12, 0, Body.hits(NEXT_PARSE, 0, 276)));
    all.add(new Written(20, 0, wait(NEXT_PARSE, 1, 15)));
    all.add(new Written(25, 0, Body.hits(NEXT_PARSE, 1, 1).u16(Hits.DEPTH, 1)));
    all.add(new Written(30, 0, text(102, "select 2", 1)));
    all.add(new Written(30, 0, parse(102, 1, 15)));
    all.add(new Written(40, 0, wait(102, 1, 35)));
    all.add(new Written(45, 0, Body.hits(102, 2, 1).u16(Hits.DEPTH, 1)));
    all.add(
        new Written(50, 0, Body.call(102, Layout.CALL_EXEC, 0, T0 + 30_000, 1).u16(Call.DEPTH, 1)));
    all.add(new Written(60, more, Body.statementPart(103, "SELECT", "select ", 0, 10)));
    all.add(new Written(60, 0, Body.statementPart(103, "SELECT", "f()", 7, 10)));
    all.add(new Written(60, 0, parse(103, 0, 5)));
    all.add(new Written(70, more, Body.bind(103, 0, 23, "integer", "41")));
    all.add(new Written(71, 0, wait(NEXT_PARSE, 0, 70)));
    all.add(new Written(72, 0, parse(101, 0, 70)));
    all.add(new Written(80, 0, wait(NEXT_PARSE, 0, 75)));
    all.add(new Written(90, 0, wait(NEXT_PARSE, 0, 85)));
    all.add(
        new Written(
            95,
            0,
            text(104, "selec 1", 0)
                .u16(Statement.FLAGS, Layout.STMT_PARSE_ERROR)
                .i32(Statement.SQLSTATE, 6_819_553)));
    all.add(
        new Written(
            95, 0, Body.error(104, "42601", "syntax error").u16(Error.FLAGS, Layout.ERROR_PARSE)));
    all.add(new Written(96, 0, Body.xactEnd(true, true)));
    all.add(new Written(100, 0, wait(NEXT_PARSE, 0, 97)));
    all.add(new Written(100, 0, Body.hits(NEXT_PARSE, 3, 1)));
    all.add(new Written(101, 0, Body.idle()));
    all.add(new Written(110, 0, wait(NEXT_PARSE, 0, 105)));
    all.add(new Written(120, 0, Body.waited(0, 0, Layout.WAIT_CLIENT, T0 + 111_000)));
    all.add(new Written(130, 0, wait(NEXT_PARSE, 0, 125)));
    all.add(new Written(140, 0, parse(103, 0, 125)));
    return all;
  }

  private void write(Written record) {
    write(session, record);
  }

  private static void write(Session to, Written record) {
    assertThat(to.write(record.body(), record.flags(), T0 + record.us() * 1000)).isTrue();
  }

  private static Body wait(int cursor, int depth, long startUs) {
    return Body.waited(cursor, 0, Layout.WAIT_PLAIN, T0 + startUs * 1000)
        .u8(Wait.CALL, Layout.CALLED_READ)
        .u16(Wait.DEPTH, depth);
  }

  private static Body parse(int cursor, int depth, long startUs) {
    return Body.call(cursor, Layout.CALL_PARSE, 0, T0 + startUs * 1000, 0).u16(Call.DEPTH, depth);
  }

  private static Body text(int cursor, String text, int depth) {
    return Body.statement(cursor, "SELECT", text).u16(Statement.DEPTH, depth);
  }

  private static String tim(long us) {
    return "tim=" + (TIM0 + us);
  }

  /** What follows the head. */
  private static String body(Path file) throws IOException {
    String trace = Workplace.read(file);
    return trace.substring(trace.indexOf('\n', trace.indexOf("*** USER NAME")) + 1);
  }

  /** The same without stamps: a daemon that goes on writes one of its own. */
  private static List<String> lines(Path file) throws IOException {
    return body(file)
        .lines()
        .filter(line -> !line.isEmpty() && !line.startsWith("*** 20"))
        .toList();
  }

  private static List<Long> tims(List<String> lines) {
    Pattern pattern = Pattern.compile("\\btim=(\\d+)");
    List<Long> tims = new ArrayList<>();
    for (String line : lines) {
      Matcher matcher = pattern.matcher(line);
      if (matcher.find()) {
        tims.add(Long.valueOf(matcher.group(1)));
      }
    }
    return tims;
  }
}
