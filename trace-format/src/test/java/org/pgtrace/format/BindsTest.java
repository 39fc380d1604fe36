package org.pgtrace.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BindsTest {
  private static final int TEXT = 25;
  private static final int NUMERIC = 1700;
  private static final int BYTEA = 17;

  @Test
  void aSectionHasAnEmptyLineAfterItsHead() {
    WriterFixture t = WriterFixture.stamped(TraceForm.STRICT);
    t.writer.bindsStart(101, 1, Text.TIM);
    t.writer.bind(bind(NUMERIC, "111242892"));
    t.writer.bindsEnd();
    assertThat(t.take())
        .isEqualTo(
            "BINDS #101:\n"
                + "\n"
                + " Bind#0\n"
                + "  oacdty=02 mxl=22(22) mxlc=00 mal=00 scl=00 pre=00\n"
                + "  oacflg=03 fl2=1000000 frm=00 csi=00 siz=24 off=0\n"
                + "  kxsbbbfp=00000000  bln=22  avl=09  flg=05\n"
                + "  value=111242892\n");
  }

  @Test
  void noValuesMakeNoSection() {
    WriterFixture t = WriterFixture.stamped(TraceForm.FULL);
    t.writer.bindsStart(101, 0, Text.TIM);
    t.writer.bindsEnd();
    assertThat(t.take()).isEmpty();
  }

  @Test
  void textIsQuotedAsItIs() {
    assertThat(written(TraceForm.STRICT, bind(TEXT, "two\nlines \"q\"")))
        .isEqualTo(
            " Bind#0\n"
                + "  oacdty=01 mxl=32(13) mxlc=00 mal=00 scl=00 pre=00\n"
                + "  oacflg=03 fl2=1000010 frm=01 csi=873 siz=32 off=0\n"
                + "  kxsbbbfp=00000000  bln=32  avl=13  flg=05\n"
                + "  value=\"two\nlines \"q\"\"\n");
  }

  @Test
  void nullHasNoValueLine() {
    BindRecord bind = bind(TEXT, "left over");
    bind.isNull = true;
    bind.position = 3;
    assertThat(written(TraceForm.STRICT, bind))
        .startsWith(" Bind#3\n")
        .endsWith("  bln=32  avl=00  flg=05\n")
        .doesNotContain("value=");
  }

  @Test
  void aLongValueIsCutAndMarked() {
    BindRecord bind = bind(TEXT, "beginning");
    bind.cut = true;
    bind.actualLength = 5000;
    assertThat(written(TraceForm.STRICT, bind))
        .contains("mxl=5000(5000)")
        .contains("avl=5000")
        .endsWith("  value=\"beginning\"...\n");
  }

  @Test
  void aCutValueOfUnknownLengthIsAsLongAsWhatIsThere() {
    BindRecord bind = bind(NUMERIC, "12345");
    bind.cut = true;
    bind.actualLength = 0;
    assertThat(written(TraceForm.STRICT, bind)).contains("avl=05").endsWith("value=12345...\n");
  }

  @Test
  void fullFormNamesPostgresqlsType() {
    assertThat(written(TraceForm.FULL, bind(NUMERIC, "1")))
        .endsWith("flg=05\n  type=numeric\n  value=1\n");
    BindRecord named = bind(90_000, "x");
    named.typeName.set("public.mood");
    assertThat(written(TraceForm.FULL, named)).endsWith("  type=public.mood\n  value=\"x\"\n");
    assertThat(written(TraceForm.FULL, bind(90_000, "x")))
        .endsWith("  type=90000\n  value=\"x\"\n");
  }

  @Test
  void byteaIsOraclesRaw() {
    assertThat(written(TraceForm.STRICT, bind(BYTEA, "\\x00540af5")))
        .contains("oacdty=23 ")
        .endsWith("  value=0 54 a f5\n");
    assertThat(written(TraceForm.STRICT, bind(BYTEA, "abc\\000"))).endsWith("value=\"abc\\000\"\n");
    assertThat(written(TraceForm.STRICT, bind(BYTEA, "\\x"))).endsWith("  value=\n");
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '~',
      value = {
        "23,1,02,1",
        "20,-5,02,-5",
        "1043,a,01,\"a\"",
        "1042,a,96,\"a\"",
        "1082,2026-01-31,12,\"2026-01-31\"",
        "1114,2026-01-31 12:00:00,180,\"2026-01-31 12:00:00\"",
        "1184,2026-01-31 12:00:00+00,181,\"2026-01-31 12:00:00+00\"",
        "1186,1 day,183,\"1 day\"",
        "700,1.5,100,1.5",
        "701,NaN,101,NaN",
        "16,t,252,t",
        "2950,a0,01,\"a0\"",
        "4294967295,x,01,\"x\""
      })
  void eachTypeHasItsCodeAndItsQuotes(long oid, String value, String code, String written) {
    assertThat(written(TraceForm.STRICT, bind(oid, value)))
        .contains("  oacdty=" + code + " ")
        .endsWith("  value=" + written + "\n");
  }

  @ParameterizedTest
  @CsvSource({"0,32", "32,32", "33,128", "129,2000", "2001,4000", "4001,4001"})
  void textHasOraclesBufferSizes(int length, String width) {
    assertThat(written(TraceForm.STRICT, bind(TEXT, "x".repeat(length))))
        .contains("mxl=" + width + "(")
        .contains("bln=" + width + " ");
  }

  private static BindRecord bind(long oid, String value) {
    BindRecord bind = new BindRecord();
    bind.typeOid = oid;
    bind.value.set(value);
    bind.actualLength = value.length();
    return bind;
  }

  private static String written(TraceForm form, BindRecord bind) {
    WriterFixture t = WriterFixture.stamped(form);
    t.writer.bind(bind);
    return t.take();
  }
}
