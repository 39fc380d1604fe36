package org.pgtrace.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ParameterTokensTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "select $1|select :1",
        "select $1::int, $23+$4|select :1::int, :23+:4",
        "where a=$1 and b='$2' and c=$3|where a=:1 and b='$2' and c=:3",
        "select 'it''s $1', $2|select 'it''s $1', :2",
        "select '\\', $1|select '\\', :1",
        "select E'\\'$1', $2|select E'\\'$1', :2",
        "select e'\\\\', $1|select e'\\\\', :1",
        "select E'a''$1\\'', $2|select E'a''$1\\'', :2",
        "select te'\\', $1|select te'\\', :1",
        "select \"$1\" , $2|select \"$1\" , :2",
        "select \"a\"\"$1\", $2|select \"a\"\"$1\", :2",
        "select 1 /* $1 /* $2 */ $3 */ + $4|select 1 /* $1 /* $2 */ $3 */ + :4",
        "select $$ $1 $$, $2|select $$ $1 $$, :2",
        "select $x$ $1 $$ $y$ $x$, $2|select $x$ $1 $$ $y$ $x$, :2",
        "select $grün$ $1 $grün$, $2|select $grün$ $1 $grün$, :2",
        "select a$1, b_$2, $3|select a$1, b_$2, :3",
        "select tab$$1, $2|select tab$$1, :2",
        "select $1-$2|select :1-:2",
        "select 1-$1 / $2|select 1-:1 / :2",
        "select U&'$1', B'1', $2|select U&'$1', B'1', :2",
        "select f($1,$2)[$3]|select f(:1,:2)[:3]"
      })
  void turnsTokensOnly(String sql, String expected) {
    assertThat(rewritten(sql)).isEqualTo(expected);
  }

  @Test
  void knowsTheConcatenationOperator() {
    assertThat(rewritten("select 'a $1'||$2||'$3'")).isEqualTo("select 'a $1'||:2||'$3'");
  }

  @Test
  void leavesLineCommentsAlone() {
    assertThat(rewritten("select 1 -- $1 '\n, $2 --$3")).isEqualTo("select 1 -- $1 '\n, :2 --$3");
  }

  @Test
  void followsAnEscapeLiteralOverALineEnd() {
    assertThat(rewritten("select E'a'\n '\\'$1', $2")).isEqualTo("select E'a'\n '\\'$1', :2");
    assertThat(rewritten("select E'a' , '\\', $2")).isEqualTo("select E'a' , '\\', :2");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "$",
        "$$",
        "$a",
        "'",
        "'$1",
        "\"$1",
        "/*",
        "/* $1",
        "--",
        "$$ $1",
        "$x$ $1 $x",
        "E'\\",
        "E'$1\\"
      })
  void leavesUnfinishedTextAlone(String sql) {
    assertThat(rewritten(sql)).isEqualTo(sql);
  }

  @Test
  void keepsLengthAndEachOtherByteOfRandomText() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    String alphabet = "$$$$1''\"\\E/*-\n x";
    for (int i = 0; i < 20_000; i++) {
      StringBuilder sql = new StringBuilder();
      for (int n = random.nextInt(40); n > 0; n--) {
        sql.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      String text = sql.toString();
      assertThat(rewritten(text).replace(':', '$')).as("seed %d", seed).isEqualTo(text);
    }
  }

  @Test
  void touchesNothingOutsideItsRange() {
    byte[] b = Text.bytes("$1 $2 $3");
    new ParameterTokens().rewrite(b, 3, 5);
    assertThat(b).isEqualTo(Text.bytes("$1 :2 $3"));
  }

  private static String rewritten(String sql) {
    TraceBuffer buffer = new TraceBuffer(0);
    buffer.utf8(sql);
    new ParameterTokens().rewrite(buffer.array(), 0, buffer.length());
    return Text.of(buffer);
  }
}
