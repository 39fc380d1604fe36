package org.pgtrace.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OracleCommandTypeTest {
  @ParameterizedTest
  @CsvSource({
    "SELECT,3",
    "INSERT,2",
    "UPDATE,6",
    "DELETE,7",
    "MERGE,189",
    "CREATE TABLE,1",
    "CREATE TABLE AS,1",
    "ALTER TABLE,15",
    "DROP TABLE,12",
    "CREATE INDEX,9",
    "DROP INDEX,10",
    "ALTER INDEX,11",
    "CREATE MATERIALIZED VIEW,74",
    "TRUNCATE TABLE,85",
    "LOCK TABLE,26",
    "COPY,2",
    "COPY TO,3",
    "VACUUM,62",
    "ANALYZE,62",
    "DO,47",
    "CALL,47",
    "EXPLAIN,50",
    "BEGIN,48",
    "COMMIT,44",
    "ROLLBACK,45",
    "SAVEPOINT,46",
    "SET,42",
    "GRANT ROLE,114",
    "CREATE OPERATOR CLASS,0",
    "'',0",
    "select,0"
  })
  void isOraclesCodeOrTheNearest(String tag, int code) {
    assertThat(OracleCommandType.of(tag)).isEqualTo(code);
  }
}
