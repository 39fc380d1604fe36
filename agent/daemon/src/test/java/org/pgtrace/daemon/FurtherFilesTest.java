package org.pgtrace.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.pgtrace.format.TraceForm;
import org.pgtrace.ring.Body;
import org.pgtrace.ring.Layout;
import org.pgtrace.ring.NativeSegment;
import org.pgtrace.ring.NativeSegment.Session;
import org.pgtrace.ring.SegmentLayout;
import org.pgtrace.ring.SlotLayout;

/** Each file of a session can be read for itself. */
class FurtherFilesTest {
  private static final long T0 = NativeSegment.MONO_NS;
  private static final long TIM0 = NativeSegment.WALL_NS / 1000;
  private static final int SLOT = 1;

  private final Workplace place;
  private final Session session;

  FurtherFilesTest(@TempDir Path folder) {
    place = new Workplace(folder);
    session = place.segment.claim(SLOT, place.clientSession("one"));
  }

  @AfterEach
  void close() {
    place.close();
  }

  static Stream<Arguments> namingLines() {
    return Stream.of(
        Arguments.of("PARSE #101:", call(Layout.CALL_PARSE)),
        Arguments.of("EXEC #101:", call(Layout.CALL_EXEC)),
        Arguments.of("FETCH #101:", call(Layout.CALL_FETCH)),
        Arguments.of("CLOSE #101:", call(Layout.CALL_CLOSE)),
        Arguments.of("BINDS #101:", List.of(Body.bind(101, 0, 23, "integer", "42"))),
        Arguments.of("ERROR #101:", List.of(Body.error(101, "42P01", "no such thing"))),
        Arguments.of("STAT #101 ", List.of(Body.plan(101, 77, 1), Body.node(1, 0, "Result"))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("namingLines")
  void the_first_line_of_a_cursor_comes_after_its_text(String line, List<Body> records)
      throws IOException {
    statement(101, "select 'known'");
    identifier("two");
    write(records, T0 + 5000);
    write(records, T0 + 6000);

    place.runOnce();

    String second = Workplace.read(place.traceFile("_two"));
    assertThat(second)
        .containsSubsequence(
            "=====================\nPARSING IN CURSOR #101 len=14 dep=0 uid=10 oct=3 lid=10 tim="
                + (TIM0 + 5)
                + " hv=",
            "\nselect 'known'\nEND OF STMT\n" + line,
            line)
        .containsOnlyOnce("PARSING IN CURSOR");
    assertThat(resend()).isZero();
  }

  @Test
  void the_repeated_text_is_the_one_of_the_first_file() throws IOException {
    statement(101, "select $1");
    identifier("two");
    write(call(Layout.CALL_EXEC), T0);

    place.runOnce(place.options(TraceForm.STRICT, 0));

    String first = Workplace.read(place.traceFile("_one"));
    String text = first.substring(first.indexOf("PARSING IN"), first.indexOf("END OF STMT"));
    assertThat(text).contains("\nselect :1\n");
    assertThat(Workplace.read(place.traceFile("_two"))).contains(text);
  }

  @Test
  void a_text_that_comes_again_is_written_once() throws IOException {
    statement(101, "select 1");
    identifier("two");
    statement(101, "select 1");
    write(call(Layout.CALL_EXEC), T0);

    place.runOnce();

    assertThat(Workplace.read(place.traceFile("_two"))).containsOnlyOnce("PARSING IN CURSOR");
  }

  @Test
  void a_cursor_that_is_used_again_has_its_last_text() throws IOException {
    statement(101, "select 'the first of two'");
    statement(101, "select 2");
    identifier("two");
    write(call(Layout.CALL_EXEC), T0);

    place.runOnce();

    assertThat(Workplace.read(place.traceFile("_two")))
        .contains("\nselect 2\nEND OF STMT\nEXEC #101:")
        .doesNotContain("the first of two");
  }

  @Test
  void what_is_outside_any_statement_has_no_text() throws IOException {
    identifier("two");
    session.write(Body.error(0, "57P01", "terminating connection"), 0, T0);

    place.runOnce();

    assertThat(Workplace.read(place.traceFile("_two")))
        .contains("ERROR #0:")
        .doesNotContain("PARSING");
    assertThat(resend()).isZero();
  }

  @Test
  void a_text_that_nobody_knows_is_asked_for() throws IOException {
    statement(101, "select 1");
    place.runOnce();
    identifier("two");
    write(call(Layout.CALL_EXEC), T0);
    write(call(Layout.CALL_FETCH), T0);
    place.runOnce();

    assertThat(Workplace.read(place.traceFile("_two")))
        .containsSubsequence("EXEC #101:", "FETCH #101:")
        .doesNotContain("PARSING");
    assertThat(resend()).isEqualTo(1);
  }

  @Test
  void each_record_is_in_the_file_of_its_identifier() throws IOException {
    session.flood(0, 5, T0);
    identifier("two");
    session.flood(5, 5, T0);
    identifier("");
    session.flood(10, 5, T0);
    identifier("one");
    session.flood(15, 5, T0);

    place.runOnce();

    Path one = place.traceFile("_one");
    Path two = place.traceFile("_two");
    Path three = place.traceFile("");
    Path four = place.traceFile("_one_2");
    assertThat(rows(one)).containsExactly(0, 1, 2, 3, 4);
    assertThat(rows(two)).containsExactly(5, 6, 7, 8, 9);
    assertThat(rows(three)).containsExactly(10, 11, 12, 13, 14);
    assertThat(rows(four)).containsExactly(15, 16, 17, 18, 19);
    assertThat(Workplace.read(one)).endsWith("\n*** TRACE CONTINUES IN FILE " + two + " ***\n\n");
    assertThat(Workplace.read(two))
        .startsWith("Trace file " + two)
        .contains("\n*** TRACE CONTINUED FROM FILE " + one + " ***\n")
        .endsWith("\n*** TRACE CONTINUES IN FILE " + three + " ***\n\n");
    assertThat(Workplace.read(four))
        .contains("\n*** TRACE CONTINUED FROM FILE " + three + " ***\n");
  }

  @Test
  void the_slot_s_identifier_is_for_the_first_file_alone() throws IOException {
    session.flood(0, 5, T0);
    place.startDaemon();
    Workplace.awaitText(place.traceFile("_one"), "r=4,");
    byte[] later = "later\0".getBytes(StandardCharsets.UTF_8);
    place.segment.slot(SLOT).put(SlotLayout.IDENTIFIER, later);
    session.flood(5, 5, T0);
    Workplace.awaitText(place.traceFile("_one"), "r=9,");
    place.stopDaemon();

    assertThat(place.traceFileNames()).hasSize(1);
  }

  @Test
  void a_first_file_that_has_the_new_identifier_goes_on() throws IOException {
    session.flood(0, 5, T0);
    identifier("one");
    session.flood(5, 5, T0);

    place.runOnce();

    assertThat(rows(place.traceFile("_one"))).hasSize(10);
    assertThat(place.traceFileNames()).hasSize(1);
  }

  @Test
  void a_new_daemon_goes_on_in_the_further_file() throws IOException {
    session.flood(0, 5, T0);
    identifier("two");
    place.runOnce();
    place.runOnce();
    session.flood(5, 5, T0);
    place.runOnce();

    assertThat(rows(place.traceFile("_two"))).containsExactly(5, 6, 7, 8, 9);
    assertThat(Workplace.read(place.traceFile("_two"))).containsOnlyOnce("Trace file ");
    assertThat(Workplace.read(place.traceFile("_one"))).containsOnlyOnce("CONTINUES IN FILE");
    assertThat(place.traceFileNames()).hasSize(2);
  }

  @Test
  void the_head_of_a_new_daemon_s_file_is_as_whole_as_the_first() throws IOException {
    session.write(Body.session(12), Layout.RF_MORE, T0);
    session.write(Body.attribute(Layout.ATTR_CLIENT_ADDRESS, "10.0.0.9"), Layout.RF_MORE, T0);
    session.write(Body.attribute(Layout.ATTR_CAPABILITY, "waits: too (old)"), Layout.RF_MORE, T0);
    session.write(Body.attribute(Layout.ATTR_CAPABILITY, "aio: none"), 0, T0);
    statement(101, "select '\n*** CLIENT IP:(no) '");
    place.runOnce();
    identifier("two");
    session.flood(0, 1, T0);
    place.runOnce();

    String head = "*** CLIENT IP:(10.0.0.9) 2023";
    String missing = "*** NOT AVAILABLE:(waits: too (old), aio: none) 2023";
    assertThat(Workplace.read(place.traceFile("_one"))).contains(head, missing);
    assertThat(Workplace.read(place.traceFile("_two"))).contains(head, missing);
  }

  @Test
  void a_new_daemon_follows_a_record_that_came_while_none_ran() throws IOException {
    session.flood(0, 5, T0);
    place.runOnce();
    byte[] two = "two\0".getBytes(StandardCharsets.UTF_8);
    place.segment.slot(SLOT).put(SlotLayout.IDENTIFIER, two);
    session.flood(5, 5, T0);
    identifier("two");
    session.flood(10, 5, T0);
    place.runOnce();

    assertThat(rows(place.traceFile("_one"))).hasSize(10);
    assertThat(rows(place.traceFile("_two"))).containsExactly(10, 11, 12, 13, 14);
  }

  @Test
  void files_of_a_limited_size_have_their_texts() throws IOException {
    session.waitWhenFull(10_000_000_000L);
    place.startDaemon(place.options(TraceForm.FULL, DaemonOptions.MAX_FILE_SIZE_MIN));
    Workplace.await(() -> place.segment.header().getInt(SegmentLayout.DAEMON_PID) != 0);
    statement(101, "select 1");
    session.flood(0, 5000, T0);
    Workplace.await(
        () ->
            place.segment.slot(SLOT).getLong(SlotLayout.HEAD)
                == place.segment.slot(SLOT).getLong(SlotLayout.READ_POS));
    place.stopDaemon();

    assertThat(place.traceFileNames()).hasSizeGreaterThan(3);
    for (String name : place.traceFileNames()) {
      assertThat(Workplace.read(place.traces.resolve(name)))
          .containsOnlyOnce("PARSING IN CURSOR #101 ")
          .containsSubsequence("PARSING IN CURSOR #101 ", "FETCH #101:");
    }
    assertThat(resend()).isZero();
  }

  private void statement(int cursor, String text) {
    session.write(Body.statement(cursor, "SELECT", text), 0, T0);
  }

  private void identifier(String text) {
    session.write(Body.attribute(Layout.ATTR_IDENTIFIER, text), 0, T0);
  }

  private static List<Body> call(int kind) {
    return List.of(Body.call(101, kind, 0, T0, 0));
  }

  private void write(List<Body> records, long time) {
    for (int i = 0; i < records.size(); i++) {
      session.write(records.get(i), i < records.size() - 1 ? Layout.RF_MORE : 0, time);
    }
  }

  private int resend() {
    return place.segment.slot(SLOT).getInt(SlotLayout.RESEND);
  }

  private static List<Integer> rows(Path file) throws IOException {
    try (Stream<String> lines = Files.lines(file)) {
      return lines
          .filter(line -> line.startsWith("FETCH #101:"))
          .map(line -> line.substring(line.indexOf(",r=") + 3, line.indexOf(",dep=")))
          .map(Integer::valueOf)
          .toList();
    }
  }
}
