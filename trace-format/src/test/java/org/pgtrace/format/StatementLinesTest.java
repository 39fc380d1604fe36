package org.pgtrace.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StatementLinesTest {
  @ParameterizedTest
  @EnumSource(TraceForm.class)
  void parsingHasHashesAndTheText(TraceForm form) {
    WriterFixture t = WriterFixture.stamped(form);
    t.parsing("select * from dual");
    assertThat(t.take().replaceFirst("ad='[0-9a-f]+'", "ad='x'"))
        .isEqualTo(
            "=====================\n"
                + "PARSING IN CURSOR #101 len=18 dep=0 uid=10 oct=3 lid=11 tim=1769860800123456"
                + " hv=942515969 ad='x' sqlid='a5ks9fhw2v9s1'\n"
                + "select * from dual\n"
                + "END OF STMT\n");
  }

  @Test
  void fullFormKeepsThePostgresqlParameterTokens() {
    WriterFixture t = WriterFixture.stamped(TraceForm.FULL);
    t.parsing("select $1, '$2'");
    assertThat(t.take())
        .contains("sqlid='" + SqlId.of("select $1, '$2'") + "'\nselect $1, '$2'\nEND OF STMT\n");
  }

  @Test
  void strictFormWritesOraclesTokensAndHashesWhatItWrites() {
    WriterFixture t = WriterFixture.stamped(TraceForm.STRICT);
    t.parsing("select $1, '$2'");
    assertThat(t.take())
        .contains("len=15 ")
        .contains("sqlid='" + SqlId.of("select :1, '$2'") + "'\nselect :1, '$2'\nEND OF STMT\n");
  }

  @Test
  void strictFormLeavesTheCallersBytesAlone() {
    byte[] sql = Text.bytes("select $1");
    WriterFixture t = WriterFixture.stamped(TraceForm.STRICT);
    t.writer.parsing(101, sql, 0, sql.length, 0, 10, 3, 11, Text.TIM);
    assertThat(sql).isEqualTo(Text.bytes("select $1"));
  }

  @ParameterizedTest
  @EnumSource(TraceForm.class)
  void textIsTheGivenRangeByteForByte(TraceForm form) {
    byte[] latin1 = "..select 'gr\u00fcn'\n  as x\n..".getBytes(StandardCharsets.ISO_8859_1);
    TraceBuffer out = new TraceBuffer(0);
    new TraceWriter(out, form).parsing(1, latin1, 2, latin1.length - 4, 0, 1, 3, 1, Text.TIM);
    String text = new String(out.array(), 0, out.length(), StandardCharsets.ISO_8859_1);
    assertThat(text).contains(" len=21 ").endsWith("\nselect 'gr\u00fcn'\n  as x\n\nEND OF STMT\n");
  }

  @Test
  void equalTextsHaveEqualAddresses() {
    WriterFixture t = WriterFixture.stamped(TraceForm.FULL);
    t.parsing("select 1");
    String first = t.take();
    t.parsing("select 1");
    assertThat(t.take()).isEqualTo(first);
  }

  @ParameterizedTest
  @EnumSource(TraceForm.class)
  void aParseErrorHasItsCodeAndNoEndOfStatement(TraceForm form) {
    byte[] sql = Text.bytes("selec 1");
    WriterFixture t = WriterFixture.stamped(form);
    t.writer.parseError(102, sql, 0, 7, 0, 10, 0, 11, Text.TIM, SqlState.toNumber("42601"));
    assertThat(t.take())
        .isEqualTo(
            "=====================\n"
                + "PARSE ERROR #102:len=7 dep=0 uid=10 oct=0 lid=11 tim=1769860800123456"
                + " err=6819553\n"
                + "selec 1\n");
  }
}
