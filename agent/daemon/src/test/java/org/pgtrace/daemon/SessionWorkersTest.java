package org.pgtrace.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
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

/** What parallel workers do, in their leader's file, through the real writer, rings and daemon. */
class SessionWorkersTest {
  private static final int SLOT = 1;
  private static final long T0 = NativeSegment.MONO_NS;
  private static final long TIM0 = NativeSegment.WALL_NS / 1000;
  private static final int OWN = Writers.OWN;

  /** First cursor of the second worker. */
  private static final int CURSOR_OF_2 = 2 << 20;

  private final Path folder;
  private final Workplace place;
  private final Writers writers;

  SessionWorkersTest(@TempDir Path folder) {
    this.folder = folder;
    place = new Workplace(folder.resolve("one"));
    writers = new Writers(place);
  }

  @AfterEach
  void close() {
    place.close();
  }

  @Test
  void lines_of_workers_are_among_the_leader_s_and_say_whose_they_are() throws IOException {
    write(OWN, 10, text(101, "select 1", 0));
    write(1, 20, waited(101, 12));
    write(2, 25, Body.hits(101, 0, 4).u16(Hits.NODE, 3));
    write(OWN, 30, waited(101, 15));
    write(1, 35, call(101, Layout.CALL_FETCH, 0, 15));
    write(OWN, 40, call(101, Layout.CALL_FETCH, 0, 11));

    place.runOnce();

    assertThat(lines(place.traceFile("")))
        .filteredOn(line -> line.matches("(PARS|WAIT|HIT|FETCH).*"))
        .satisfiesExactly(
            line -> assertThat(line).startsWith("PARSING IN CURSOR #101 ").doesNotContain("px="),
            line ->
                assertThat(line)
                    .startsWith("WAIT #101: nam='Unnamed: read' ela= 8 ")
                    .endsWith(tim(20) + " px=0"),
            line ->
                assertThat(line)
                    .isEqualTo(
                        "HIT #101: obj#=-1 file#=16390 fork=main blocks=0-3 node=3 "
                            + tim(25)
                            + " px=1"),
            line -> assertThat(line).startsWith("WAIT #101: ").endsWith(tim(30)),
            line ->
                assertThat(line)
                    .startsWith("FETCH #101:c=0,e=20,")
                    .endsWith("," + tim(35) + " px=0"),
            line -> assertThat(line).startsWith("FETCH #101:c=0,e=29,").endsWith("," + tim(40)));
  }

  @Test
  void each_kind_of_line_of_a_worker_has_its_number() throws IOException {
    write(OWN, 10, text(101, "select f()", 0));
    write(2, 20, text(CURSOR_OF_2 + 101, "select $1", 1));
    write(2, 21, call(CURSOR_OF_2 + 101, Layout.CALL_PARSE, 1, 15));
    write(2, 22, Body.bind(CURSOR_OF_2 + 101, 0, 23, "integer", "42"));
    write(2, 23, call(CURSOR_OF_2 + 101, Layout.CALL_EXEC, 1, 22));
    write(2, 24, Body.error(CURSOR_OF_2 + 101, "22012", "division by zero").u16(Error.DEPTH, 1));
    write(2, 25, call(CURSOR_OF_2 + 101, Layout.CALL_CLOSE, 1, 24));

    place.runOnce();

    assertThat(lines(place.traceFile("")))
        .filteredOn(line -> line.matches("(PARS|BINDS|EXEC|ERROR|CLOSE| ERRTEXT).*"))
        .satisfiesExactly(
            line -> assertThat(line).startsWith("PARSING IN CURSOR #101 ").endsWith("'"),
            line -> assertThat(line).matches("PARSING IN CURSOR #2097253 .* sqlid='\\w+' px=1"),
            line -> assertThat(line).startsWith("PARSE #2097253:").endsWith(" px=1"),
            line -> assertThat(line).isEqualTo("BINDS #2097253: px=1"),
            line -> assertThat(line).startsWith("EXEC #2097253:").endsWith(" px=1"),
            line -> assertThat(line).isEqualTo("ERROR #2097253:err=3452582 " + tim(24) + " px=1"),
            line -> assertThat(line).isEqualTo(" ERRTEXT #2097253: 22012 division by zero"),
            line -> assertThat(line).startsWith("CLOSE #2097253:").endsWith(" px=1"));
  }

