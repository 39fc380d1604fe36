package org.pgtrace.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SummaryLinesTest {
  @Test
  void anExecutionSaysWhereItsTimeWentAndItsBlocksCameFrom() {
    assertThat(line(TraceForm.FULL, summary(101)))
        .isEqualTo(
            "SUMMARY #101:e=1000,c=600,waits=390,unaccounted=10,cr=57,hit=7,read=50,disk=12,"
                + "cache=38,tim=1769860800123456\n");
  }

  @Test
  void aSessionSaysHowLongItWaitedForItsClient() {
    assertThat(line(TraceForm.FULL, summary(0)))
        .isEqualTo(
            "SUMMARY #0:e=1000,c=600,waits=390,unaccounted=10,cr=57,hit=7,read=50,disk=12,"
                + "cache=38,think=300,tim=1769860800123456\n");
  }

  @Test
  void strictFormHasNone() {
    assertThat(line(TraceForm.STRICT, summary(101))).isEmpty();
  }

  @Test
  void clocksThatDoNotAgreeAreShownAndNotHidden() {
    SummaryRecord s = summary(101);
    s.waitUs = 402;
    assertThat(line(TraceForm.FULL, s)).contains(":e=1000,c=600,waits=402,unaccounted=-2,cr=");
  }

  @Test
  void aSummaryIsStampedAsOtherLinesAre() {
    SummaryRecord s = summary(101);
    s.tim = Text.TIM + 1_000_000;
    assertThat(line(TraceForm.FULL, s))
        .startsWith("\n*** 2026-01-31T12:00:01.123456+00:00\nSUMMARY #101:");
  }

  private static SummaryRecord summary(int cursor) {
    SummaryRecord s = new SummaryRecord();
    s.cursor = cursor;
    s.elapsedUs = 1000;
    s.cpuUs = 600;
    s.waitUs = 390;
    s.thinkUs = 300;
    s.hits = 7;
    s.reads = 50;
    s.diskBlocks = 12;
    s.cacheBlocks = 38;
    s.tim = Text.TIM;
    return s;
  }

  private static String line(TraceForm form, SummaryRecord s) {
    WriterFixture t = WriterFixture.stamped(form);
    t.writer.summary(s);
    return t.take();
  }
}
