package org.pgtrace.daemon;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.pgtrace.format.BindRecord;
import org.pgtrace.format.CallKind;
import org.pgtrace.format.CallRecord;
import org.pgtrace.format.SqlState;
import org.pgtrace.format.SummaryRecord;
import org.pgtrace.format.TraceBuffer;
import org.pgtrace.format.TraceForm;
import org.pgtrace.format.TraceWriter;
import org.pgtrace.ring.EventHandler;
import org.pgtrace.ring.EventLayout.Attribute;
import org.pgtrace.ring.EventLayout.Bind;
import org.pgtrace.ring.EventLayout.Buffers;
import org.pgtrace.ring.EventLayout.Call;
import org.pgtrace.ring.EventLayout.Error;
import org.pgtrace.ring.EventLayout.Hits;
import org.pgtrace.ring.EventLayout.Lost;
import org.pgtrace.ring.EventLayout.Plan;
import org.pgtrace.ring.EventLayout.Session;
import org.pgtrace.ring.EventLayout.SessionEnd;
import org.pgtrace.ring.EventLayout.Statement;
import org.pgtrace.ring.EventLayout.Summary;
import org.pgtrace.ring.EventLayout.Wait;
import org.pgtrace.ring.EventLayout.XactEnd;
import org.pgtrace.ring.EventRecord;
import org.pgtrace.ring.Layout;

/**
 * Turns one session's records into lines of its trace file.
 *
 * <p>Records of a group are held until the last has come, so a daemon that starts in the middle of
 * a group would miss its beginning. {@link #safeLength} and {@link #safePosition} mark the last
 * point at which nothing is held: only what lies before it may be written out and committed.
 */
final class SessionTranslator implements EventHandler {
  private static final long NS_PER_US = 1000;

  /** Lines are written out when they are this many bytes. */
  private static final int BATCH_BYTES = 256 * 1024;

  private static final int INITIAL_BYTES = 8 * 1024;
  private static final int TEXT_BYTES = 2 * 65536;
  private static final String NO_SQLSTATE = "XX000";

  private final SessionFacts facts;
  private final SessionClock clock;
  private final TraceForm form;
  private final TraceBuffer out = new TraceBuffer(INITIAL_BYTES);
  private final StatementCollector statement = new StatementCollector();
  private final PlanCollector plan = new PlanCollector();
  private final CursorTexts texts = new CursorTexts();
  private final WaitTranslator waits;
  private final HitTranslator hits;
  private final CallRecord call = new CallRecord();
  private final BindRecord bind = new BindRecord();
  private final SummaryRecord summary = new SummaryRecord();
  private final byte[] text = new byte[TEXT_BYTES];
  private final byte[] sqlState = new byte[Error.SQLSTATE_LENGTH];
  private TraceWriter writer;
  private String headerPath = "";
  private String continuedFrom = "";
  private Optional<String> nextIdentifier = Optional.empty();
  private long nextFilePosition;
  private boolean bindsOpen;
  private int bindsCursor;
  private boolean groupOpen;
  private boolean ended;
  private long lastTim;
  private long unknownParts;
  private int safeLength;
  private long safePosition;

  SessionTranslator(SessionFacts facts, SessionClock clock, TraceForm form) {
    this.facts = facts;
    this.clock = clock;
    this.form = form;
    NameBook names = new NameBook();
    this.waits = new WaitTranslator(clock, names);
    this.hits = new HitTranslator(names);
    this.writer = new TraceWriter(out, form);
  }

  /**
   * The lines that follow go to the session's first file: they begin with its head, which is
   * written with the first of them.
   */
  void beginFile(String path) {
    begin(path, "");
  }

  /**
   * The lines that follow go to a further file of the session: it has a head too, and the texts of
   * the cursors that it names.
   *
   * @param path of the new file
   * @param before path of the file before, or an empty text
   */
  void beginFurtherFile(String path, String before) {
    begin(path, before);
    texts.beginFile();
  }

  private void begin(String path, String before) {
    writer = new TraceWriter(out, form);
    headerPath = path;
    continuedFrom = before;
  }

  /** The lines that follow go to a file that has a head. */
  void resumeFile() {
    writer = new TraceWriter(out, form);
    headerPath = "";
    texts.resumeFile();
    waits.resume();
  }

  /**
   * The identifier of the file that the next lines belong to, where that changes at this point.
   * What is safe ends before the record that says so.
   */
  Optional<String> nextIdentifier() {
    return nextIdentifier;
  }

  /** Ring position at which the next file's records begin. */
  long nextFilePosition() {
    return nextFilePosition;
  }

