package org.pgtrace.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.pgtrace.ring.Body;
import org.pgtrace.ring.EventHandler;
import org.pgtrace.ring.EventLayout;
import org.pgtrace.ring.EventLayout.Call;
import org.pgtrace.ring.EventLayout.Error;
import org.pgtrace.ring.EventLayout.Hits;
import org.pgtrace.ring.EventLayout.Statement;
import org.pgtrace.ring.EventLayout.Wait;
import org.pgtrace.ring.EventRecord;
import org.pgtrace.ring.Layout;
import org.pgtrace.ring.NativeSegment;
import org.pgtrace.ring.NativeSegment.Session;
import org.pgtrace.ring.Positions;
import org.pgtrace.ring.RingReader;
import org.pgtrace.ring.SegmentReader;
import org.pgtrace.ring.SlotReader;

class ParseHoldTest {
  private static final int SLOT = 1;
  private static final long T0 = NativeSegment.MONO_NS;
  private static final int NEXT_PARSE = (int) Layout.CURSOR_NEXT_PARSE;

  /** What a ring of this size lets be held. */
  private static final int LIMIT = Workplace.RING_SIZE / 4;

  private final Workplace place;
  private final SegmentReader segment;
  private final SlotReader slot;
  private final Session session;
  private final RingReader ring;
  private final List<String> got = new ArrayList<>();
  private final ParseHold hold = new ParseHold(this::take, Workplace.RING_SIZE);
  private long lastTime;
  private long lastPosition;

  ParseHoldTest(@TempDir Path folder) throws IOException {
    place = new Workplace(folder);
    session = place.segment.claim(SLOT, place.clientSession(""));
    segment = SegmentReader.open(place.segmentPath(), SegmentReader.Access.DRAIN);
    slot = segment.slots().get(SLOT);
    ring = slot.openRing();
  }

  @AfterEach
  void close() throws IOException {
    ring.close();
    segment.close();
    place.close();
  }

  @Test
  void what_belongs_to_no_parse_is_handed_on_as_it_is_and_without_garbage() {
    List<EventRecord> seen = new ArrayList<>();
    EventHandler direct =
        event -> {
          seen.add(event);
          return true;
        };
    write(1, text(101, "select 1"));
    write(2, wait(101, 0, 1));
    write(3, Body.waited(0, 0, Layout.WAIT_CLIENT, T0 + 2));
    write(4, parse(101, 0, 1));
    write(5, Body.idle());
    ParseHold idle = new ParseHold(direct, Workplace.RING_SIZE);
    ring.drain(idle, 100);

    // The ring has one object for all its records; a copy would be another.
    assertThat(seen).hasSize(5).allMatch(event -> event == seen.get(0));
    assertThat(idle.isHolding()).isFalse();
    // One object a record would be 48,000 or more.
    assertThat(allocatedBy(10)).isLessThan(4_000);
  }

  @Test
  void a_wait_gets_the_cursor_of_the_parse_that_ends_next() {
    write(10, wait(NEXT_PARSE, 0, 5).u16(Wait.NODE, 3));
    drain();
    assertThat(hold.isHolding()).isTrue();
    assertThat(got).isEmpty();
    write(20, parse(101, 0, 5));
    write(30, wait(101, 0, 25));
    drain();

    assertThat(hold.isHolding()).isFalse();
    assertThat(got).containsExactly("wait 101 10 node 0", "parse 101 20", "wait 101 30 node 0");
  }

  @Test
  void a_new_text_comes_before_its_first_wait_and_at_its_time() {
    write(5, Body.waitName(7, "IO", "DataFileRead"));
    write(10, wait(NEXT_PARSE, 0, 5));
    write(15, Body.object(16384, 5, 16390, 'r', "public.t"));
    write(20, wait(NEXT_PARSE, 0, 15));
    more(30, Body.statementPart(101, "SELECT", "select ", 0, 8));
    write(30, Body.statementPart(101, "SELECT", "1", 7, 8));
    write(30, parse(101, 0, 5));
    drain();

    assertThat(got)
        .containsExactly(
            "name 5",
            "text 101 10 'select '",
            "text 101 10 '1'",
            "wait 101 10 node 0",
            "object 15",
            "wait 101 20 node 0",
            "parse 101 30");
  }

