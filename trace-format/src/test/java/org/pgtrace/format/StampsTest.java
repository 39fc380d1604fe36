package org.pgtrace.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StampsTest {
  private static final long SECOND = 1_000_000;

  @Test
  void theFirstLineOfAWriterHasAStamp() {
    WriterFixture t = WriterFixture.fresh(TraceForm.FULL);
    t.writer.close(101, 0, 0, 0, 0, Text.TIM);
    assertThat(t.take()).startsWith(Text.STAMP + "CLOSE");
  }

  @Test
  void aLineWithinASecondHasNone() {
    WriterFixture t = WriterFixture.stamped(TraceForm.FULL);
    t.writer.close(101, 0, 0, 0, 0, Text.TIM + SECOND - 1);
    assertThat(t.take()).startsWith("CLOSE");
  }

  @Test
  void aLineASecondLaterHasOneOfItsOwnMoment() {
    WriterFixture t = WriterFixture.stamped(TraceForm.FULL);
    t.writer.close(101, 0, 0, 0, 0, Text.TIM + SECOND);
    t.writer.close(101, 0, 0, 0, 0, Text.TIM + SECOND);
    assertThat(t.take())
        .startsWith("\n*** 2026-01-31T12:00:01.123456+00:00\nCLOSE")
        .containsOnlyOnce("***");
  }

  @Test
  void theStampIsBeforeTheSectionLine() {
    WriterFixture t = WriterFixture.fresh(TraceForm.FULL);
    t.parsing("select 1");
    assertThat(t.take()).startsWith(Text.STAMP + "=====================\nPARSING");
  }

  @Test
  void aChangedKeyHasAStampBeforeIt() {
    WriterFixture t = WriterFixture.stamped(TraceForm.FULL);
    t.writer.keyedLine("MODULE NAME", "psql (1)", Text.TIM + 5);
    t.writer.keyedLine("CLIENT ID", "", Text.TIM + 5);
    assertThat(t.take())
        .isEqualTo(
            "\n*** 2026-01-31T12:00:00.123461+00:00\n"
                + "*** MODULE NAME:(psql (1)) 2026-01-31T12:00:00.123461+00:00\n"
                + "*** CLIENT ID:() 2026-01-31T12:00:00.123461+00:00\n");
  }

  @Test
  void aKeysValueStaysOnOneLine() {
    WriterFixture t = WriterFixture.stamped(TraceForm.FULL);
    t.writer.keyedLine("MODULE NAME", "a\nCLOSE #1", Text.TIM);
    assertThat(t.take())
        .isEqualTo("*** MODULE NAME:(a?CLOSE #1) 2026-01-31T12:00:00.123456+00:00\n");
  }

  @Test
  void strictFormLeavesUnknownKeysOut() {
    WriterFixture t = WriterFixture.stamped(TraceForm.STRICT);
    t.writer.keyedLine("USER NAME", "app", Text.TIM + 5);
    assertThat(t.take()).isEmpty();
    t.writer.keyedLine("MODULE NAME", "app", Text.TIM + 5);
    assertThat(t.take()).contains("*** MODULE NAME:(app)");
  }

  @Test
  void theEndOfASessionSaysWhyInFullForm() {
    WriterFixture t = WriterFixture.stamped(TraceForm.FULL);
    t.writer.sessionEnd("exit", Text.TIM);
    assertThat(t.take()).isEqualTo("*** SESSION END:(exit) 2026-01-31T12:00:00.123456+00:00\n");
  }

  @Test
  void theEndOfASessionIsAStampInStrictForm() {
    WriterFixture t = WriterFixture.stamped(TraceForm.STRICT);
    t.writer.sessionEnd("exit", Text.TIM + 1);
    assertThat(t.take()).isEqualTo("\n*** 2026-01-31T12:00:00.123457+00:00\n");
  }

  @Test
  void noStampIsInsideABindSection() {
    WriterFixture t = WriterFixture.stamped(TraceForm.FULL);
    t.writer.bindsStart(101, 2, Text.TIM + SECOND);
    BindRecord bind = new BindRecord();
    bind.isNull = true;
    t.writer.bind(bind);
    t.writer.bind(bind);
    t.writer.bindsEnd();
    assertThat(t.take()).startsWith("\n*** ").containsOnlyOnce("***");
  }
}
