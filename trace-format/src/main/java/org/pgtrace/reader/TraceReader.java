package org.pgtrace.reader;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.pgtrace.format.ByteSpan;
import org.pgtrace.format.CallKind;
import org.pgtrace.format.HeadRecord;
import org.pgtrace.format.StampRecord;
import org.pgtrace.format.StatementRecord;
import org.pgtrace.reader.Diagnostic.Severity;

/**
 * Reads a trace file of pg_trace, in both forms, or of Oracle (11.2 to 23c) as a stream: memory
 * does not grow with the file, but with its longest record. What cannot be read is told as a {@link
 * Diagnostic} and counted, and reading goes on behind it; nothing but an error of the stream itself
 * is thrown.
 *
 * <p>A reader reads once, and is not safe for use by several threads.
 */
public final class TraceReader {
  /** Bytes read at once. */
  public static final int READ_SIZE = 1 << 18;

  /** Bytes of the longest line, and of the longest record of several lines. */
  public static final int RECORD_MAX = 64 << 20;

  /** Lines of the longest head. */
  public static final int HEAD_MAX = 64;

  private static final byte[] SECTION = Scan.ascii("=====================");
  private static final byte[] WAIT = Scan.ascii("WAIT #");
  private static final byte[] FETCH = Scan.ascii("FETCH #");
  private static final byte[] EXEC = Scan.ascii("EXEC #");
  private static final byte[] ERROR = Scan.ascii("ERROR #");
  private static final byte[] PARSE = Scan.ascii("PARSE #");
  private static final byte[] PARSING = Scan.ascii("PARSING IN CURSOR #");
  private static final byte[] PARSE_ERROR = Scan.ascii("PARSE ERROR #");
  private static final byte[] PLAN = Scan.ascii("PLAN #");
  private static final byte[] CLOSE = Scan.ascii("CLOSE #");
  private static final byte[] HIT = Scan.ascii("HIT #");
  private static final byte[] OS = Scan.ascii("OS #");
  private static final byte[] STAT = Scan.ascii("STAT #");
  private static final byte[] SUMMARY = Scan.ascii("SUMMARY #");
  private static final byte[] SYSCALL = Scan.ascii("SYSCALL #");
  private static final byte[] SORT_UNMAP = Scan.ascii("SORT UNMAP #");
  private static final byte[] UNMAP = Scan.ascii("UNMAP #");
  private static final byte[] BINDS = Scan.ascii("BINDS #");
  private static final byte[] XCTEND = Scan.ascii("XCTEND ");
  private static final byte[] LOB = Scan.ascii("LOB");
  private static final byte[] ERRTEXT = Scan.ascii(" ERRTEXT #");
  private static final byte[] STARS = Scan.ascii("*** ");
  private static final byte[] PX = Scan.ascii(" px=");
  private static final byte[] TRACE_FILE = Scan.ascii("Trace file ");
  private static final byte[] END_OF_STATEMENT = Scan.ascii("END OF STMT");
  private static final byte[] TEXT_END = Scan.ascii("\nEND OF STMT\n");
  private static final byte[] TEXT_END_CR = Scan.ascii("\nEND OF STMT\r\n");
  private static final byte[] TEXT_END_OF_FILE = Scan.ascii("\nEND OF STMT");

  private static final byte[] LINE_END = {'\n'};
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

  /** What begins a record, where the end of a statement's text is missing. */
  private static final byte[][] BEGINNINGS = {
    WAIT,
    FETCH,
    EXEC,
    ERROR,
    PARSE,
    PARSING,
    PARSE_ERROR,
    PLAN,
    CLOSE,
    HIT,
    OS,
    STAT,
    SUMMARY,
    SYSCALL,
    SORT_UNMAP,
    UNMAP,
    BINDS,
    XCTEND,
    STARS,
    SECTION
  };

  private final LineSource source;
  private final TraceVisitor visitor;
  private final Place place;
  private final Scan scan = new Scan();
  private final CallLines calls = new CallLines();
  private final WaitLines waits = new WaitLines();
  private final SumLines sums = new SumLines();
  private final PlanLines plans = new PlanLines();
  private final StarLines stars = new StarLines(scan);
  private final BindLines binds;
  private final StatementRecord statement = new StatementRecord();
  private final HeadRecord head = new HeadRecord();
  private final ByteSpan span = new ByteSpan();
  private int headLines = HEAD_MAX;