  @Test
  void a_text_that_came_in_time_stays_where_it_was() {
    write(10, wait(NEXT_PARSE, 0, 5));
    write(20, at(text(101, "select 1"), 1));
    write(20, parse(101, 1, 15));
    write(30, wait(NEXT_PARSE, 1, 25));
    write(40, parse(101, 1, 25));
    write(50, parse(102, 0, 5));
    drain();

    assertThat(got)
        .containsExactly(
            "wait 102 10 node 0",
            "text 101 20 'select 1'",
            "parse 101 20",
            "wait 101 30 node 0",
            "parse 101 40",
            "parse 102 50");
  }

  @Test
  void a_parse_that_fails_has_its_waits_behind_its_text_and_error() {
    write(10, wait(NEXT_PARSE, 0, 5));
    write(20, wait(NEXT_PARSE, 0, 15));
    write(30, failedText(101, "selec 1", 0));
    write(40, parseError(101, 0));
    write(50, Body.xactEnd(true, true));
    drain();

    assertThat(got)
        .containsExactly(
            "text 101 10 'selec 1'",
            "error 101 10",
            "wait 101 10 node 0",
            "wait 101 20 node 0",
            "end of transaction 50");
    assertThat(lastPosition).isEqualTo(ring.position());
  }

  @Test
  void hits_get_their_cursor_as_waits_do() {
    write(10, hits(NEXT_PARSE, 0).u16(Hits.NODE, 3));
    drain();
    assertThat(hold.isHolding()).isTrue();
    assertThat(got).isEmpty();
    write(15, wait(NEXT_PARSE, 0, 12));
    write(20, hits(NEXT_PARSE, 1));
    write(30, at(text(102, "select 2"), 1));
    write(30, parse(102, 1, 18));
    write(35, hits(102, 1).u16(Hits.NODE, 4));
    write(40, text(101, "select f()"));
    write(40, parse(101, 0, 5));
    drain();

    assertThat(got)
        .containsExactly(
            "text 101 10 'select f()'",
            "hits 101 10 node 0",
            "wait 101 15 node 0",
            "text 102 20 'select 2'",
            "hits 102 20 node 0",
            "parse 102 30",
            "hits 102 35 node 4",
            "parse 101 40");
    assertThat(hold.isHolding()).isFalse();
  }

  @Test
  void hits_before_a_parse_began_are_in_no_statement() {
    write(10, hits(NEXT_PARSE, 0));
    write(20, hits(NEXT_PARSE, 0));
    write(30, parse(101, 0, 15));
    drain();

    assertThat(got).containsExactly("hits 0 10 node 0", "hits 101 20 node 0", "parse 101 30");
  }

  @Test
  void hits_of_a_parse_that_fails_come_behind_its_error() {
    write(10, hits(NEXT_PARSE, 0));
    write(20, failedText(101, "select x", 0));
    write(20, parseError(101, 0));
    drain();

    assertThat(got).containsExactly("text 101 10 'select x'", "error 101 10", "hits 101 10 node 0");
  }

  @Test
  void without_a_parse_hits_are_in_no_statement() {
    write(10, hits(NEXT_PARSE, 0));
    write(20, Body.idle());
    drain();

    assertThat(got).containsExactly("hits 0 10 node 0", "idle 20");
  }

  @Test
  void an_error_that_is_no_parse_s_settles_nothing() {
    write(10, wait(NEXT_PARSE, 0, 5));
    write(20, Body.error(101, "22P02", "bad bind value"));
    drain();
    assertThat(hold.isHolding()).isTrue();
    write(30, Body.idle());
    drain();

    assertThat(got).containsExactly("wait 0 10 node 0", "error 101 20", "idle 30");
  }

  @Test
  void recursive_parses_have_their_own_waits() {
    write(10, wait(NEXT_PARSE, 0, 5));
    write(20, wait(NEXT_PARSE, 1, 15));
    write(30, at(text(102, "select 2"), 1));
    write(30, parse(102, 1, 15));
    write(40, wait(102, 1, 35));
    write(50, Body.call(102, Layout.CALL_EXEC, 0, T0 + 30, 0).u16(Call.DEPTH, 1));
    write(60, wait(NEXT_PARSE, 1, 55));
    write(70, failedText(103, "select x", 1));
    write(70, parseError(103, 1));
    write(80, wait(NEXT_PARSE, 0, 75));
    drain();
    assertThat(got).isEmpty();
    write(90, text(101, "select f()"));
    write(90, parse(101, 0, 5));
    drain();

    assertThat(got)
        .containsExactly(
            "text 101 10 'select f()'",
            "wait 101 10 node 0",
            "text 102 20 'select 2'",
            "wait 102 20 node 0",
            "parse 102 30",
            "wait 102 40 node 0",
            "call 102 50",
            "text 103 60 'select x'",
            "error 103 60",
            "wait 103 60 node 0",
            "wait 101 80 node 0",
            "parse 101 90");
  }

