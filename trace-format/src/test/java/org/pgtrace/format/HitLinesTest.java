package org.pgtrace.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HitLinesTest {
  private static final long LAST_BLOCK = 0xffff_fffeL;

  @Test
  void blocksStandInTheirOrder() {
    HitRecord h = hits();
    h.addSpan(0, 276);
    h.addSpan(280, 1);
    h.addSpan(12, 2);
    h.addSpan(12, 1);
    assertThat(line(TraceForm.FULL, h))
        .isEqualTo(
            "HIT #101: obj#=16384 rel='public.t' fork=main blocks=0-275,280,12-13,12 node=2"
                + " tim=1769860800123456\n");
  }

  @Test
  void theLastBlockOfARelationIsUnsigned() {
    HitRecord h = hits();
    h.addSpan(LAST_BLOCK - 1, 2);
    assertThat(line(TraceForm.FULL, h)).contains(" blocks=4294967293-4294967294 ");
  }

  @Test
  void aBlockThatIsAGuessIsMarked() {
    HitRecord h = hits();
    h.addSpan(3, 2);
    h.addGuess(5);
    h.addGuess(HitRecord.UNKNOWN);
    h.addSpan(6, 1);
    assertThat(line(TraceForm.FULL, h)).contains(" blocks=3-4,~5,?,6 ");
    h.clearSpans();
    h.addSpan(7, 1);
    h.addSpan(8, 1);
    h.addSpan(5, 1);
    assertThat(line(TraceForm.FULL, h)).contains(" blocks=7,8,5 ");
  }

  @Test
  void aRelationThatIsNotKnownIsItsFile() {
    HitRecord h = hits();
    h.addSpan(7, 1);
    h.objectId = -1;
    h.relation.clear();
    h.fork = 2;
    h.node = 0;
    assertThat(line(TraceForm.FULL, h))
        .isEqualTo("HIT #101: obj#=-1 file#=16390 fork=vm blocks=7 tim=1769860800123456\n");
  }

  @Test
  void aForkThatIsNotKnownIsLeftOut() {
    HitRecord h = hits();
    h.addSpan(7, 1);
    h.fork = 4;
    assertThat(line(TraceForm.FULL, h)).contains(" rel='public.t' blocks=7 ");
  }

  @Test
  void aNameStaysInItsApostrophes() {
    HitRecord h = hits();
    h.addSpan(7, 1);
    h.relation.set("public.\"it's\nodd\"");
    assertThat(line(TraceForm.FULL, h)).contains(" rel='public.\"it`s odd\"' ");
  }

  @Test
  void aLineHasAllItsBlocksHoweverMany() {
    HitRecord h = hits();
    IntStream.range(0, 2_000).forEach(i -> h.addSpan(i * 2L, 1));
    String blocks =
        IntStream.range(0, 2_000)
            .mapToObj(i -> String.valueOf(i * 2))
            .collect(Collectors.joining(",", " blocks=", " "));
    assertThat(line(TraceForm.FULL, h)).contains(blocks);
  }

  @Test
  void aRecordIsUsedAgain() {
    HitRecord h = hits();
    h.addSpan(0, 276);
    h.clearSpans();
    h.addSpan(5, 1);
    assertThat(line(TraceForm.FULL, h)).contains(" blocks=5 ");
  }

  @Test
  void withoutBlocksThereIsNoLine() {
    HitRecord h = hits();
    h.addSpan(5, 0);
    assertThat(line(TraceForm.FULL, h)).isEmpty();
  }

  @Test
  void strictFormHasNone() {
    HitRecord h = hits();
    h.addSpan(5, 1);
    h.tim = Text.TIM + 1_000_000;
    assertThat(line(TraceForm.STRICT, h)).isEmpty();
  }

  @Test
  void hitsAreStampedAsOtherLinesAre() {
    HitRecord h = hits();
    h.addSpan(5, 1);
    h.tim = Text.TIM + 1_000_000;
    assertThat(line(TraceForm.FULL, h))
        .startsWith("\n*** 2026-01-31T12:00:01.123456+00:00\nHIT #101: ");
  }

  private static HitRecord hits() {
    HitRecord h = new HitRecord();
    h.cursor = 101;
    h.objectId = 16384;
    h.relation.set("public.t");
    h.relationFile = 16390;
    h.node = 2;
    h.tim = Text.TIM;
    return h;
  }

  private static String line(TraceForm form, HitRecord h) {
    WriterFixture t = WriterFixture.stamped(form);
    t.writer.hits(h);
    return t.take();
  }
}