  private long records;
  private long unknownLines;
  private long damages;
  private long infos;
  private long lostEvents;

  private TraceReader(
      InputStream in, String name, int readSize, int recordMax, TraceVisitor visitor) {
    source = new LineSource(in, readSize, recordMax);
    place = new Place(name);
    binds = new BindLines(source, scan, stars);
    this.visitor = visitor;
  }

  /**
   * Reads a file to its end.
   *
   * @throws IOException when it cannot be opened or read
   */
  public static Tally read(Path file, TraceVisitor visitor) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return read(in, file.toString(), visitor);
    }
  }

  /**
   * Reads a stream to its end.
   *
   * @param name what places and diagnostics call it
   * @throws IOException when it cannot be read
   */
  public static Tally read(InputStream in, String name, TraceVisitor visitor) throws IOException {
    return read(in, name, READ_SIZE, RECORD_MAX, visitor);
  }

  static Tally read(InputStream in, String name, int readSize, int recordMax, TraceVisitor visitor)
      throws IOException {
    TraceReader reader = new TraceReader(in, name, readSize, recordMax, visitor);
    reader.headLines = 0;
    while (reader.source.next()) {
      reader.line();
    }
    return new Tally(
        reader.source.number(),
        reader.source.offset() + reader.source.nextStart() - reader.source.start(),
        reader.records,
        reader.unknownLines,
        reader.damages,
        reader.infos,
        reader.lostEvents);
  }

  private void line() throws IOException {
    place.set(source.number(), source.offset());
    Scan s = scan;
    s.set(source.array(), source.start(), source.end());
    if (source.isTooLong()) {
      damaged("this line is over the limit of " + RECORD_MAX + " bytes");
      return;
    }
    switch (s.peek()) {
      case 'W' -> {
        if (s.skip(WAIT)) {
          waitLine();
          return;
        }
      }
      case 'F' -> {
        if (s.skip(FETCH)) {
          call(CallKind.FETCH);
          return;
        }
      }
      case 'E' -> {
        if (s.skip(EXEC)) {
          call(CallKind.EXEC);
          return;
        }
        if (s.skip(ERROR)) {
          calls.error(s);
          if (isRead("ERROR")) {
            visitor.error(calls.error, place);
          }
          return;
        }
      }
      case 'P' -> {
        if (parseOrPlan()) {
          return;
        }
      }
      case 'C' -> {
        if (s.skip(CLOSE)) {
          calls.close(s);
          if (isRead("CLOSE")) {
            visitor.close(calls.close, place);
          }
          return;
        }
      }
      case 'H' -> {
        if (s.skip(HIT)) {
          waits.hits(s);
          if (isRead("HIT")) {
            visitor.hits(waits.hits, place);
          }
          return;
        }
      }
      case 'S', 'O' -> {
        if (sumOrStat()) {
          return;
        }
      }
      case 'B' -> {
        if (s.skip(BINDS)) {
          bindSection();
          return;
        }
      }
      case '*' -> {
        if (starLine()) {
          return;
        }
      }
      default -> {
        if (rareLine()) {
          return;
        }
      }
    }
    unknown();
  }

  private void waitLine() {
    waits.wait(scan);
    if (!scan.hasFailed()) {
      waits.details(scan);
    }
    if (isRead("WAIT")) {
      visitor.wait(waits.wait, place);
    }
  }

  private void call(CallKind kind) {
    calls.call(scan, kind);
    if (isRead(kind.label())) {
      visitor.call(calls.call, place);
    }
  }

  private boolean parseOrPlan() throws IOException {
    Scan s = scan;
    if (s.skip(PARSE)) {
      call(CallKind.PARSE);
    } else if (s.skip(PARSING)) {
      statement(false);
    } else if (s.skip(PARSE_ERROR)) {
      statement(true);
    } else if (s.skip(PLAN)) {
      planBlock();
    } else {
      return false;
    }
    return true;
  }

  private boolean sumOrStat() {
    Scan s = scan;
    if (s.skip(STAT)) {
      plans.stat(s);
      if (isRead("STAT")) {
        visitor.stat(plans.stat, place);
      }
    } else if (s.skip(SUMMARY)) {
      sums.summary(s);
      if (isRead("SUMMARY")) {
        if (!sums.addsUp) {
          info(scan.at(), "the figures of this SUMMARY do not add up");
        }
        visitor.summary(sums.summary, place);
      }
    } else if (s.skip(OS)) {
      osLine();
    } else if (s.skip(SYSCALL)) {
      sums.systemCall(s);
      if (isRead("SYSCALL")) {
        visitor.systemCall(sums.systemCall, place);
      }
    } else if (s.skip(SORT_UNMAP)) {
      call(CallKind.SORT_UNMAP);
    } else {
      return false;
    }
    return true;
  }

  private void osLine() {
    boolean isKernelSum = sums.os(scan);
    if (isRead("OS")) {
      if (isKernelSum) {
        visitor.kernelSum(sums.kernelSum, place);
      } else {
        visitor.os(sums.os, place);
      }
    }
  }

  private boolean rareLine() {
    Scan s = scan;
    if (s.isAtEnd() || (s.left() == 1 && s.peek() == ' ')) {
      return true;
    }
    if (s.left() >= 5 && s.peek() == '=' && isSection()) {
      return true;
    }
    if (s.skip(ERRTEXT)) {
      calls.errorText(s);
      if (isRead("ERRTEXT")) {
        visitor.errorText(calls.errorText, place);
      }
      return true;
    }
    if (s.startsWith(XCTEND)) {
      calls.transactionEnd(s);
      if (isRead("XCTEND")) {
        visitor.transactionEnd(calls.transactionEnd, place);
      }
      return true;
    }
    if (s.skip(UNMAP)) {
      call(CallKind.UNMAP);
      return true;
    }
    if (s.startsWith(LOB) && s.indexOf(':') >= 0) {
      calls.lob(s);
      if (isRead("LOB")) {
        visitor.lob(calls.lob, place);
      }
      return true;
    }
    return false;
  }

  /** Whether the line is of {@code =} alone. */
  private boolean isSection() {
    byte[] b = scan.array();
    for (int i = scan.at(); i < scan.end(); i++) {
      if (b[i] != '=') {
        return false;
      }
    }
    headLines = HEAD_MAX;
    return true;
  }

  private boolean starLine() {
    StarLines.Kind kind = stars.kind();
    switch (kind) {
      case LOST -> {
        stars.lost();
        if (isRead("LOST")) {
          lostEvents += stars.lost.events();
          visitor.lost(stars.lost, place);
        }
      }
      case OBJECT -> {
        stars.object();
        if (isRead("OBJECT")) {
          visitor.object(stars.object, place);
        }
      }
      case CONTINUATION -> {
        stars.continuation();
        if (isRead("TRACE CONTINUED")) {
          visitor.continuation(stars.continuation, place);
        }
      }
      case STAMP -> {
        stars.stamp();
        if (isRead("***")) {
          visitor.stamp(stars.stamp, place);
        }
      }
      case KEY -> {
        stars.key();
        if (isRead("*** KEY")) {
          visitor.key(stars.key, place);
        }
      }
      case NONE -> {
        return false;
      }
    }
    return true;
  }

  /** Of a stamp that Oracle wrote into another record. */
  void stampInside(StampRecord stamp) {
    records++;
    visitor.stamp(stamp, place);
  }

  private void bindSection() throws IOException {
    long cursor = scan.number();
    scan.expect(':');
    if (isRead("BINDS")) {
      binds.read(cursor, this);
      visitor.binds(binds.binds, place);
      source.unmark();
    }
  }

  private void planBlock() throws IOException {
    plans.planHead(scan);
    if (!isRead("PLAN")) {
      return;
    }
    while (source.next()) {
      scan.set(source.array(), source.start(), source.end());
      if (source.isTooLong() || !PlanLines.isOfBlock(scan)) {
        source.back();
        break;
      }
      plans.planLine(scan);
      if (scan.hasFailed() || !scan.isAtEnd()) {
        unknownLines++;
        tell(Severity.DAMAGE, scan.place(), "this line of a PLAN cannot be read");
      }
    }
    visitor.plan(plans.plan, place);
  }

  // ---- statements

  private void statement(boolean isError) throws IOException {
    boolean isWhole = statementHead(isError) && ends();
    if (scan.hasFailed() && statement.length < 0) {
      damaged("this " + name(isError) + " line cannot be read");
      skipText();
      return;
    }
    if (!isWhole) {
      tell(Severity.DAMAGE, scan.place(), "this " + name(isError) + " line is cut or damaged");
    }
    records++;
    headLines = HEAD_MAX;
    int worker = place.worker();
    text(isError);
    place.setWorker(worker);
    visitor.statement(statement, place);
    source.unmark();
  }

  private static String name(boolean isError) {
    return isError ? "PARSE ERROR" : "PARSING IN CURSOR";
  }

  /** Whether all fields are there. */
  private boolean statementHead(boolean isError) {
    Scan s = scan;
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
    r.cursor = s.number();
    s.expect(isError ? ':' : ' ');
    long length = s.number(LEN);
    if (s.hasFailed() || length < 0) {
      s.fail();
      return false;
    }
    r.length = length;
    r.depth = s.smallNumber(DEP);
    r.uid = orNone(s.number(UID));
    r.commandType = s.smallNumber(OCT);
    r.lid = orNone(s.number(LID));
    long tim = s.number(TIM);
    // A number at a cut line's end may be cut itself.
    r.tim = s.hasFailed() || s.isAtEnd() ? StatementRecord.NONE : tim;
    if (isError) {
      r.error = orNone(s.number(ERR));
    } else {
      r.hashValue = orNone(s.number(HV));
      s.expect(AD);
      r.address = s.nameTo('\'');
      if (s.skip(SQLID)) {
        r.sqlId = s.nameTo('\'');
      }
    }
    return !s.hasFailed();
  }

  private long orNone(long value) {
    return scan.hasFailed() ? StatementRecord.NONE : value;
  }

  /** Reads the text that follows the current line; it stays marked. */
  private void text(boolean isError) throws IOException {
    long length = statement.length;
    source.markNext();
    if (isError ? isErrorTextOf(length) : isTextOf(length)) {
      source.skip((int) length + 1);
      if (!isError) {
        source.next();
      }
      statement.text.set(source.array(), source.marked(), (int) length);
      return;
    }
    scanText(isError);
  }

  private boolean isTextOf(long length) throws IOException {
    if (!source.hasAfter(length + TEXT_END.length)
        && !source.hasAfter(length + TEXT_END.length - 1)) {
      return false;
    }
    int n = (int) length;
    return source.isAfter(n, TEXT_END)
        || source.isAfter(n, TEXT_END_CR)
        || (source.isAfter(n, TEXT_END_OF_FILE) && source.endsAfter(n + TEXT_END_OF_FILE.length));
  }

  /** No line ends the text: it has to be a number of lines, none of which begins a record. */
  private boolean isErrorTextOf(long length) throws IOException {
    if (!source.hasAfter(length + 1) || !source.isAfter((int) length, LINE_END)) {
      return false;
    }
    byte[] b = source.array();
    int from = source.nextStart();
    int end = from + (int) length;
    for (int i = from; i < end; i++) {
      if (i == from || b[i - 1] == '\n') {
        scan.set(b, i, end);
        if (begins()) {
          return false;
        }
      }
    }
    return true;
  }

  /** Where {@code len} does not tell, a line does. */
  private void scanText(boolean isError) throws IOException {
    int end = 0;
    boolean isEnded = false;
    boolean isOver = false;
    while (!isEnded && source.next()) {
      scan.set(source.array(), source.start(), source.end());
      if (source.isTooLong() || source.isOverLimit()) {
        isOver = true;
        break;
      }
      if (!isError && isEndOfStatement()) {
        isEnded = true;
      } else if (begins()) {
        source.back();
        break;
      } else {
        end = source.end() - source.marked();
      }
    }
    if (isOver) {
      // A line that is too long has no text any more to point at.
      statement.text.clear();
      tell(
          Severity.DAMAGE,
          source.start(),
          "the text is over the limit of " + RECORD_MAX + " bytes");
      return;
    }
    statement.text.set(source.array(), source.marked(), end);
    if (!isEnded && !isError) {
      tell(Severity.DAMAGE, source.end(), "the text has no END OF STMT");
    } else if (end != statement.length && end + 1 != statement.length) {
      info(source.end(), "the text has " + end + " bytes, len says " + statement.length);
    }
  }

  private boolean isEndOfStatement() {
    return scan.startsWith(END_OF_STATEMENT) && scan.left() == END_OF_STATEMENT.length;
  }

  /** Whether the scan is at what begins a record. */
  boolean begins() {
    if (scan.startsWith(ERRTEXT)) {
      return true;
    }
    for (byte[] beginning : BEGINNINGS) {
      if (scan.startsWith(beginning)) {
        return true;
      }
    }
    return false;
  }

  /** The text of a statement whose line cannot be read belongs to no cursor. */
  private void skipText() throws IOException {
    while (source.next()) {
      scan.set(source.array(), source.start(), source.end());
      if (begins()) {
        source.back();
        return;
      }
      unknownLines++;
      if (isEndOfStatement()) {
        return;
      }
    }
  }

  // ---- what each line has in common

  /** Takes the end of a line; false: the line was damaged, which has been told. */
  private boolean isRead(String kind) {
    if (ends()) {
      records++;
      headLines = HEAD_MAX;
      return true;
    }
    damaged("this " + kind + " line cannot be read");
    return false;
  }

  private boolean ends() {
    Scan s = scan;
    if (s.hasFailed()) {
      return false;
    }
    if (s.skip(PX)) {
      long number = s.number();
      if (s.hasFailed() || number < 0 || number > Short.MAX_VALUE) {
        return false;
      }
      place.setWorker((int) number + 1);
    }
    if (s.isAtEnd()) {
      if (!source.isTerminated() && isDigit(s.array()[s.end() - 1])) {
        // Its last number may have had more digits.
        s.fail();
        return false;
      }
      return true;
    }
    if (begins()) {
      info(s.at(), "another record begins within the line");
      source.splitAt(s.at());
      return true;
    }
    s.fail();
    return false;
  }

  private static boolean isDigit(byte b) {
    return b >= '0' && b <= '9';
  }

  private void damaged(String message) {
    String where = source.isTerminated() ? "" : ": the file ends within it";
    tell(Severity.DAMAGE, scan.place(), message + where);
    unknownLines++;
    int next = source.isTooLong() ? -1 : nextRecord(scan.place());
    if (next < 0) {
      other(source.end());
    } else {
      other(next);
      source.splitAt(next);
    }
  }

  /** Index of what begins another record within the line, from an index on; -1: nothing does. */
  private int nextRecord(int from) {
    for (int i = Math.max(from, source.start() + 1); i < source.end(); i++) {
      if (source.array()[i] >= 'A' && source.array()[i] <= 'X') {
        scan.moveTo(i);
        if (begins()) {
          return i;
        }
      }
    }
    return -1;
  }

  private void unknown() {
    Scan s = scan;
    if (s.startsWith(TRACE_FILE)) {
      headLines = 0;
    }
    if (headLines < HEAD_MAX && source.isTerminated()) {
      headLines++;
      headLine();
      return;
    }
    unknownLines++;
    other(source.end());
  }

  private void other(int end) {
    span.set(source.array(), source.start(), end - source.start());
    visitor.other(span, place);
  }

  private void headLine() {
    Scan s = scan;
    head.line.set(s.array(), s.at(), s.left());
    if (s.skip(TRACE_FILE)) {
      head.label = "Trace file";
      records++;
    } else {
      int colon = s.indexOf(':');
      boolean isProduct = colon < 0 || headLines == 2;
      head.label = isProduct ? "" : s.nameTo(':');
      if (!isProduct) {
        while (s.peek() == ' ' || s.peek() == '\t') {
          s.moveTo(s.at() + 1);
        }
      }
    }
    head.value = s.restName();
    visitor.head(head, place);
  }

  private void info(int index, String message) {
    tell(Severity.INFO, index, message);
  }

  private void tell(Severity severity, int index, String message) {
    if (severity == Severity.DAMAGE) {
      damages++;
    } else {
      infos++;
    }
    visitor.diagnostic(
        new Diagnostic(severity, place.file(), source.number(), source.offsetOf(index), message));
  }
}
