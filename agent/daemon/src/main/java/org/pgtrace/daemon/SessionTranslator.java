package org.pgtrace.daemon;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.pgtrace.format.CallKind;
import org.pgtrace.format.CallRecord;
import org.pgtrace.format.OsRecord;
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
import org.pgtrace.ring.EventLayout.Charge;
import org.pgtrace.ring.EventLayout.Error;
import org.pgtrace.ring.EventLayout.Lost;
import org.pgtrace.ring.EventLayout.Plan;
import org.pgtrace.ring.EventLayout.Runs;
import org.pgtrace.ring.EventLayout.Session;
import org.pgtrace.ring.EventLayout.SessionEnd;
import org.pgtrace.ring.EventLayout.Statement;
import org.pgtrace.ring.EventLayout.Summary;
import org.pgtrace.ring.EventLayout.XactEnd;
import org.pgtrace.ring.EventRecord;
import org.pgtrace.ring.Layout;
import org.pgtrace.ring.Positions;

/**
 * Turns one session's records into lines of its trace file.
 *
 * <p>Records of a group are kept until the last has come, so a daemon that starts in the middle of
 * a group would miss its beginning. {@link #safeLength} and {@link #safePositions} mark the last
 * point at which nothing is kept: only what lies before it may be committed.
 *
 * <p>Several processes may write for one session. Their groups come in between each other, and a
 * record may be a little older than the one before it: its line then has the moment of the last.
 */
final class SessionTranslator implements EventHandler {
  private static final long NS_PER_US = 1000;

  /** Lines are written out when they are this many bytes. */
  private static final int BATCH_BYTES = 256 * 1024;

  private static final int INITIAL_BYTES = 8 * 1024;
  private static final int TEXT_BYTES = 2 * 65536;

  /** A group of which nothing has come for this long has no end: microseconds. */
  private static final long GROUP_MAX_US = 1_000_000;

  /** A moment that is this much earlier than the last one is not late, but damaged. */
  private static final long LATE_MAX_US = 10_000_000;

  private static final String NO_SQLSTATE = "XX000";

  private final SessionFacts facts;
  private final SessionClock clock;
  private final TraceForm form;
  private final Optional<StatementSamples> samples;
  private final Optional<KernelLines> kernel;
  private final OsTranslator os;
  private final TraceBuffer out = new TraceBuffer(INITIAL_BYTES);

  /** The session's own process; then who writes for it, in no order. */
  private final List<Source> sources = new ArrayList<>();

  private final Source own = new Source(0, false);
  private final CursorTexts texts = new CursorTexts();
  private final WorkerPlans workerPlans = new WorkerPlans();
  private final WorkerSums workerSums = new WorkerSums();
  private final WaitTranslator waits;
  private final HitTranslator hits;
  private final CallRecord call = new CallRecord();
  private final SummaryRecord summary = new SummaryRecord();
  private final byte[] text = new byte[TEXT_BYTES];
  private final byte[] sqlState = new byte[Error.SQLSTATE_LENGTH];

  /** Of the session's file. */
  private TraceWriter sessionWriter;

  /** Of the file that the record at hand belongs to. */
  private TraceWriter writer;

  private String headerPath = "";
  private String continuedFrom = "";
  private Optional<String> nextIdentifier = Optional.empty();
  private Positions nextFilePositions = Positions.START;
  private boolean ended;
  private long lastTim;

  /** Of the last line that was written. */
  private long lineTim;

  /** Whose record is translated. */
  private Source source = own;

  private long unknownParts;
  private int safeLength;
  private long safePosition;
  private long safeWorkersPosition;

