package org.pgtrace.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NormalizedSqlTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "select 1 | select ?",
        "select  1 ,\t2, 3 from t | select ?, ... from t",
        "select 'it''s' | select ?",
        "select E'a\\'b', $$x$y$$, $f$ ' $f$ | select ?, ...",
        "select a1, $1 from t where b = -5 | select a1, $1 from t where b = -?",
        "select 1.5e-3 + 0xff + .5 | select ? + ? + .?",
        "insert into t values ( 1, 'a', now() ) | insert into t values (?, ..., now())",
        "insert into t values (1,a) | insert into t values (?, a)",
        "select /* hint 1 */ x -- 2 | select x",
        "select x ; | select x",
        "select x from t where id in (1, 2,3) and y | select x from t where id in (?, ...) and y",
        "select t.id::int4 from t1 t | select t.id::int4 from t1 t",
      })
  void what_changes_from_call_to_call_is_left_out(String text, String normal) {
    assertThat(NormalizedSql.of(text)).isEqualTo(normal);
  }

  @ParameterizedTest
  @CsvSource({"select 1,select 22", "'select a  from t',select a from t", "select 'a',select 'b'"})
  void texts_that_differ_in_nothing_else_are_the_same(String one, String other) {
    assertThat(NormalizedSql.of(one)).isEqualTo(NormalizedSql.of(other));
  }

  @ParameterizedTest
  @CsvSource({
    "select a from t1,select a from t2",
    "select \"A\",select \"a\"",
    "select x1,select x2"
  })
  void names_are_not_normalized(String one, String other) {
    assertThat(NormalizedSql.of(one)).isNotEqualTo(NormalizedSql.of(other));
  }
}