  /** The lines that follow go to the file that the identifier asks for. */
  void takeIdentifier() {
    nextIdentifier = Optional.empty();
    markSafe(nextFilePosition);
  }

  /**
   * Whether, since this was asked last, a further file named a cursor whose text is not known, or a
   * wait or hit something whose name is not.
   */
  boolean takeMissingText() {
    boolean text = texts.takeMissing();
    boolean name = waits.takeMissingName();
    return text || name;
  }

  TraceBuffer out() {
    return out;
  }

  /** Bytes of {@link #out} that may be written. */
  int safeLength() {
    return safeLength;
  }

  /** Ring position that they stand for, with all that was written before. */
  long safePosition() {
    return safePosition;
  }

  boolean isGroupOpen() {
    return groupOpen;
  }

  /** Whether the last line says that the session's trace ends. */
  boolean hasEnded() {
    return ended;
  }

  /** Time of the last record, microseconds of the Unix epoch; 0 before the first. */
  long lastTim() {
    return lastTim;
  }

  /** Parts of texts and plans whose beginning was lost, and calls of no known kind: left out. */
  long unknownParts() {
    return unknownParts;
  }

  /** Everything below the position is in the lines so far. */
  void markSafe(long position) {
    safePosition = position;
    safeLength = out.length();
  }

  /** A group is too long for the ring: its space is given back before its lines are written. */
  void markRead(long position) {
    safePosition = position;
  }

  /** The safe lines are in the file. */
  void removeWritten() {
    int rest = out.length() - safeLength;
    byte[] bytes = out.array();
    int from = safeLength;
    out.clear();
    if (rest > 0) {
      out.append(bytes, from, rest);
    }
    safeLength = 0;
  }

  @Override
  public boolean onEvent(EventRecord event) {
    long tim = clock.tim(event.timeNs());
    lastTim = Math.max(lastTim, tim);
    int type = event.type();
    if (type == Layout.EV_ATTRIBUTE && event.i32(Attribute.KEY) == Layout.ATTR_IDENTIFIER) {
      endFile(event, tim);
      return false;
    }
    if (type == Layout.EV_IDLE) {
      // It has no line, so it begins no file.
      closeOtherGroups(type);
      groupOpen = false;
      markSafe(event.endPosition());
      return true;
    }
    boolean describesSession = type == Layout.EV_SESSION || type == Layout.EV_ATTRIBUTE;
    if (!describesSession) {
      headerIfDue(tim);
      ended = false;
    }
    closeOtherGroups(type);
    write(event, type, tim);
    groupOpen = event.hasMore() && type != Layout.EV_LOST;
    if (groupOpen) {
      return true;
    }
    headerIfDue(tim);
    closeOtherGroups(Layout.EV_LOST);
    markSafe(event.endPosition());
    return out.length() < BATCH_BYTES;
  }

  private void endFile(EventRecord event, long tim) {
    headerIfDue(tim);
    closeOtherGroups(Layout.EV_LOST);
    groupOpen = false;
    markSafe(event.endPosition() - event.length());
    int length = event.textLength();
    event.copyText(text, 0);
    nextIdentifier = Optional.of(new String(text, 0, length, StandardCharsets.UTF_8));
    nextFilePosition = event.endPosition();
  }

  /** Writes the end of a trace that its process did not write. */
  void endOfProcess(String reason, long full, long tooBig, long unfinished, long fromNs, long now) {
    closeOtherGroups(Layout.EV_LOST);
    groupOpen = false;
    headerIfDue(now);
    if (full + tooBig + unfinished > 0) {
      long from = full + tooBig > 0 ? Math.min(clock.tim(fromNs), now) : now;
      writer.lost(full, tooBig, unfinished, from, now);
    }
    writer.sessionEnd(reason, now);
    ended = true;
    markSafe(safePosition);
  }

  private void headerIfDue(long tim) {
    if (headerPath.isEmpty()) {
      return;
    }
    writer.header(facts.header(headerPath, tim));
    if (!continuedFrom.isEmpty()) {
      out.utf8(TraceLines.continuedFrom(continuedFrom));
    }
    headerPath = "";
    continuedFrom = "";
  }

  /** A group is over when a record of another type comes, whatever its flags said. */
  private void closeOtherGroups(int type) {
    if (statement.isOpen() && type != Layout.EV_STATEMENT) {
      statement.write(writer, texts);
    }
    if (bindsOpen && type != Layout.EV_BIND) {
      writer.bindsEnd();
      bindsOpen = false;
    }
    if (plan.isOpen() && type != Layout.EV_NODE) {
      plan.write(writer, waits.sums());
    }
  }