  @Test
  void a_parse_that_began_later_is_not_the_wait_s() {
    write(10, wait(NEXT_PARSE, 0, 5));
    write(20, wait(NEXT_PARSE, 0, 15));
    write(30, text(101, "select 1"));
    write(30, parse(101, 0, 6));
    drain();

    assertThat(got)
        .containsExactly(
            "wait 0 10 node 0", "text 101 20 'select 1'", "wait 101 20 node 0", "parse 101 30");
  }

  static Stream<Arguments> ends() {
    return Stream.of(
        Arguments.of("idle 20", Body.idle()),
        Arguments.of("end of session 20", Body.sessionEnd(Layout.END_DISABLED)),
        Arguments.of("wait 0 20 node 0", Body.waited(0, 0, Layout.WAIT_CLIENT, T0)),
        Arguments.of("identifier 20", Body.attribute(Layout.ATTR_IDENTIFIER, "two")),
        Arguments.of("lost 20", Body.of(Layout.EV_LOST, EventLayout.Lost.SIZE)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("ends")
  void without_a_parse_a_wait_is_in_no_statement(String end, Body record) {
    write(10, wait(NEXT_PARSE, 0, 5));
    write(15, wait(NEXT_PARSE, 1, 12));
    write(20, record);
    drain();

    assertThat(got).containsExactly("wait 0 10 node 0", "wait 0 15 node 0", end);
    assertThat(hold.isHolding()).isFalse();
  }

  static Stream<Arguments> executions() {
    return Stream.of(
        Arguments.of("call 101 20", Body.call(101, Layout.CALL_EXEC, 0, T0 + 12, 1)),
        Arguments.of("call 101 20", Body.call(101, Layout.CALL_FETCH, 0, T0 + 12, 1)),
        Arguments.of("wait 101 20 node 0", wait(101, 0, 12)),
        Arguments.of("hits 101 20 node 0", hits(101, 0)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("executions")
  void a_statement_that_executes_is_parsed_no_more(String line, Body record) {
    write(10, wait(NEXT_PARSE, 0, 5));
    write(20, record);
    drain();

    assertThat(got).containsExactly("wait 0 10 node 0", line);
  }

  static Stream<Body> others() {
    return Stream.of(
        Body.attribute(Layout.ATTR_APPLICATION, "psql"),
        Body.call(102, Layout.CALL_EXEC, 0, T0 + 12, 1).u16(Call.DEPTH, 1),
        Body.call(101, Layout.CALL_CLOSE, 0, T0 + 12, 1),
        wait(102, 1, 12),
        hits(102, 1),
        hits(0, 0),
        // pg_trace's own work.
        wait(0, 0, 12),
        // A notice.
        Body.waited(102, 0, Layout.WAIT_CLIENT, T0).u16(Wait.DEPTH, 1),
        Body.waited(NEXT_PARSE, 0, Layout.WAIT_CLIENT, T0));
  }

  @ParameterizedTest
  @MethodSource("others")
  void what_can_be_inside_of_a_parse_ends_none(Body record) {
    write(10, wait(NEXT_PARSE, 0, 5));
    write(20, record);
    drain();
    assertThat(got).isEmpty();
    write(30, parse(103, 0, 5));
    drain();
    assertThat(got).hasSize(3).startsWith("wait 103 10 node 0");
  }

  @Test
  void more_than_the_limit_is_not_held() {
    write(10, wait(NEXT_PARSE, 1, 5));
    int fit = (LIMIT - Wait.SIZE) / Call.SIZE;
    session.flood(0, fit, T0 + 10);
    drain();
    assertThat(hold.isHolding()).isTrue();
    assertThat(got).isEmpty();
    session.flood(fit, 1, T0 + 10);
    drain();

    assertThat(hold.isHolding()).isFalse();
    assertThat(got).hasSize(fit + 2).startsWith("wait 0 10 node 0");
    assertThat(lastPosition).isEqualTo(ring.position());

    write(fit * 1000L + 20, wait(NEXT_PARSE, 0, 5));
    write(fit * 1000L + 30, parse(101, 0, 5));
    drain();
    assertThat(got).contains("wait 101 " + (fit * 1000L + 20) + " node 0");
  }

  @Test
  void what_is_held_can_be_asked_for() {
    write(10, wait(NEXT_PARSE, 0, 5));
    write(20, wait(102, 1, 15));
    drain();
    hold.release();
    assertThat(got).containsExactly("wait 0 10 node 0", "wait 102 20 node 0");
    hold.release();
    assertThat(got).hasSize(2);
  }

  private void drain() {
    ring.drain(hold, Integer.MAX_VALUE);
  }

  /** Bytes that records make which are not held. */
  private long allocatedBy(int rounds) {
    ParseHold idle = new ParseHold(event -> event.length() > 0, Workplace.RING_SIZE);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long allocated = 0;
    for (int i = 0; i < rounds * 2; i++) {
      slot.commit(new Positions(ring.position(), 0), 0, 1);
      session.flood(0, 300, T0);
      write(1_000_000, wait(101, 0, 1));
      long before = threads.getCurrentThreadAllocatedBytes();
      ring.drain(idle, Integer.MAX_VALUE);
      allocated += i < rounds ? 0 : threads.getCurrentThreadAllocatedBytes() - before;
    }
    return allocated;
  }

  private boolean take(EventRecord event) {
    assertThat(event.timeNs()).isGreaterThanOrEqualTo(lastTime);
    assertThat(event.endPosition()).isGreaterThan(lastPosition);
    lastTime = event.timeNs();
    lastPosition = event.endPosition();
    got.add(line(event, event.timeNs() - T0));
    return true;
  }

  private static String line(EventRecord event, long time) {
    return switch (event.type()) {
      case Layout.EV_WAIT ->
          "wait " + event.i32(Wait.CURSOR) + " " + time + " node " + event.u16(Wait.NODE);
      case Layout.EV_HITS ->
          "hits " + event.i32(Hits.CURSOR) + " " + time + " node " + event.u16(Hits.NODE);
      case Layout.EV_STATEMENT -> {
        byte[] text = new byte[event.textLength()];
        event.copyText(text, 0);
        yield "text "
            + event.i32(Statement.CURSOR)
            + " "
            + time
            + " '"
            + new String(text, StandardCharsets.UTF_8)
            + "'";
      }
      case Layout.EV_CALL ->
          (event.u8(Call.KIND) == Layout.CALL_PARSE ? "parse " : "call ")
              + event.i32(Call.CURSOR)
              + " "
              + time;
      case Layout.EV_ERROR -> "error " + event.i32(Error.CURSOR) + " " + time;
      case Layout.EV_IDLE -> "idle " + time;
      case Layout.EV_LOST -> "lost " + time;
      case Layout.EV_SESSION_END -> "end of session " + time;
      case Layout.EV_XACT_END -> "end of transaction " + time;
      case Layout.EV_ATTRIBUTE -> "identifier " + time;
      case Layout.EV_WAIT_NAME -> "name " + time;
      case Layout.EV_OBJECT -> "object " + time;
      default -> "type " + event.type();
    };
  }

  private void write(long time, Body body) {
    assertThat(session.write(body, 0, T0 + time)).isTrue();
  }

  private void more(long time, Body body) {
    assertThat(session.write(body, Layout.RF_MORE, T0 + time)).isTrue();
  }

  private static Body wait(int cursor, int depth, long start) {
    return Body.waited(cursor, 0, Layout.WAIT_PLAIN, T0 + start).u16(Wait.DEPTH, depth);
  }

  private static Body hits(int cursor, int depth) {
    return Body.hits(cursor, 0, 276, 280, 1).u16(Hits.DEPTH, depth);
  }

  private static Body parse(int cursor, int depth, long start) {
    return Body.call(cursor, Layout.CALL_PARSE, 0, T0 + start, 0).u16(Call.DEPTH, depth);
  }

  private static Body text(int cursor, String text) {
    return Body.statement(cursor, "SELECT", text);
  }

  private static Body at(Body statement, int depth) {
    return statement.u16(Statement.DEPTH, depth);
  }

  private static Body failedText(int cursor, String text, int depth) {
    return at(text(cursor, text), depth).u16(Statement.FLAGS, Layout.STMT_PARSE_ERROR);
  }

  private static Body parseError(int cursor, int depth) {
    return Body.error(cursor, "42601", "syntax error")
        .u16(Error.FLAGS, Layout.ERROR_PARSE)
        .u16(Error.DEPTH, depth);
  }
}