  @Test
  void groups_of_several_writers_do_not_mix() throws IOException {
    int more = Layout.RF_MORE;
    int own1 = (1 << 20) + 101;
    int own2 = CURSOR_OF_2 + 101;
    write(OWN, 10, more, Body.statementPart(101, "SELECT", "select ", 0, 8));
    write(1, 11, more, Body.statementPart(own1, "SELECT", "with a ", 0, 10));
    write(2, 12, more, Body.statementPart(own2, "SELECT", "values ", 0, 10));
    write(OWN, 13, Body.statementPart(101, "SELECT", "1", 7, 8));
    write(1, 14, Body.statementPart(own1, "SELECT", "b()", 7, 10));
    write(2, 15, Body.statementPart(own2, "SELECT", "(2)", 7, 10));
    write(OWN, 20, more, Body.bind(101, 0, 23, "integer", "1"));
    write(1, 21, more, Body.bind(own1, 0, 23, "integer", "2"));
    write(2, 22, waited(101, 20));
    write(1, 23, Body.bind(own1, 1, 23, "integer", "3"));
    write(OWN, 24, Body.bind(101, 1, 23, "integer", "4"));

    place.runOnce();

    List<String> lines = lines(place.traceFile(""));
    assertThat(lines)
        .filteredOn(line -> line.matches("(select|with|values|END|BINDS|  value=|WAIT).*"))
        .extracting(line -> line.replaceAll(" nam=.*", ""))
        .containsExactly(
            "select 1",
            "END OF STMT",
            "with a b()",
            "END OF STMT",
            "values (2)",
            "END OF STMT",
            "WAIT #101:",
            "BINDS #1048677: px=0",
            "  value=2",
            "  value=3",
            "BINDS #101:",
            "  value=1",
            "  value=4");
    assertThat(tims(lines)).isSorted();
  }

  @Test
  void a_group_that_was_cut_short_holds_up_nobody() throws IOException {
    write(1, 10, Layout.RF_MORE, text((1 << 20) + 101, "select ", 1));
    write(OWN, 20, call(101, Layout.CALL_FETCH, 0, 11));
    place.runOnce();
    assertThat(place.trace()).contains("FETCH");
    assertThat(committed(place, SlotLayout.READ_POS, SLOT)).isZero();
    write(OWN, 1_000_021, call(101, Layout.CALL_FETCH, 0, 11));

    place.runOnce();

    assertThat(place.trace()).containsSubsequence("FETCH #101", "PARSING IN", "FETCH #101");
    assertThat(committed(place, SlotLayout.READ_POS, SLOT)).isEqualTo(2L * Call.SIZE);
  }

  @Test
  void a_gap_of_the_workers_ends_their_groups_and_not_the_leader_s() throws IOException {
    int more = Layout.RF_MORE;
    write(OWN, 10, more, Body.statementPart(101, "SELECT", "select ", 0, 8));
    write(2, 11, more, Body.statementPart(CURSOR_OF_2 + 101, "SELECT", "values ", 0, 10));
    int dropped = 0;
    while (write(1, 12, call(101, Layout.CALL_FETCH, 0, 11))) {
      dropped++;
    }
    place.startDaemon();
    Workplace.await(() -> committed(place, SlotLayout.READ_POS, SLOT) > 0);
    write(1, 13, call(101, Layout.CALL_FETCH, 0, 12));
    write(OWN, 14, Body.statementPart(101, "SELECT", "1", 7, 8));
    place.stopDaemon();

    assertThat(dropped).isPositive();
    assertThat(place.trace())
        .containsSubsequence("FETCH", "values \nEND", "*** LOST ", "select 1\nEND");
    assertThat(place.eventsLost()).isPositive();
  }

