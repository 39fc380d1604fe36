package org.pgtrace.profile;

import java.util.Locale;
import java.util.Optional;
import org.pgtrace.format.ErrorTextRecord;
import org.pgtrace.format.ServerText;
import org.pgtrace.format.SqlState;

/** Counts errors; what an error says comes in a line after it, or not at all. */
final class Errors {
  private static final long ORACLE_MAX = 65535;
  private static final long SQL_STATE_MAX = 60_466_175;

  private final SessionProfile session;
  private Optional<StatementProfile> last = Optional.empty();
  private long lastNumber;

  Errors(SessionProfile session) {
    this.session = session;
  }

  void failed(StatementProfile statement, long number) {
    end();
    session.errors++;
    statement.errors++;
    last = Optional.of(statement);
    lastNumber = number;
  }

  void told(ErrorTextRecord text) {
    String message = text.sqlState + " " + ServerText.decode(text.message);
    last.ifPresent(statement -> statement.addError(message));
    last = Optional.empty();
  }

  /** Nothing more is said of the last one. */
  void end() {
    last.ifPresent(statement -> statement.addError(name(lastNumber)));
    last = Optional.empty();
  }

  private static String name(long number) {
    if (number >= 0 && number <= ORACLE_MAX) {
      return String.format(Locale.ROOT, "ORA-%05d", number);
    }
    return number > 0 && number <= SQL_STATE_MAX
        ? "SQLSTATE " + SqlState.toText((int) number)
        : "error " + number;
  }
}
