package org.pgtrace.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgtrace.format.TraceForm;
import org.pgtrace.ring.Body;
import org.pgtrace.ring.EventLayout.Hits;
import org.pgtrace.ring.Layout;
import org.pgtrace.ring.NativeSegment;
import org.pgtrace.ring.NativeSegment.Session;
import org.pgtrace.ring.SlotLayout;

/** Buffer hits as lines, through the real writer, ring, daemon and file. */
class SessionHitsTest {
  private static final int SLOT = 1;
  private static final long T0 = NativeSegment.MONO_NS;

  /** T0 in a trace file. */
  private static final long TIM0 = NativeSegment.WALL_NS / 1000;

  private final Workplace place;
  private final Session session;

  SessionHitsTest(@TempDir Path folder) {
    place = new Workplace(folder);
    session = place.segment.claim(SLOT, place.clientSession(""));
  }

  @AfterEach
  void close() {
    place.close();
  }

  @Test
  void a_line_has_all_that_its_records_say() throws IOException {
    session.write(Body.object(16384, 5, 16390, 'r', "public.t"), 0, T0);
    session.write(
        Body.hits(101, 0, 276, 280, 1, 12, 1).u16(Hits.NODE, 2).i32(Hits.NUMBER + 12, 1),
        0,
        T0 + 9_000);

    place.runOnce();

    assertThat(place.trace())
        .endsWith(
            "HIT #101: obj#=16384 rel='public.t' fork=fsm blocks=0-275,280,12 node=2 tim="
                + (TIM0 + 9)
                + "\n");
    assertThat(resend()).isZero();
  }

  @Test
  void lines_say_what_their_own_records_say() throws IOException {
    session.write(Body.object(16384, 5, 16390, 'r', "public.t"), 0, T0);
    session.write(Body.hits(101, 0, 276).u16(Hits.NODE, 2), 0, T0);
    session.write(Body.hits(0, -2, 1, 7, 0).i32(Hits.NUMBER + 8, 16391), 0, T0);
    // No writer has that: no line.
    session.write(Body.hits(101), 0, T0);

    place.runOnce();

    assertThat(hits())
        .containsExactly(
            "HIT #101: obj#=16384 rel='public.t' fork=main blocks=0-275 node=2 tim=" + TIM0,
            "HIT #0: obj#=-1 file#=16391 fork=main blocks=4294967294 tim=" + TIM0);
  }

  @Test
  void a_block_that_is_a_guess_is_marked() throws IOException {
    int guess = (int) Layout.SPAN_GUESS | 1;
    session.write(Body.hits(101, 4, 1, 5, guess, -1, guess), 0, T0);

    place.runOnce();

    assertThat(hits())
        .containsExactly("HIT #101: obj#=-1 file#=16390 fork=main blocks=4,~5,? tim=" + TIM0);
  }

  @Test
  void the_longest_record_is_one_line() throws IOException {
    int[] spans = new int[(Layout.RECORD_MAX - Hits.SIZE) / Integer.BYTES];
    for (int i = 0; i < spans.length; i += 2) {
      spans[i] = i;
      spans[i + 1] = 1;
    }
    session.write(Body.hits(101, spans), 0, T0);

    place.runOnce();

    assertThat(hits()).hasSize(1);
    String blocks = hits().get(0).replaceAll(".* blocks=| tim=.*", "");
    assertThat(List.of(blocks.split(",", -1)))
        .hasSize(spans.length / 2)
        .startsWith("0", "2")
        .endsWith(String.valueOf(spans.length - 2));
  }

  @Test
  void a_name_that_comes_late_has_one_line() throws IOException {
    session.write(Body.hits(101, 0, 1), 0, T0);
    session.write(Body.object(16384, 5, 16390, 'r', "public.t"), 0, T0);
    session.write(Body.object(16384, 5, 16390, 'r', "public.t"), 0, T0);
    session.write(Body.hits(101, 0, 1), 0, T0);

    place.runOnce();

    assertThat(place.trace())
        .containsSubsequence(
            " obj#=-1 file#=16390 ",
            "*** OBJECT obj#=16384 file#=16390 name='public.t' kind=table\n",
            " obj#=16384 rel='public.t' ")
        .containsOnlyOnce("*** OBJECT");
  }

  @Test
  void a_daemon_that_comes_late_asks_for_names() throws IOException {
    session.write(Body.object(16384, 5, 16390, 'r', "public.t"), 0, T0);
    session.write(Body.hits(101, 0, 1), 0, T0);
    place.runOnce();
    session.write(Body.hits(101, 0, 1), 0, T0);
    place.runOnce();

    assertThat(hits())
        .satisfiesExactly(
            line -> assertThat(line).contains("rel='public.t'"),
            line -> assertThat(line).contains("obj#=-1 file#=16390 "));
    assertThat(resend()).isEqualTo(1);
  }

  @Test
  void a_line_in_a_further_file_has_its_cursor_s_text() throws IOException {
    session.write(Body.statement(101, "SELECT", "select 1"), 0, T0);
    session.write(Body.attribute(Layout.ATTR_IDENTIFIER, "two"), 0, T0);
    session.write(Body.hits(101, 0, 1), 0, T0);
    session.write(Body.hits(0, 0, 1), 0, T0);

    place.runOnce();

    assertThat(Workplace.read(place.traceFile("_two")))
        .containsSubsequence(
            "PARSING IN CURSOR #101 ", "\nselect 1\nEND OF STMT\n", "HIT #101: ", "HIT #0: ")
        .containsOnlyOnce("PARSING");
  }

  @Test
  void strict_form_has_no_lines_and_needs_no_texts_and_names() throws IOException {
    session.write(Body.statement(101, "SELECT", "select 1"), 0, T0);
    session.write(Body.hits(101, 0, 1), 0, T0);
    session.write(Body.attribute(Layout.ATTR_IDENTIFIER, "two"), 0, T0);
    session.write(Body.hits(101, 0, 1), 0, T0);
    session.write(Body.xactEnd(false, true), 0, T0);

    place.runOnce(place.options(TraceForm.STRICT, 0));

    assertThat(place.trace()).contains("PARSING IN CURSOR #101").doesNotContain("HIT");
    assertThat(Workplace.read(place.traceFile("_two")))
        .contains("XCTEND")
        .doesNotContain("HIT", "PARSING");
    assertThat(resend()).isZero();
  }

  private int resend() {
    return place.segment.slot(SLOT).getInt(SlotLayout.RESEND);
  }

  private List<String> hits() throws IOException {
    return place.trace().lines().filter(line -> line.startsWith("HIT ")).toList();
  }
}