  @Test
  void a_record_that_comes_late_has_the_moment_of_the_line_before_it() throws IOException {
    write(OWN, 10, call(101, Layout.CALL_PARSE, 0, 5));
    write(1, 30, waited(101, 25));
    write(2, 28, waited(101, 20));
    write(OWN, 40, call(101, Layout.CALL_FETCH, 0, 11));

    place.runOnce();

    assertThat(lines(place.traceFile("")))
        .filteredOn(line -> line.startsWith("WAIT"))
        .satisfiesExactly(
            line -> assertThat(line).contains(" ela= 5 ").endsWith(tim(30) + " px=0"),
            line -> assertThat(line).contains(" ela= 8 ").endsWith(tim(30) + " px=1"));
  }

  @Test
  void a_parse_s_waits_find_their_text_past_what_others_do() throws IOException {
    int nextParse = (int) Layout.CURSOR_NEXT_PARSE;
    write(OWN, 10, waited(nextParse, 5));
    write(0, true, 12, waited(101, 11));
    write(1, 15, waited(nextParse, 11));
    write(OWN, 20, Layout.RF_MORE, Body.statementPart(102, "SELECT", "select ", 0, 8));
    write(1, 20, waited(101, 19));
    write(OWN, 20, Body.statementPart(102, "SELECT", "2", 7, 8));
    write(OWN, 21, call(102, Layout.CALL_PARSE, 0, 4));

    place.runOnce();

    assertThat(lines(place.traceFile("")))
        .filteredOn(line -> line.matches("(PARS|WAIT|select).*"))
        .extracting(line -> line.replaceAll("( len|:| nam).*?( px=\\d)?$", "$2"))
        .containsExactly(
            "PARSING IN CURSOR #102",
            "select 2",
            "WAIT #102",
            "WAIT #101",
            "WAIT #0 px=0",
            "WAIT #101 px=0",
            "PARSE #102");
  }

  @Test
  void a_daemon_that_is_started_after_each_record_writes_the_same_lines() throws IOException {
    List<Writers.Written> all = session();
    all.forEach(this::write);
    place.runOnce();
    List<String> expected = lines(place.traceFile(""));
    try (Workplace other = new Workplace(folder.resolve("two"))) {
      Writers restarted = new Writers(other);
      for (Writers.Written record : all) {
        restarted.write(record);
        other.runOnce();
      }

      assertThat(lines(other.traceFile(""))).isEqualTo(expected);
    }
    assertThat(expected).filteredOn(line -> line.contains(" px=")).hasSizeGreaterThan(7);
    assertThat(tims(expected)).isSorted();
  }

  @Test
  void what_a_killed_daemon_had_written_but_not_committed_is_written_once() throws IOException {
    List<Writers.Written> all = session();
    all.forEach(this::write);
    place.runOnce();
    List<String> expected = lines(place.traceFile(""));
    try (Workplace other = new Workplace(folder.resolve("two"))) {
      Writers restarted = new Writers(other);
      restarted.write(all.get(0));
      other.runOnce();
      ByteBuffer slot = other.segment.slot(SLOT);
      ByteBuffer workers = other.segment.slot(SLOT + Workplace.SLOTS);
      byte[] commit = new byte[SlotLayout.RESEND - SlotLayout.READ_POS];
      for (Writers.Written record : all.subList(1, all.size())) {
        restarted.write(record);
        slot.get(SlotLayout.READ_POS, commit);
        long workersRead = workers.getLong(SlotLayout.READ_POS);
        other.runOnce();
        // As if the daemon had been killed after the write and before the commit.
        slot.put(SlotLayout.READ_POS, commit);
        workers.putLong(SlotLayout.READ_POS, workersRead);
        other.runOnce();
      }

      assertThat(lines(other.traceFile(""))).isEqualTo(expected);
    }
  }

