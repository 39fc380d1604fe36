package org.pgtrace.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CallLinesTest {
  @ParameterizedTest
  @EnumSource(TraceForm.class)
  void callsHaveOraclesFieldsInOraclesOrder(TraceForm form) {
    WriterFixture t = WriterFixture.stamped(form);
    for (CallKind kind : CallKind.values()) {
      t.writer.call(call(kind));
    }
    String fields =
        " #101:c=33,e=44,p=1,cr=4,cu=2,mis=1,r=10,dep=3,og=1,plh=4294967295,tim=1769860800123456\n";
    assertThat(t.take())
        .isEqualTo(String.join(fields, "PARSE", "EXEC", "FETCH", "UNMAP", "SORT UNMAP") + fields);
  }

  @ParameterizedTest
  @EnumSource(TraceForm.class)
  void closeHasItsFiveFields(TraceForm form) {
    WriterFixture t = WriterFixture.stamped(form);
    t.writer.close(101, 15, 16, 1, 3, Text.TIM);
    assertThat(t.take()).isEqualTo("CLOSE #101:c=15,e=16,dep=1,type=3,tim=1769860800123456\n");
  }

  @ParameterizedTest
  @EnumSource(TraceForm.class)
  void xctendHasCommasAndSpaces(TraceForm form) {
    WriterFixture t = WriterFixture.stamped(form);
    t.writer.xctend(false, true, Text.TIM);
    t.writer.xctend(true, false, Text.TIM);
    assertThat(t.take())
        .isEqualTo(
            "XCTEND rlbk=0, rd_only=1, tim=1769860800123456\n"
                + "XCTEND rlbk=1, rd_only=0, tim=1769860800123456\n");
  }

  @Test
  void anErrorIsFollowedByItsTextInFullForm() {
    assertThat(error(TraceForm.FULL, "relation \"x\" does not exist", 15))
        .isEqualTo(
            "ERROR #101:err=6844177 tim=1769860800123456\n"
                + " ERRTEXT #101: 42P01 relation \"x\" does not exist (position 15)\n");
  }

  @Test
  void anErrorTextStaysOnOneLineAndNeedsNoPosition() {
    assertThat(error(TraceForm.FULL, "two\nlines", 0)).endsWith("#101: 42P01 two lines\n");
  }

  @Test
  void anErrorHasNoTextInStrictForm() {
    assertThat(error(TraceForm.STRICT, "any", 1))
        .isEqualTo("ERROR #101:err=6844177 tim=1769860800123456\n");
  }

  @ParameterizedTest
  @EnumSource(TraceForm.class)
  void aGapSaysHowManyEventsAndWhy(TraceForm form) {
    WriterFixture t = WriterFixture.stamped(form);
    t.writer.lost(10, 2, 1, Text.TIM, Text.TIM + 999_999);
    assertThat(t.take())
        .isEqualTo(
            "*** LOST 13 EVENTS (full=10, too_big=2, writer_died=1)"
                + " BETWEEN 1769860800123456 AND 1769860801123455\n");
  }

  private static CallRecord call(CallKind kind) {
    CallRecord c = new CallRecord();
    c.kind = kind;
    c.cursor = 101;
    c.cpuUs = 33;
    c.elapsedUs = 44;
    c.physicalReads = 1;
    c.consistentGets = 4;
    c.currentGets = 2;
    c.misses = 1;
    c.rows = 10;
    c.depth = 3;
    c.planHash = 0xffff_ffffL;
    c.tim = Text.TIM;
    return c;
  }

  private static String error(TraceForm form, String message, int position) {
    WriterFixture t = WriterFixture.stamped(form);
    byte[] b = Text.bytes(message);
    t.writer.error(101, SqlState.toNumber("42P01"), Text.TIM);
    t.writer.errorText(101, "42P01", b, 0, b.length, position);
    return t.take();
  }
}