  private void write(EventRecord event, int type, long tim) {
    switch (type) {
      case Layout.EV_CALL -> call(event, tim);
      case Layout.EV_STATEMENT -> statement(event, tim);
      case Layout.EV_BIND -> bind(event, tim);
      case Layout.EV_PLAN -> {
        introduce(event.i32(Plan.CURSOR), tim);
        plan.begin(event);
      }
      case Layout.EV_NODE -> node(event);
      case Layout.EV_ERROR -> error(event, tim);
      case Layout.EV_XACT_END -> {
        writer.xctend(event.u8(XactEnd.ROLLBACK) != 0, event.u8(XactEnd.READ_ONLY) != 0, tim);
        waits.sums().endTransaction(event.u16(XactEnd.DEPTH));
      }
      case Layout.EV_WAIT -> {
        introduce(event.i32(Wait.CURSOR), tim);
        waits.waited(event, tim, writer);
      }
      case Layout.EV_HITS -> hits(event, tim);
      case Layout.EV_WAIT_NAME -> waits.eventName(event);
      case Layout.EV_FILE_NAME -> waits.fileName(event);
      case Layout.EV_OBJECT -> waits.object(event, tim, writer);
      case Layout.EV_LOST ->
          writer.lost(
              event.i64(Lost.FULL),
              event.i64(Lost.TOO_BIG),
              0,
              clock.tim(event.i64(Lost.FROM_NS)),
              tim);
      case Layout.EV_SUMMARY -> summary(event, tim);
      case Layout.EV_SESSION -> session(event, tim);
      case Layout.EV_ATTRIBUTE -> attribute(event, tim);
      case Layout.EV_SESSION_END -> sessionEnd(event, tim);
      default -> unknownParts++;
    }
  }

  /** Cursor 0 stands for no statement. */
  private void introduce(int cursor, long tim) {
    if (cursor != 0) {
      texts.introduce(cursor, tim, writer);
    }
  }

  private void call(EventRecord event, long tim) {
    int kind = event.u8(Call.KIND);
    long elapsed = Math.max(0, tim - clock.tim(event.i64(Call.START_NS)));
    long cpu = event.i64(Call.CPU_NS) / NS_PER_US;
    int flags = event.u16(Call.FLAGS);
    int cursor = event.i32(Call.CURSOR);
    if (kind == Layout.CALL_CLOSE) {
      introduce(cursor, tim);
      int type = (flags & Layout.CALL_PLAN_CACHED) != 0 ? 3 : 0;
      int depth = event.u16(Call.DEPTH);
      writer.close(cursor, cpu, elapsed, depth, type, tim);
      waits.sums().end(cursor, depth);
      return;
    }
    switch (kind) {
      case Layout.CALL_PARSE -> call.kind = CallKind.PARSE;
      case Layout.CALL_EXEC -> call.kind = CallKind.EXEC;
      case Layout.CALL_FETCH -> call.kind = CallKind.FETCH;
      default -> {
        unknownParts++;
        return;
      }
    }
    boolean planned = call.kind == CallKind.PARSE && (flags & Layout.CALL_PLAN_MADE) != 0;
    introduce(cursor, tim);
    call.cursor = cursor;
    call.cpuUs = cpu;
    call.elapsedUs = elapsed;
    call.misses = planned ? 1 : 0;
    call.rows = event.i64(Call.ROWS);
    call.depth = event.u16(Call.DEPTH);
    call.planHash = event.u32(Call.PLAN_HASH);
    call.tim = tim;
    blocks(event);
    writer.call(call);
  }

  private void blocks(EventRecord event) {
    int at = Call.BUFFERS;
    long reads = event.i64(at + Buffers.SHARED_READ) + event.i64(at + Buffers.LOCAL_READ);
    call.physicalReads = reads + event.i64(at + Buffers.TEMP_READ);
    call.consistentGets =
        reads + event.i64(at + Buffers.SHARED_HIT) + event.i64(at + Buffers.LOCAL_HIT);
    call.currentGets =
        event.i64(at + Buffers.SHARED_DIRTIED) + event.i64(at + Buffers.LOCAL_DIRTIED);
  }

  private void statement(EventRecord event, long tim) {
    if (statement.isOpen() && event.u32(Statement.TEXT_OFFSET) == 0) {
      statement.write(writer, texts);
    }
    if (!statement.add(event, tim)) {
      unknownParts++;
    }
  }