  @Test
  void a_full_ring_of_workers_is_read_while_the_leader_is_quiet() throws IOException {
    int count = 5_000;
    Session worker = writers.of(1, false);
    worker.waitWhenFull(10_000_000_000L);
    place.startDaemon();
    Workplace.await(() -> place.segment.header().getInt(1024) != 0);

    assertThat(worker.flood(0, count, T0)).isZero();
    Workplace.awaitText(place.traceFile(""), ",r=" + (count - 1) + ",");
    place.stopDaemon();

    assertThat(lines(place.traceFile("")))
        .filteredOn(line -> line.startsWith("FETCH") && line.endsWith(" px=0"))
        .hasSize(count);
  }

  @Test
  @Timeout(120)
  void a_line_is_visible_soon_after_its_event() throws Exception {
    place.startDaemon();
    writers.of(1, false).flood(0, 1, NativeSegment.clockNs());
    Workplace.awaitText(place.traceFile(""), ",r=0,");
    long[] tookMs = new long[11];
    for (int i = 0; i < tookMs.length; i++) {
      Thread.sleep(17L * i);
      long begin = System.nanoTime();
      writers.of(i % 3, false).write(call(i + 1), 0, NativeSegment.clockNs());
      Workplace.awaitText(place.traceFile(""), ",r=" + (i + 1) + ",");
      tookMs[i] = (System.nanoTime() - begin) / 1_000_000;
    }
    // What else the machine does may delay some of them.
    Arrays.sort(tookMs);
    assertThat(tookMs[tookMs.length / 2]).isLessThan(100);
  }

  @Test
  void what_is_young_is_written_when_the_daemon_stops() throws IOException {
    writers.of(1, false).write(call(1), 0, NativeSegment.clockNs());
    writers.of(OWN, false).write(call(2), 0, NativeSegment.clockNs());
    place.runOnce();

    assertThat(place.trace()).containsSubsequence(",r=1,", ",r=2,");
  }

  @Test
  void what_is_missing_at_the_workers_end_is_said() throws IOException {
    write(OWN, 10, call(101, Layout.CALL_PARSE, 0, 5));
    Session worker = writers.of(1, false);
    long dropped = worker.flood(0, 1_000, T0);
    assertThat(writers.of(2, false).write(Body.idle(), 0, T0)).isFalse();
    write(OWN, 20, Body.sessionEnd(Layout.END_EXIT));
    writers.of(OWN, false).close();
    place.startDaemon();
    Workplace.await(() -> place.segment.slot(SLOT).getInt(SlotLayout.STATE) == Layout.SLOT_FREE);
    place.stopDaemon();

    assertThat(place.eventsLost()).isEqualTo(dropped + 1);
    assertThat(place.trace()).containsOnlyOnce("SESSION END");
    assertThat(place.segment.slot(SLOT + Workplace.SLOTS).getInt(SlotLayout.STATE)).isZero();
  }

  @Test
  void a_worker_that_died_while_it_wrote_is_counted() throws IOException {
    write(OWN, 10, call(101, Layout.CALL_PARSE, 0, 5));
    assertThat(writers.of(1, false).dieWhileWriting(T0)).isTrue();
    writers.of(OWN, false).die();
    place.startDaemon();
    Workplace.await(() -> place.segment.slot(SLOT).getInt(SlotLayout.STATE) == Layout.SLOT_FREE);
    place.stopDaemon();

    assertThat(place.trace()).contains("*** LOST 1 EVENTS (full=0, too_big=0, writer_died=1)");
    assertThat(place.trace()).contains("SESSION END:(process died)");
  }

  @Test
  void damage_of_the_workers_ring_leaves_the_leader_s_lines() throws IOException {
    write(1, 10, waited(101, 5));
    write(OWN, 20, call(101, Layout.CALL_FETCH, 0, 11));
    place.segment.slot(SLOT + Workplace.SLOTS).putLong(SlotLayout.HEAD, 12);
    place.runOnce();
    write(OWN, 30, call(101, Layout.CALL_FETCH, 0, 21));
    place.runOnce();

    assertThat(lines(place.traceFile(""))).filteredOn(line -> line.startsWith("FETCH")).hasSize(2);
  }

