package org.pgtrace.reader;

import static org.pgtrace.reader.Beginnings.BINDS;
import static org.pgtrace.reader.Beginnings.CLOSE;
import static org.pgtrace.reader.Beginnings.ERROR;
import static org.pgtrace.reader.Beginnings.ERRTEXT;
import static org.pgtrace.reader.Beginnings.EXEC;
import static org.pgtrace.reader.Beginnings.FETCH;
import static org.pgtrace.reader.Beginnings.HIT;
import static org.pgtrace.reader.Beginnings.OS;
import static org.pgtrace.reader.Beginnings.PARSE;
import static org.pgtrace.reader.Beginnings.PARSE_ERROR;
import static org.pgtrace.reader.Beginnings.PARSING;
import static org.pgtrace.reader.Beginnings.PLAN;
import static org.pgtrace.reader.Beginnings.SORT_UNMAP;
import static org.pgtrace.reader.Beginnings.STAT;
import static org.pgtrace.reader.Beginnings.SUMMARY;
import static org.pgtrace.reader.Beginnings.SYSCALL;
import static org.pgtrace.reader.Beginnings.UNMAP;
import static org.pgtrace.reader.Beginnings.WAIT;
import static org.pgtrace.reader.Beginnings.XCTEND;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import org.pgtrace.format.ByteSpan;
import org.pgtrace.format.CallKind;
import org.pgtrace.format.HeadRecord;
import org.pgtrace.format.StampRecord;

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

  private static final byte[] LOB = Scan.ascii("LOB");
  private static final byte[] TRACE_FILE = Scan.ascii("Trace file ");

  private final LineSource source;
  private final TraceVisitor visitor;
  private final Place place;
  private final Report report;
  private final Scan scan = new Scan();
  private final CallLines calls = new CallLines();
  private final WaitLines waits = new WaitLines();
  private final SumLines sums = new SumLines();
  private final PlanLines plans = new PlanLines();
  private final StarLines stars = new StarLines(scan);
  private final BindLines binds;
  private final StatementLines statements;
  private final HeadRecord head = new HeadRecord();
  private final ByteSpan span = new ByteSpan();
  private int headLines;

  private TraceReader(
      InputStream in, String name, int readSize, int recordMax, TraceVisitor visitor) {
    source = new LineSource(in, readSize, recordMax);
    place = new Place(name);
    report = new Report(source, visitor, name);
    statements = new StatementLines(source, report);
    binds = new BindLines(source, scan, stars);
    this.visitor = visitor;
  }

  /**
   * Reads a file to its end.
   *
   * @throws IOException when it cannot be opened or read
   */
  public static Tally read(Path file, TraceVisitor visitor) throws IOException {
    return read(file, visitor, ReadListener.NONE);
  }

  /**
   * Reads a file to its end, and tells how far it is.
   *
   * @throws IOException when it cannot be opened or read; it names the file
   */
  public static Tally read(Path file, TraceVisitor visitor, ReadListener listener)
      throws IOException {
    try (InputStream in = CountedStream.open(file, listener)) {
      return read(in, file.toString(), visitor);
    } catch (FileSystemException e) {
      throw e;
    } catch (IOException e) {
      FileSystemException named = new FileSystemException(file.toString(), null, e.getMessage());
      named.initCause(e);
      throw named;
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
    while (reader.source.next()) {
      reader.line();
    }
    return reader.report.tally();
  }

  private void line() throws IOException {
    place.set(source.number(), source.offset());
    Scan s = scan;
    s.set(source.array(), source.start(), source.end());
    if (source.isTooLong()) {
      damaged("this line is over the limit of " + RECORD_MAX + " bytes");
      return;
    }
    boolean isKnown =
        switch (s.peek()) {
          case 'W' -> waitLine();
          case 'F', 'E', 'C' -> callLine();
          case 'H' -> hitLine();
          case 'P' -> parseOrPlan();
          case 'S', 'O' -> sumOrStat();
          case 'B' -> bindSection();
          case '*' -> starLine();
          default -> rareLine();
        };
    if (!isKnown) {
      unknown();
    }
  }

  private boolean waitLine() {
    if (!scan.skip(WAIT)) {
      return false;
    }
    waits.wait(scan);
    if (!scan.hasFailed()) {
      waits.details(scan);
    }
    if (isRead("WAIT")) {
      visitor.wait(waits.wait, place);
    }
    return true;
  }

  private boolean hitLine() {
    if (!scan.skip(HIT)) {
      return false;
    }
    waits.hits(scan);
    if (isRead("HIT")) {
      visitor.hits(waits.hits, place);
    }
    return true;
  }

  private boolean callLine() {
    Scan s = scan;
    if (s.skip(FETCH)) {
      call(CallKind.FETCH);
    } else if (s.skip(EXEC)) {
      call(CallKind.EXEC);
    } else if (s.skip(CLOSE)) {
      calls.close(s);
      if (isRead("CLOSE")) {
        visitor.close(calls.close, place);
      }
    } else if (s.skip(ERROR)) {
      calls.error(s);
      if (isRead("ERROR")) {
        visitor.error(calls.error, place);
      }
    } else {
      return false;
    }
    return true;
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
          report.info(scan.at(), "the figures of this SUMMARY do not add up");
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
          report.lost(stars.lost.events());
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
    report.record();
    visitor.stamp(stamp, place);
  }

  private boolean bindSection() throws IOException {
    if (!scan.skip(BINDS)) {
      return false;
    }
    long cursor = scan.number();
    scan.expect(':');
    if (isRead("BINDS")) {
      binds.read(cursor, this);
      visitor.binds(binds.binds, place);
      source.unmark();
    }
    return true;
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
        report.unknownLine();
        report.damage(scan.place(), "this line of a PLAN cannot be read");
      }
    }
    visitor.plan(plans.plan, place);
  }

  private void statement(boolean isError) throws IOException {
    boolean isWhole = statements.head(scan, isError) && ends();
    String name = isError ? "PARSE ERROR" : "PARSING IN CURSOR";
    if (!statements.isUsable()) {
      damaged("this " + name + " line cannot be read");
      statements.skipText(scan);
      return;
    }
    if (!isWhole) {
      report.damage(scan.place(), "this " + name + " line is cut or damaged");
    }
    report.record();
    headLines = HEAD_MAX;
    statements.text(scan);
    visitor.statement(statements.statement, place);
    source.unmark();
  }

  // ---- what each line has in common

  /** Takes the end of a line; false: the line was damaged, which has been told. */
  private boolean isRead(String kind) {
    if (ends()) {
      report.record();
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
    if (s.skip(Beginnings.WORKER)) {
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
    if (Beginnings.isAt(scan)) {
      report.info(s.at(), "another record begins within the line");
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
    report.damage(scan.place(), message + where);
    report.unknownLine();
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
        if (Beginnings.isAt(scan)) {
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
    report.unknownLine();
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
      report.record();
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
}
