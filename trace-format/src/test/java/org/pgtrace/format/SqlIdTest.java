package org.pgtrace.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SqlIdTest {
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "select * from dual,a5ks9fhw2v9s1,942515969",
        "COMMIT,8ggw94h7mvxd7,255718823",
        "BEGIN dbms_monitor.session_trace_disable; END;,7wwcby6d1x09n,2585690420",
        "select value trace2 from v$diag_info where name = 'Default Trace File',"
            + "7xynx405hyqh4,185555460"
      })
  void isOraclesForKnownTexts(String text, String expectedId, long expectedHash) {
    byte[] b = Text.bytes("xx" + text);
    SqlId id = new SqlId();
    id.hash(b, 2, b.length - 2);
    assertThat(SqlId.of(text)).isEqualTo(expectedId);
    assertThat(id.hashValue()).isEqualTo(expectedHash);
    assertThat(id.number() & 0xffff_ffffL).isEqualTo(expectedHash);
  }

  @Test
  void isUsedAgainForTheNextText() {
    SqlId id = new SqlId();
    id.hash(Text.bytes("something else"), 0, 14);
    id.hash(Text.bytes("COMMIT"), 0, 6);
    assertThat(id.hashValue()).isEqualTo(255718823);
  }

  @Test
  void hasThirteenCharactersForEachText() {
    for (int i = 0; i < 1000; i++) {
      assertThat(SqlId.of("select " + i)).matches("[0-9abcdfghjkmnpqrstuvwxyz]{13}");
    }
  }
}
