package org.pgtrace.reader;

import java.io.IOException;
import org.pgtrace.format.StatementRecord;

/** Reads PARSING IN CURSOR and PARSE ERROR, and the text that follows. */
final class StatementLines {
  private static final byte[] LEN = Scan.ascii("len=");
  private static final byte[] DEP = Scan.ascii(" dep=");
  private static final byte[] UID = Scan.ascii(" uid=");
  private static final byte[] OCT = Scan.ascii(" oct=");
  private static final byte[] LID = Scan.ascii(" lid=");
  private static final byte[] TIM = Scan.ascii(" tim=");
  private static final byte[] HV = Scan.ascii(" hv=");
  private static final byte[] AD = Scan.ascii(" ad='");
  private static final byte[] SQLID = Scan.ascii(" sqlid='");
  private static final byte[] ERR = Scan.ascii(" err=");
  private static final byte[] LINE_END = {'\n'};
  private static final byte[] END = Scan.ascii("END OF STMT");
  private static final byte[] END_LINE = Scan.ascii("\nEND OF STMT\n");
  private static final byte[] END_LINE_CR = Scan.ascii("\nEND OF STMT\r\n");
  private static final byte[] END_OF_FILE = Scan.ascii("\nEND OF STMT");

  private final LineSource source;
  private final Report report;

  final StatementRecord statement = new StatementRecord();

  StatementLines(LineSource source, Report report) {
    this.source = source;
    this.report = report;
  }

  /** Reads the line, from behind {@code #}; false: not all fields are there. */
  boolean head(Scan s, boolean isError) {
    StatementRecord r = statement;
    clear(isError);
    r.cursor = s.number();
    s.expect(isError ? ':' : ' ');
    long length = s.number(LEN);
    if (s.hasFailed() || length < 0) {
      s.fail();
      return false;
    }
    r.length = length;
    r.depth = s.smallNumber(DEP);
    r.uid = orNone(s, s.number(UID));
    r.commandType = s.smallNumber(OCT);
    r.lid = orNone(s, s.number(LID));
    long tim = s.number(TIM);
    // A number at a cut line's end may be cut itself.
    r.tim = s.isAtEnd() ? StatementRecord.NONE : orNone(s, tim);
    if (isError) {
      r.error = orNone(s, s.number(ERR));
    } else {
      r.hashValue = orNone(s, s.number(HV));
      s.expect(AD);
      r.address = s.nameTo('\'');
      if (s.skip(SQLID)) {
        r.sqlId = s.nameTo('\'');
      }
    }
    return !s.hasFailed();
  }

  private void clear(boolean isError) {
    StatementRecord r = statement;
    r.isError = isError;
    r.length = StatementRecord.NONE;
    r.depth = 0;
    r.uid = StatementRecord.NONE;
    r.commandType = 0;
    r.lid = StatementRecord.NONE;
    r.tim = StatementRecord.NONE;
    r.hashValue = StatementRecord.NONE;
    r.address = "";
    r.sqlId = "";
    r.error = StatementRecord.NONE;
  }

  private static long orNone(Scan s, long value) {
    return s.hasFailed() ? StatementRecord.NONE : value;
  }

  /** Whether so much of the line could be read that its text belongs to a cursor. */
  boolean isUsable() {
    return statement.length >= 0;
  }

  /** Reads the text that follows the current line; it stays marked. */
  void text(Scan s) throws IOException {
    long length = statement.length;
    source.markNext();
    if (!(statement.isError ? isErrorTextOf(s, length) : isTextOf(length))) {
      scanText(s);
      return;
    }
    source.skip((int) length + 1);
    if (!statement.isError) {
      source.next();
    }
    statement.text.set(source.array(), source.marked(), (int) length);
  }

  private boolean isTextOf(long length) throws IOException {
    if (!source.hasAfter(length + END_LINE.length)
        && !source.hasAfter(length + END_OF_FILE.length)) {
      return false;
    }
    int n = (int) length;
    return source.isAfter(n, END_LINE)
        || source.isAfter(n, END_LINE_CR)
        || (source.isAfter(n, END_OF_FILE) && source.endsAfter(n + END_OF_FILE.length));
  }

  /** No line ends the text: it has to be a number of lines, none of which begins a record. */
  private boolean isErrorTextOf(Scan s, long length) throws IOException {
    if (!source.hasAfter(length + 1) || !source.isAfter((int) length, LINE_END)) {
      return false;
    }
    byte[] b = source.array();
    int from = source.nextStart();
    int end = from + (int) length;
    for (int i = from; i < end; i++) {
      if (i == from || b[i - 1] == '\n') {
        s.set(b, i, end);
        if (Beginnings.isAt(s)) {
          return false;
        }
      }
    }
    return true;
  }

  /** Where {@code len} does not tell, a line does. */
  private void scanText(Scan s) throws IOException {
    int end = 0;
    boolean isEnded = false;
    while (!isEnded && source.next()) {
      s.set(source.array(), source.start(), source.end());
      if (source.isTooLong() || source.isOverLimit()) {
        // A line that is too long has left nothing to point at.
        statement.text.clear();
        report.damage(source.start(), "the text is over the limit of a record");
        return;
      }
      if (!statement.isError && isEnd(s)) {
        isEnded = true;
      } else if (Beginnings.isAt(s)) {
        source.back();
        break;
      } else {
        end = source.end() - source.marked();
      }
    }
    statement.text.set(source.array(), source.marked(), end);
    if (!isEnded && !statement.isError) {
      report.damage(source.end(), "the text has no END OF STMT");
    } else if (end != statement.length && end + 1 != statement.length) {
      // Oracle counts a byte more of some.
      report.info(source.end(), "the text has " + end + " bytes, len says " + statement.length);
    }
  }

  private static boolean isEnd(Scan s) {
    return s.startsWith(END) && s.left() == END.length;
  }

  /** The text of a statement whose line cannot be read belongs to no cursor. */
  void skipText(Scan s) throws IOException {
    while (source.next()) {
      s.set(source.array(), source.start(), source.end());
      if (Beginnings.isAt(s)) {
        source.back();
        return;
      }
      report.unknownLine();
      if (isEnd(s)) {
        return;
      }
    }
  }
}