  /**
   * A translator without a file.
   *
   * @param samples of the session's process, where there are any
   * @param watched what the kernel's probes see of it, where there are any
   */
  SessionTranslator(
      SessionFacts facts,
      SessionClock clock,
      TraceForm form,
      Optional<StatementSamples> samples,
      Optional<KernelSession> watched) {
    this.facts = facts;
    this.samples = samples;
    this.clock = clock;
    this.form = form;
    NameBook names = new NameBook();
    this.waits = new WaitTranslator(clock, names);
    this.hits = new HitTranslator(names);
    this.kernel = watched.map(session -> new KernelLines(session, clock, names, facts));
    this.os = new OsTranslator(samples, kernel);
    this.sessionWriter = new TraceWriter(out, form);
    this.writer = sessionWriter;
    this.sources.add(own);
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

  /** The lines of parallel workers that follow go to new files of theirs. */
  void beginWorkerFiles() {
    sources.forEach(each -> each.lines().ifPresent(WorkerLines::beginFile));
  }

  /** Who writes for the session. */
  List<Source> sources() {
    return sources;
  }

  private void begin(String path, String before) {
    sessionWriter = new TraceWriter(out, form);
    headerPath = path;
    continuedFrom = before;
    safeLength = 0;
  }

  /** The lines that follow go to a file that has a head. */
  void resumeFile() {
    sessionWriter = new TraceWriter(out, form);
    headerPath = "";
    texts.resumeFile();
    workerSums.resumeSession();
    waits.resume();
  }

  /**
   * The identifier of the file that the next lines belong to, where that changes at this point.
   * What is safe ends before the record that says so.
   */
  Optional<String> nextIdentifier() {
    return nextIdentifier;
  }

  /** Ring positions at which the next file's records begin. */
  Positions nextFilePositions() {
    return nextFilePositions;
  }

  /** The lines that follow go to the file that the identifier asks for. */
  void takeIdentifier() {
    nextIdentifier = Optional.empty();
    markSafe(nextFilePositions);
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

  /**
   * Bytes of {@link #out} up to the last point at which nothing is kept; where that was in lines
   * that have been written, how far it is before them, negative.
   */
  int safeLength() {
    return safeLength;
  }

  /** Ring positions of that point. */
  Positions safePositions() {
    return new Positions(safePosition, safeWorkersPosition);
  }

  boolean isGroupOpen() {
    for (int i = 0; i < sources.size(); i++) {
      if (sources.get(i).isGroupOpen()) {
        return true;
      }
    }
    return false;
  }

  /**
   * Whether figures of parallel workers are kept for a line that is to come: a daemon that starts
   * now would not know them.
   */
  boolean keepsFigures() {
    return !workerPlans.isEmpty() || !workerSums.isEmpty();
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

  /** Everything below the positions is in the lines so far. */
  void markSafe(Positions positions) {
    markSafe(positions.session(), positions.workers());
  }

  private void markSafe(long position, long workersPosition) {
    safePosition = position;
    safeWorkersPosition = workersPosition;
    safeLength = out.length();
    for (int i = 1; i < sources.size(); i++) {
      sources.get(i).lines().ifPresent(WorkerLines::markSafe);
    }
  }

  /** The lines are in the file. */
  void removeWritten() {
    safeLength -= out.length();
    out.clear();
  }

  @Override
  public boolean onEvent(EventRecord event) {
    source = event.isFromWorkers() ? workerSource(event.worker()) : own;
    use(source);
    long tim = inOrder(clock.tim(event.timeNs()));
    lastTim = Math.max(lastTim, tim);
    if (source.lines().isPresent()) {
      source.lines().get().takes(tim);
    }
    if (kernel.isPresent() && source == own) {
      kernel.get().passed(event.timeNs());
    }
    if (kernel.isPresent() && kernel.get().isDue(event.timeNs())) {
      writeKernel(event.timeNs());
      tim = inOrder(tim);
    }
    if (samples.isPresent() && samples.get().isPending() && samples.get().pendingTim() <= tim) {
      writeSample();
      tim = inOrder(tim);
    }
    int type = event.type();
    if (type == Layout.EV_ATTRIBUTE && event.i32(Attribute.KEY) == Layout.ATTR_IDENTIFIER) {
      endFile(event, tim);
      return false;
    }
    if (type == Layout.EV_IDLE) {
      // It has no line, so it begins no file.
      closeOtherGroups(source, type);
      source.endGroup();
      endExecutions();
      markSafeIfClosed(event);
      return true;
    }
    boolean describesSession = type == Layout.EV_SESSION || type == Layout.EV_ATTRIBUTE;
    if (!describesSession) {
      headerIfDue(tim);
      ended &= source != own;
    }
    endGroups(type, tim);
    write(event, type, tim);
    source.took(event, tim);
    if (source.isGroupOpen()) {
      return true;
    }
    headerIfDue(tim);
    closeOtherGroups(source, Layout.EV_LOST);
    markSafeIfClosed(event);
    return out.length() < BATCH_BYTES
        && (source.lines().isEmpty() || source.lines().get().out.length() < BATCH_BYTES);
  }

  /**
   * Writes what the kernel's probes have seen before that moment; where records of a group are
   * still to come, later.
   *
   * @param untilNs monotonic clock
   */
  void writeKernel(long untilNs) {
    KernelLines lines = kernel.orElseThrow();
    while (lines.isDue(untilNs) && !isGroupOpen()) {
      long tim = beginUnasked(clock.tim(lines.nextNs()), lines.cursor());
      lines.writeNext(tim, writer);
      use(source);
    }
  }

  /**
   * Writes the line of the sample that is pending; where records of a group are still to come,
   * later.
   */
  void writeSample() {
    if (isGroupOpen()) {
      return;
    }
    OsRecord sample = samples.orElseThrow().takePending();
    sample.tim = beginUnasked(sample.tim, (int) sample.cursor);
    writer.os(sample);
    use(source);
  }

  /**
   * Begins a line of the session itself that is of no record of its own.
   *
   * @return its moment
   */
  private long beginUnasked(long moment, int cursor) {
    long tim = inOrder(moment);
    lineTim = tim;
    lastTim = Math.max(lastTim, tim);
    use(own);
    headerIfDue(tim);
    introduce(own, cursor, tim);
    return tim;
  }

  /** Those who write for the session are few. */
  private Source workerSource(int worker) {
    for (int i = 1; i < sources.size(); i++) {
      if (sources.get(i).worker == worker) {
        return sources.get(i);
      }
    }
    Source added = new Source(worker, worker > 0 && form == TraceForm.STRICT);
    sources.add(added);
    return added;
  }

  private long inOrder(long tim) {
    return tim < lineTim && lineTim - tim < LATE_MAX_US ? lineTim : tim;
  }

  private void markSafeIfClosed(EventRecord event) {
    if (!isGroupOpen() && !keepsFigures()) {
      markSafe(event.endPosition(), event.workersPosition());
    }
  }

  private void endFile(EventRecord event, long tim) {
    headerIfDue(tim);
    endAllGroups();
    markSafe(event.endPosition() - event.length(), event.workersPosition());
    int length = event.textLength();
    event.copyText(text, 0);
    nextIdentifier = Optional.of(new String(text, 0, length, StandardCharsets.UTF_8));
    nextFilePositions = new Positions(event.endPosition(), event.workersPosition());
  }

  /**
   * Writes the end of a trace that its process did not write, and what is missing at its end.
   *
   * @param now its moment, not before the last record's
   */
  void endOfProcess(String reason, long full, long tooBig, long unfinished, long fromNs, long now) {
    endAllGroups();
    use(own);
    headerIfDue(now);
    if (full + tooBig + unfinished > 0) {
      long from = full + tooBig > 0 ? Math.min(clock.tim(fromNs), now) : now;
      writer.lost(full, tooBig, unfinished, from, now);
    }
    if (!ended) {
      writer.sessionEnd(reason, now);
      ended = true;
    }
    markSafe(safePositions());
  }

  private void headerIfDue(long tim) {
    if (headerPath.isEmpty() || writer != sessionWriter) {
      return;
    }
    writer.header(facts.header(headerPath, tim));
    if (!continuedFrom.isEmpty()) {
      out.utf8(TraceLines.continuedFrom(continuedFrom));
    }
    headerPath = "";
    continuedFrom = "";
  }

  /** Ends the groups that are over when this record comes. */
  private void endGroups(int type, long tim) {
    closeOtherGroups(source, type);
    // Where records of the workers' ring are missing, it is not known whose.
    boolean cut = type == Layout.EV_LOST && source != own;
    for (int i = 1; i < sources.size(); i++) {
      Source other = sources.get(i);
      if (other.isGroupOpen() && other != source && (cut || tim - other.partTim() > GROUP_MAX_US)) {
        end(other);
      }
    }
  }

  private void endAllGroups() {
    for (int i = 0; i < sources.size(); i++) {
      end(sources.get(i));
    }
  }

  private void end(Source group) {
    closeOtherGroups(group, Layout.EV_LOST);
    group.endGroup();
  }

  /** A group is over when its writer's next record is of another type, whatever its flags said. */
  private void closeOtherGroups(Source group, int type) {
    use(group);
    if (group.statement.isOpen() && type != Layout.EV_STATEMENT) {
      writeStatement(group);
    }
    if (group.binds.isOpen() && type != Layout.EV_BIND) {
      writeBinds(group);
    }
    if (group.plan.isOpen() && type != Layout.EV_NODE) {
      writePlan(group);
    }
    use(source);
  }

  /** The lines that follow are of this source. */
  private void use(Source of) {
    writer = of.lines().isPresent() ? of.lines().get().writer : sessionWriter;
    writer.setWorker(of.worker);
  }

  /** A worker's part of its leader's plan has no lines of its own, but in the leader's. */
  private void writePlan(Source group) {
    PlanCollector plan = group.plan;
    int cursor = plan.cursor();
    int depth = plan.depth();
    plan.close();
    if (plan.isRunning()) {
      plan.write(writer);
    } else if (group.isPart(cursor)) {
      if (group.lines().isEmpty()) {
        workerPlans.add(plan, group.worker);
      } else {
        introduce(group, cursor, lineTim);
        plan.cutRoots();
        plan.write(writer);
      }
    } else {
      waits.sums().give(cursor, depth, group.worker, plan.nodes());
      workerPlans.give(plan, waits.sums());
      plan.write(writer);
      workerPlans.end(cursor, depth);
    }
  }

  private void writeStatement(Source group) {
    lineTim = Math.max(lineTim, group.statement.tim());
    int cursor = group.statement.cursor();
    group.statement.write(writer, texts, group.worker, lineTim);
    if (group.lines().isPresent()) {
      group.lines().get().known.add(cursor);
    } else {
      texts.setIntroduced(cursor);
      // A worker's file may have asked for it.
      forgetInWorkerFiles(cursor);
    }
  }

  private void forgetInWorkerFiles(int cursor) {
    for (int i = 1; i < sources.size(); i++) {
      if (sources.get(i).lines().isPresent()) {
        sources.get(i).lines().get().known.remove(cursor);
      }
    }
  }

  private void writeBinds(Source group) {
    lineTim = Math.max(lineTim, group.groupTim());
    introduce(group, group.binds.cursor(), lineTim);
    group.binds.write(writer, lineTim);
  }

  private void write(EventRecord event, int type, long tim) {
    boolean isPart =
        type == Layout.EV_STATEMENT || type == Layout.EV_BIND || type == Layout.EV_NODE;
    if (!isPart) {
      lineTim = tim;
    }
    switch (type) {
      case Layout.EV_CALL -> call(event, tim);
      case Layout.EV_STATEMENT -> statement(event, tim);
      case Layout.EV_BIND -> bind(event);
      case Layout.EV_PLAN -> {
        if (!source.isPart(event.i32(Plan.CURSOR))) {
          introduce(event.i32(Plan.CURSOR), tim);
        }
        source.plan.begin(event);
      }
      case Layout.EV_NODE -> node(event);
      case Layout.EV_ERROR -> error(event, tim);
      case Layout.EV_XACT_END -> {
        writer.xctend(event.u8(XactEnd.ROLLBACK) != 0, event.u8(XactEnd.READ_ONLY) != 0, tim);
        waits.sums().endTransaction(event.u16(XactEnd.DEPTH));
        if (event.u16(XactEnd.DEPTH) == 0) {
          endExecutions();
        }
      }
      case Layout.EV_WAIT -> {
        int cursor = CursorFields.statementOf(event);
        introduce(cursor, tim);
        waits.waited(event, tim, writer, source.worker, source.isPart(cursor));
      }
      case Layout.EV_HITS -> hits(event, tim);
      case Layout.EV_WAIT_NAME -> waits.eventName(event);
      case Layout.EV_FILE_NAME -> waits.fileName(event);
      case Layout.EV_OBJECT -> waits.object(event, tim, writer);
      case Layout.EV_LOST ->
          // Of the workers' ring: it is not known whose.
          sessionWriter.lost(
              event.i64(Lost.FULL),
              event.i64(Lost.TOO_BIG),
              0,
              clock.tim(event.i64(Lost.FROM_NS)),
              tim);
      case Layout.EV_SUMMARY -> summary(event, tim);
      case Layout.EV_CHARGE -> charge(event, tim);
      case Layout.EV_RUNS -> {
        if (source == own && kernel.isPresent()) {
          boolean isClose = event.u16(Runs.KIND) == Layout.CALL_CLOSE;
          int cursor = event.i32(Runs.CURSOR);
          kernel.get().runs(cursor, event.u16(Runs.DEPTH), isClose, event.timeNs());
        }
      }
      case Layout.EV_SESSION -> session(event, tim);
      case Layout.EV_ATTRIBUTE -> attribute(event, tim);
      case Layout.EV_SESSION_END -> sessionEnd(event, tim);
      default -> unknownParts++;
    }
  }

  /** Nothing runs any more for which workers' figures are kept. */
  private void endExecutions() {
    workerPlans.endAll();
    workerSums.endAll();
  }

  /** An execution of the leader is over when the leader says so. */
  private void endExecution(int cursor, int depth) {
    if (!source.isPart(cursor)) {
      waits.sums().end(cursor, depth);
    }
    if (source == own) {
      workerPlans.end(cursor, depth);
      workerSums.end(cursor, depth);
    }
  }

  /** Cursor 0 stands for no statement. */
  private void introduce(int cursor, long tim) {
    introduce(source, cursor, tim);
  }

  private void introduce(Source of, int cursor, long tim) {
    if (cursor == 0) {
      return;
    }
    if (of.lines().isPresent()) {
      texts.introduce(cursor, tim, writer, of.lines().get().known);
    } else {
      texts.introduce(cursor, tim, writer);
    }
    writer.setWorker(of.worker);
  }

  private void call(EventRecord event, long tim) {
    int kind = event.u8(Call.KIND);
    long elapsed = Math.max(0, clock.tim(event.timeNs()) - clock.tim(event.i64(Call.START_NS)));
    long cpu = event.i64(Call.CPU_NS) / NS_PER_US;
    int flags = event.u16(Call.FLAGS);
    int cursor = event.i32(Call.CURSOR);
    if (kind == Layout.CALL_CLOSE) {
      introduce(cursor, tim);
      int type = (flags & Layout.CALL_PLAN_CACHED) != 0 ? 3 : 0;
      int depth = event.u16(Call.DEPTH);
      writer.close(cursor, cpu, elapsed, depth, type, tim);
      endExecution(cursor, depth);
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
    call.isPartial = (flags & Layout.CALL_PARTIAL) != 0;
    call.tim = tim;
    blocks(event);
    writer.call(call);
    if (source == own && call.kind == CallKind.PARSE) {
      workerSums.endParse(call.depth);
    } else if (source == own) {
      workerSums.endCall(cursor, call.depth);
    }
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
    StatementCollector statement = source.statement;
    if (statement.isOpen() && event.u32(Statement.TEXT_OFFSET) == 0) {
      writeStatement(source);
    }
    if (!statement.add(event, tim)) {
      unknownParts++;
    }
  }

  private void bind(EventRecord event) {
    BindCollector binds = source.binds;
    if (binds.isOpen() && event.i32(Bind.CURSOR) != binds.cursor()) {
      writeBinds(source);
    }
    binds.add(event);
  }

  private void node(EventRecord event) {
    if (source.plan.isOpen()) {
      source.plan.add(event);
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
      if (!source.isPart(cursor)) {
        waits.sums().end(cursor, event.u16(Error.DEPTH));
      }
    }
    int length = event.textLength();
    event.copyText(text, 0);
    int position = event.i32(Error.POSITION);
    writer.errorText(cursor, SqlState.toText(number), text, 0, length, position);
  }

  /** In strict form they have no line, and so need no text or name. */
  private void hits(EventRecord event, long tim) {
    if (form == TraceForm.FULL) {
      introduce(CursorFields.statementOf(event), tim);
      hits.hit(event, tim, writer);
    }
  }

  private void summary(EventRecord event, long tim) {
    int at = Summary.BUFFERS;
    int cursor = event.i32(Summary.CURSOR);
    summary.cursor = cursor;
    summary.elapsedUs = micros(event, Summary.ELAPSED_NS);
    summary.cpuUs = micros(event, Summary.CPU_NS);
    summary.waitUs = micros(event, Summary.WAIT_NS);
    summary.thinkUs = micros(event, Summary.THINK_NS);
    summary.hits = event.i64(at + Buffers.SHARED_HIT) + event.i64(at + Buffers.LOCAL_HIT);
    summary.reads = event.i64(at + Buffers.SHARED_READ) + event.i64(at + Buffers.LOCAL_READ);
    summary.diskBlocks = event.i64(Summary.DISK_BLOCKS);
    summary.cacheBlocks = event.i64(Summary.CACHE_BLOCKS);
    summary.tim = tim;
    int depth = event.u16(Summary.DEPTH);
    introduce(cursor, tim);
    workerSums.give(source == own, summary, depth);
    writer.summary(summary);
    if (source.isPart(cursor) && source.lines().isEmpty()) {
      workerSums.add(summary, depth);
    }
  }

  /** In strict form there are no such lines, and so no text is needed. */
  private void charge(EventRecord event, long tim) {
    if (form == TraceForm.FULL) {
      introduce(event.i32(Charge.CURSOR), tim);
      os.ended(event, tim, writer, source == own);
    }
  }

  private static long micros(EventRecord event, int offset) {
    return Math.floorDiv(event.i64(offset), NS_PER_US);
  }

  private void session(EventRecord event, long tim) {
    workerSums.beginSession();
    kernel.ifPresent(lines -> lines.beginSession(event.timeNs()));
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