  private void bind(EventRecord event, long tim) {
    int cursor = event.i32(Bind.CURSOR);
    if (bindsOpen && cursor != bindsCursor) {
      writer.bindsEnd();
      bindsOpen = false;
    }
    if (!bindsOpen) {
      introduce(cursor, tim);
      writer.bindsStart(cursor, 1, tim);
      bindsOpen = true;
      bindsCursor = cursor;
    }
    int flags = event.i32(Bind.FLAGS);
    int nameLength = event.textLength();
    int valueLength = event.secondTextLength();
    event.copyText(text, 0);
    event.copySecondText(text, nameLength);
    bind.position = event.u16(Bind.POSITION);
    bind.typeOid = event.u32(Bind.TYPE_OID);
    bind.typeName.set(text, 0, nameLength);
    bind.isNull = (flags & Layout.BIND_NULL) != 0;
    bind.cut = (flags & Layout.BIND_TRUNCATED) != 0;
    bind.value.set(text, nameLength, valueLength);
    bind.actualLength = event.u32(Bind.VALUE_TOTAL);
    writer.bind(bind);
  }

  private void node(EventRecord event) {
    if (plan.isOpen()) {
      plan.add(event);
    } else {
      unknownParts++;
    }
  }

  private void error(EventRecord event, long tim) {
    int cursor = event.i32(Error.CURSOR);
    int stateLength = event.copyFixed(Error.SQLSTATE, Error.SQLSTATE_LENGTH, sqlState, 0);
    int number = stateLength >= SqlState.LENGTH ? SqlState.toNumber(sqlState, 0) : 0;
    if (number == 0) {
      number = SqlState.toNumber(NO_SQLSTATE);
    }
    if ((event.u16(Error.FLAGS) & Layout.ERROR_PARSE) == 0) {
      introduce(cursor, tim);
      writer.error(cursor, number, tim);
      waits.sums().end(cursor, event.u16(Error.DEPTH));
    }
    int length = event.textLength();
    event.copyText(text, 0);
    int position = event.i32(Error.POSITION);
    writer.errorText(cursor, SqlState.toText(number), text, 0, length, position);
  }

  /** In strict form they have no line, and so need no text or name. */
  private void hits(EventRecord event, long tim) {
    if (form == TraceForm.FULL) {
      introduce(event.i32(Hits.CURSOR), tim);
      hits.hit(event, tim, writer);
    }
  }

  private void summary(EventRecord event, long tim) {
    int at = Summary.BUFFERS;
    summary.cursor = event.i32(Summary.CURSOR);
    summary.elapsedUs = micros(event, Summary.ELAPSED_NS);
    summary.cpuUs = micros(event, Summary.CPU_NS);
    summary.waitUs = micros(event, Summary.WAIT_NS);
    summary.thinkUs = micros(event, Summary.THINK_NS);
    summary.hits = event.i64(at + Buffers.SHARED_HIT) + event.i64(at + Buffers.LOCAL_HIT);
    summary.reads = event.i64(at + Buffers.SHARED_READ) + event.i64(at + Buffers.LOCAL_READ);
    summary.diskBlocks = event.i64(Summary.DISK_BLOCKS);
    summary.cacheBlocks = event.i64(Summary.CACHE_BLOCKS);
    summary.tim = tim;
    introduce(summary.cursor, tim);
    writer.summary(summary);
  }

  private static long micros(EventRecord event, int offset) {
    return Math.floorDiv(event.i64(offset), NS_PER_US);
  }

  private void session(EventRecord event, long tim) {
    String settings =
        facts.setSettings(
            event.u32(Session.LEVEL),
            event.u32(Session.PLAN_STAT),
            event.u32(Session.NODE_TIMING),
            event.u32(Session.MAX_BIND_LENGTH));
    if (headerPath.isEmpty()) {
      writer.keyedLine("SETTINGS", settings, tim);
    }
  }

  private void attribute(EventRecord event, long tim) {
    int length = event.textLength();
    event.copyText(text, 0);
    String value = new String(text, 0, length, StandardCharsets.UTF_8);
    String key = facts.setAttribute(event.u32(Attribute.KEY), value);
    if (headerPath.isEmpty() && !key.isEmpty()) {
      writer.keyedLine(key, value, tim);
    }
  }

  private void sessionEnd(EventRecord event, long tim) {
    boolean exit = event.i32(SessionEnd.REASON) == Layout.END_EXIT;
    writer.sessionEnd(exit ? "process ended" : "tracing disabled", tim);
    ended = exit;
  }
}