  /** A statement that two workers help to run, and what comes before and after it. */
  private static List<Writers.Written> session() {
    int more = Layout.RF_MORE;
    int own2 = CURSOR_OF_2 + 101;
    List<Writers.Written> all = new ArrayList<>();
    all.add(new Writers.Written(OWN, 1, 0, text(101, "select 1", 0)));
    all.add(new Writers.Written(OWN, 2, 0, call(101, Layout.CALL_PARSE, 0, 0)));
    all.add(new Writers.Written(1, 10, 0, Body.waitName(7, "IO", "DataFileRead")));
    all.add(new Writers.Written(1, 10, 0, waited(101, 5)));
    all.add(new Writers.Written(2, 12, 0, Body.hits(101, 0, 276)));
    all.add(new Writers.Written(2, 14, more, Body.statementPart(own2, "SELECT", "select ", 0, 10)));
    all.add(new Writers.Written(1, 15, 0, waited(101, 11)));
    all.add(new Writers.Written(2, 16, 0, Body.statementPart(own2, "SELECT", "f()", 7, 10)));
    all.add(new Writers.Written(OWN, 20, 0, waited(101, 3)));
    all.add(new Writers.Written(2, 21, more, Body.bind(own2, 0, 23, "integer", "41")));
    all.add(new Writers.Written(OWN, 22, 0, waited(101, 21)));
    all.add(new Writers.Written(2, 23, 0, Body.bind(own2, 1, 23, "integer", "42")));
    all.add(new Writers.Written(2, 24, 0, call(own2, Layout.CALL_EXEC, 1, 23)));
    all.add(new Writers.Written(1, 25, 0, call(101, Layout.CALL_FETCH, 0, 4)));
    all.add(new Writers.Written(2, 26, 0, call(101, Layout.CALL_FETCH, 0, 4)));
    all.add(new Writers.Written(OWN, 30, 0, call(101, Layout.CALL_FETCH, 0, 3)));
    all.add(new Writers.Written(OWN, 31, 0, call(101, Layout.CALL_CLOSE, 0, 30)));
    all.add(new Writers.Written(OWN, 32, 0, Body.xactEnd(false, true)));
    all.add(new Writers.Written(OWN, 33, 0, Body.idle()));
    return all;
  }

  private boolean write(int by, long us, Body body) {
    return write(by, us, 0, body);
  }

  private boolean write(int by, long us, int flags, Body body) {
    return writers.of(by, false).write(body, flags, T0 + us * 1000);
  }

  /** By a process that is no parallel worker. */
  private boolean write(int by, boolean other, long us, Body body) {
    return writers.of(by, other).write(body, 0, T0 + us * 1000);
  }

  private void write(Writers.Written record) {
    writers.write(record);
  }

  private static Body waited(int cursor, long startUs) {
    return Body.waited(cursor, 0, Layout.WAIT_PLAIN, T0 + startUs * 1000)
        .u8(Wait.CALL, Layout.CALLED_READ);
  }

  private static Body call(int cursor, int kind, int depth, long startUs) {
    return Body.call(cursor, kind, 0, T0 + startUs * 1000, 0).u16(Call.DEPTH, depth);
  }

  private static Body call(long rows) {
    return Body.call(101, Layout.CALL_FETCH, 0, T0, rows);
  }

  private static Body text(int cursor, String text, int depth) {
    return Body.statement(cursor, "SELECT", text).u16(Statement.DEPTH, depth);
  }

  private static long committed(Workplace place, int field, int slot) {
    return place.segment.slot(slot).getLong(field);
  }

  private static String tim(long us) {
    return "tim=" + (TIM0 + us);
  }

  /** What follows the head, without stamps: a daemon that goes on writes one of its own. */
  private static List<String> lines(Path file) throws IOException {
    String trace = Workplace.read(file);
    String body = trace.substring(trace.indexOf('\n', trace.indexOf("*** USER NAME")) + 1);
    return body.lines().filter(line -> !line.isEmpty() && !line.startsWith("*** 20")).toList();
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
