package org.pgtrace.profile;

import java.util.HashMap;
import java.util.Map;
import org.pgtrace.format.StatementRecord;

/** What the cursor numbers of a session mean: a number may be used again for another text. */
final class Cursors {
  private final Map<Long, Cursor> byNumber = new HashMap<>();
  private final Map<StatementProfile, Cursor> ofStatements = new HashMap<>();
  private final Statements statements;
  private final int session;

  /**
   * @param session number of the file, from 1
   */
  Cursors(Statements statements, int session) {
    this.statements = statements;
    this.session = session;
  }

  /** A text has come; its number means it from now on. */
  StatementProfile parsed(StatementRecord record) {
    StatementProfile statement = statements.of(record);
    Cursor cursor = new Cursor(statement, statement.variant(record.sqlId));
    Cursor old = byNumber.put(record.cursor, cursor);
    if (old != null) {
      old.endAll();
    }
    return statement;
  }

  Cursor get(long number) {
    return byNumber.computeIfAbsent(number, this::unknown);
  }

  private Cursor unknown(long number) {
    String of = session == 1 ? "" : " of file " + session;
    return newCursor(statements.named("(text not in trace) cursor #" + number + of));
  }

  /** Of a statement that has no cursor number. */
  Cursor ofStatement(StatementProfile statement) {
    return ofStatements.computeIfAbsent(statement, this::newCursor);
  }

  private Cursor newCursor(StatementProfile statement) {
    return new Cursor(statement, statement.variant(""));
  }

  /** Nothing more will come. */
  void end() {
    byNumber.values().forEach(Cursor::endAll);
  }
}
