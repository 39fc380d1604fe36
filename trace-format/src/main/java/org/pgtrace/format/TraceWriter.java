package org.pgtrace.format;

import java.util.List;

/**
 * Writes the lines of one trace file into a buffer. The caller gives events in the order of their
 * ends, and takes the bytes away whenever it likes: each method leaves whole lines.
 *
 * <p>All moments ({@code tim}) are microseconds of the Unix epoch. SQL text, bind values and names
 * are bytes in the server's encoding and are written as they are. Lines of calls, waits, hits,
 * binds, errors, plans and summaries make no garbage. Not safe for use by several threads.
 */
public final class TraceWriter {
  private static final String SECTION = "=====================\n";
  private static final int SCRATCH_CAPACITY = 256;

  private final TraceBuffer out;
  private final TraceForm form;
  private final Stamps stamps;
  private final HeaderWriter headers;
  private final BindWriter binds;
  private final PlanWriter plans;
  private final WaitWriter waits;
  private final HitWriter hits;
  private final OsWriter os;
  private final KernelWriter kernel;
  private final ParameterTokens tokens = new ParameterTokens();
  private final SqlId sqlId = new SqlId();
  private final StatRecord stat = new StatRecord();

  /** Text with Oracle's parameter tokens, in strict form. */
  private final TraceBuffer rewritten = new TraceBuffer(SCRATCH_CAPACITY);

  private int worker;

  /**
   * @param out where the lines go
   * @param form full, or only what Oracle 19c may write
   */
  public TraceWriter(TraceBuffer out, TraceForm form) {
    this.out = out;
    this.form = form;
    stamps = new Stamps(out);
    headers = new HeaderWriter(out, form);
    binds = new BindWriter(out, form);
    plans = new PlanWriter(out);
    waits = new WaitWriter(out, form);
    hits = new HitWriter(out);
    os = new OsWriter(out);
    kernel = new KernelWriter(out);
  }

  /**
   * A writer in full form that stamps nothing by itself: for lines that were read, their stamps
   * among them.
   */
  public static TraceWriter copying(TraceBuffer out) {
    TraceWriter writer = new TraceWriter(out, TraceForm.FULL);
    writer.stamps.setSilent();
    return writer;
  }

  /** Writes what time it is. */
  public void stamp(long tim) {
    stamps.write(tim);
  }

  /** Writes a line of a head that was read, as it was. */
  public void headLine(HeadRecord head) {
    out.append(head.line.array(), head.line.offset(), head.line.length());
    out.put('\n');
  }

  /** Writes the product line of the strict form. */
  public void strictProduct(String writerVersion, String serverVersion) {
    headers.strictProduct(writerVersion, serverVersion);
  }

  /**
   * Says whose lines follow: in full form those of a parallel worker end with its number.
   *
   * @param number from 1; 0: the session's own
   */
  public void setWorker(int number) {
    worker = number;
  }

  /** Writes the head of a file: who, where, with which programs, and since when. */
  public void header(TraceHeader h) {
    headers.write(h);
    long tim = h.tim();
    stamps.write(tim);
    TraceHeader.Session session = h.session();
    key("SESSION ID", session.id(), tim);
    key("CLIENT ID", session.clientId(), tim);
    key("SERVICE NAME", session.service(), tim);
    key("MODULE NAME", session.module(), tim);
    key("ACTION NAME", session.action(), tim);
    key("CLIENT IP", session.clientIp(), tim);
    if (form == TraceForm.FULL) {
      key("USER NAME", session.user(), tim);
      key("SETTINGS", HeaderWriter.join(h.settings()), tim);
      key("NOT AVAILABLE", HeaderWriter.join(h.unavailable()), tim);
    }
  }

  /**
   * Writes {@code *** KEY:(value) time}, after a stamp unless that moment has one already. In
   * strict form keys that Oracle does not know ({@code USER NAME}, {@code SETTINGS}, {@code NOT
   * AVAILABLE}) are left out.
   */
  public void keyedLine(String key, String value, long tim) {
    if (form == TraceForm.STRICT && !OracleKeys.contains(key)) {
      return;
    }
    stamps.beforeKey(tim);
    key(key, value, tim);
  }

  private void key(String key, String value, long tim) {
    out.ascii("*** ");
    out.ascii(key);
    out.ascii(":(");
    out.utf8Line(value);
    out.ascii(") ");
    IsoTime.append(out, tim);
    out.put('\n');
  }

  /**
   * Writes PARSING IN CURSOR, the text and END OF STMT.
   *
   * @param cursor cursor number
   * @param sql holds the text at {@code [off, off + len)}
   * @param depth 0 when the client asked for it
   * @param uid OID of the current role
   * @param oct Oracle's command type, see {@link OracleCommandType}
   * @param lid OID of the session role
   */
  public void parsing(
      long cursor, byte[] sql, int off, int len, int depth, long uid, int oct, long lid, long tim) {
    stamps.beforeLine(tim);
    prepareText(sql, off, len);
    out.ascii(SECTION);
    out.ascii("PARSING IN CURSOR #");
    out.decimal(cursor);
    out.put(' ');
    statementFields(len, depth, uid, oct, lid, tim);
    hashFields(sql, off, len);
    endLine();
    text(sql, off, len);
    out.ascii("\nEND OF STMT\n");
  }

  /**
   * Writes PARSE ERROR and the text, which has no end line.
   *
   * @param sqlState36 see {@link SqlState}
   */
  public void parseError(
      long cursor,
      byte[] sql,
      int off,
      int len,
      int depth,
      long uid,
      int oct,
      long lid,
      long tim,
      int sqlState36) {
    stamps.beforeLine(tim);
    prepareText(sql, off, len);
    out.ascii(SECTION);
    out.ascii("PARSE ERROR #");
    out.decimal(cursor);
    out.put(':');
    statementFields(len, depth, uid, oct, lid, tim);
    field(" err=", sqlState36);
    endLine();
    text(sql, off, len);
    out.put('\n');
  }

  /** Writes a statement that was read: PARSING IN CURSOR or PARSE ERROR, and the text. */
  public void statement(StatementRecord s) {
    byte[] sql = s.text.array();
    int off = s.text.offset();
    int len = s.text.length();
    if (s.isError) {
      int error = (int) s.error;
      parseError(s.cursor, sql, off, len, s.depth, s.uid, s.commandType, s.lid, s.tim, error);
    } else {
      parsing(s.cursor, sql, off, len, s.depth, s.uid, s.commandType, s.lid, s.tim);
    }
  }

  private void statementFields(int len, int depth, long uid, int oct, long lid, long tim) {
    field("len=", len);
    field(" dep=", depth);
    field(" uid=", uid);
    field(" oct=", oct);
    field(" lid=", lid);
    field(" tim=", tim);
  }

  private void hashFields(byte[] sql, int off, int len) {
    if (form == TraceForm.STRICT) {
      sqlId.hash(rewritten.array(), 0, rewritten.length());
    } else {
      sqlId.hash(sql, off, len);
    }
    field(" hv=", sqlId.hashValue());
    out.ascii(" ad='");
    out.hex(sqlId.address());
    out.ascii("' sqlid='");
    sqlId.appendTo(out);
    out.put('\'');
  }

  private void prepareText(byte[] sql, int off, int len) {
    if (form == TraceForm.STRICT) {
      rewritten.clear();
      rewritten.append(sql, off, len);
      tokens.rewrite(rewritten.array(), 0, rewritten.length());
    }
  }

  private void text(byte[] sql, int off, int len) {
    if (form == TraceForm.STRICT) {
      out.append(rewritten.array(), 0, rewritten.length());
    } else {
      out.append(sql, off, len);
    }
  }

  /** Writes a PARSE, EXEC or FETCH line. */
  public void call(CallRecord c) {
    stamps.beforeLine(c.tim);
    out.ascii(c.kind.label());
    field(" #", c.cursor);
    field(":c=", c.cpuUs);
    field(",e=", c.elapsedUs);
    field(",p=", c.physicalReads);
    field(",cr=", c.consistentGets);
    field(",cu=", c.currentGets);
    field(",mis=", c.misses);
    field(",r=", c.rows);
    field(",dep=", c.depth);
    field(",og=", c.optimizerGoal);
    field(",plh=", c.planHash);
    field(",tim=", c.tim);
    if (c.isPartial && form == TraceForm.FULL) {
      out.ascii(" partial");
    }
    endLine();
  }

  /**
   * Writes a CLOSE line.
   *
   * @param type 0 really closed, 1 to 3 the plan stays cached
   */
  public void close(long cursor, long cpuUs, long elapsedUs, int depth, int type, long tim) {
    stamps.beforeLine(tim);
    out.ascii("CLOSE #");
    out.decimal(cursor);
    field(":c=", cpuUs);
    field(",e=", elapsedUs);
    field(",dep=", depth);
    field(",type=", type);
    field(",tim=", tim);
    endLine();
  }

  /** Writes a CLOSE line that was read. */
  public void close(CloseRecord c) {
    close(c.cursor, c.cpuUs, c.elapsedUs, c.depth, c.type, c.tim);
  }

  /** Writes a WAIT line. */
  public void wait(WaitRecord w) {
    stamps.beforeLine(w.tim);
    waits.write(w);
    endLine();
  }

  /** Writes a WAIT line that was read. */
  public void wait(WaitLine w) {
    if (w.tim != WaitLine.NONE) {
      stamps.beforeLine(w.tim);
    }
    waits.write(w);
    endLine();
  }

  /** Writes a HIT line; in strict form, and where there are no blocks, nothing. */
  public void hits(HitRecord h) {
    if (form == TraceForm.STRICT || h.spans() == 0) {
      return;
    }
    stamps.beforeLine(h.tim);
    hits.write(h);
    endLine();
  }

  /**
   * Writes the name of a relation that a WAIT or HIT line had to name by number; in strict form
   * nothing.
   *
   * @param objectId pg_class OID
   * @param file number of its file
   * @param kind pg_class.relkind
   */
  public void object(long objectId, long file, ByteSpan name, char kind, long tim) {
    if (form == TraceForm.FULL) {
      stamps.beforeLine(tim);
      waits.object(objectId, file, name, kind);
    }
  }

  /** Writes an OBJECT line that was read; in strict form nothing. */
  public void object(ObjectRecord object) {
    if (form == TraceForm.FULL) {
      waits.object(object);
    }
  }

  /** Writes a SUMMARY line; in strict form nothing. */
  public void summary(SummaryRecord s) {
    if (form == TraceForm.STRICT) {
      return;
    }
    stamps.beforeLine(s.tim);
    field("SUMMARY #", s.cursor);
    field(":e=", s.elapsedUs);
    field(",c=", s.cpuUs);
    field(",waits=", s.waitUs);
    field(",unaccounted=", s.unaccountedUs());
    field(",cr=", s.hits + s.reads);
    field(",hit=", s.hits);
    field(",read=", s.reads);
    field(",disk=", s.diskBlocks);
    field(",cache=", s.cacheBlocks);
    if (s.cursor == 0) {
      field(",think=", s.thinkUs);
    }
    field(",tim=", s.tim);
    if (s.workers > 0) {
      field(" workers=", s.workers);
      field(" px_cr=", s.workersHits + s.workersReads);
      field(" px_hit=", s.workersHits);
      field(" px_read=", s.workersReads);
      field(" px_e=", s.workersElapsedUs);
      field(" px_c=", s.workersCpuUs);
    }
    endLine();
  }

  /** Writes an OS line; in strict form nothing. */
  public void os(OsRecord r) {
    if (form == TraceForm.STRICT) {
      return;
    }
    stamps.beforeLine(r.tim);
    os.write(r);
    endLine();
  }

  /** Writes a SYSCALL line; in strict form nothing. */
  public void systemCall(SystemCallRecord r) {
    if (form == TraceForm.FULL) {
      stamps.beforeLine(r.tim);
      kernel.call(r);
      endLine();
    }
  }

  /** Writes an OS line of the kernel's own probes; in strict form nothing. */
  public void kernelSum(KernelSumRecord r) {
    if (form == TraceForm.FULL) {
      stamps.beforeLine(r.tim);
      kernel.sum(r);
      endLine();
    }
  }

  /**
   * Begins the bind values of an execution.
   *
   * @param count number of values that follow; with 0 nothing is written
   * @param tim moment of the bind, for a stamp where one is due
   */
  public void bindsStart(long cursor, int count, long tim) {
    if (count == 0) {
      return;
    }
    stamps.beforeLine(tim);
    out.ascii("BINDS #");
    out.decimal(cursor);
    out.put(':');
    endLine();
    out.put('\n');
  }

  /** Writes one bind value. */
  public void bind(BindRecord b) {
    binds.write(b);
  }

  /**
   * Writes bind values that were read.
   *
   * @param tim moment of the bind, for a stamp where one is due
   */
  public void binds(BindsRecord b, long tim) {
    bindsStart(b.cursor, b.values().size(), tim);
    b.values().forEach(binds::write);
  }

  /** Ends the bind values. Oracle's grammar has no line for it. */
  public void bindsEnd() {}

  /** Writes a STAT line. */
  public void stat(StatRecord s) {
    StatWriter.write(out, s);
    endLine();
  }

  /** Writes a STAT line for each node of a plan, in the order given (preorder). */
  public void stats(long cursor, List<PlanNodeRecord> nodes) {
    for (int i = 0; i < nodes.size(); i++) {
      stat.set(cursor, nodes.get(i));
      stat(stat);
    }
  }

  /**
   * Writes a PLAN block; in strict form nothing.
   *
   * @param planHash unsigned 32 bits
   * @param untracedWorkers parallel workers that ran it and whose figures are not known
   * @param nodes in preorder
   */
  public void plan(long cursor, long planHash, long untracedWorkers, List<PlanNodeRecord> nodes) {
    if (form == TraceForm.FULL) {
      planHead(cursor, planHash);
      if (untracedWorkers > 0) {
        field(" workers not traced: ", untracedWorkers);
      }
      endLine();
      plans.write(nodes);
    }
  }

  /**
   * Writes a PLAN block of an execution that runs: what the planner expects; in strict form
   * nothing.
   *
   * @param planHash unsigned 32 bits
   * @param nodes in preorder
   */
  public void runningPlan(long cursor, long planHash, List<PlanNodeRecord> nodes) {
    if (form == TraceForm.FULL) {
      planHead(cursor, planHash);
      out.ascii(" running");
      endLine();
      plans.writeEstimates(nodes);
    }
  }

  private void planHead(long cursor, long planHash) {
    field("PLAN #", cursor);
    out.ascii(": plh=");
    out.unsignedDecimal(planHash);
  }

  /**
   * Writes an ERROR line, right after the line of the call that failed.
   *
   * @param sqlState36 see {@link SqlState}
   */
  public void error(long cursor, int sqlState36, long tim) {
    stamps.beforeLine(tim);
    out.ascii("ERROR #");
    out.decimal(cursor);
    field(":err=", sqlState36);
    field(" tim=", tim);
    endLine();
  }

  /** Writes an ERROR line that was read. */
  public void error(ErrorRecord e) {
    error(e.cursor, (int) e.error, e.tim);
  }

  /**
   * Writes the message of an error, as one line; in strict form nothing.
   *
   * @param sqlState five characters
   * @param position in characters of the statement, from 1; 0 for none
   */
  public void errorText(long cursor, String sqlState, byte[] msg, int off, int len, int position) {
    if (form == TraceForm.STRICT) {
      return;
    }
    out.ascii(" ERRTEXT #");
    out.decimal(cursor);
    out.ascii(": ");
    out.ascii(sqlState);
    out.put(' ');
    out.appendLine(msg, off, len, ' ');
    if (position > 0) {
      field(" (position ", position);
      out.put(')');
    }
    out.put('\n');
  }

  /** Writes a message that was read, with its position; in strict form nothing. */
  public void errorText(ErrorTextRecord text) {
    if (form == TraceForm.FULL) {
      ByteSpan message = text.message;
      errorText(text.cursor, text.sqlState, message.array(), message.offset(), message.length(), 0);
    }
  }

  /** Writes in which file the trace goes on, or began. */
  public void continuation(ContinuationRecord c) {
    out.ascii(c.isFrom ? " \n\n*** TRACE CONTINUED FROM FILE " : "\n*** TRACE CONTINUES IN FILE ");
    ServerText.append(out, c.path);
    out.ascii(" ***\n\n");
  }

  /** Writes the end of a transaction. */
  public void xctend(boolean rollback, boolean readOnly, long tim) {
    stamps.beforeLine(tim);
    field("XCTEND rlbk=", rollback ? 1 : 0);
    field(", rd_only=", readOnly ? 1 : 0);
    field(", tim=", tim);
    out.put('\n');
  }

  /** Writes an XCTEND line that was read. */
  public void xctend(TransactionEndRecord end) {
    xctend(end.isRollback, end.isReadOnly, end.tim);
  }

  /** Writes a LOST line that was read. */
  public void lost(LostRecord l) {
    if (l.ebpf >= 0) {
      lostOfKernel(l.ebpf, l.fromTim, l.toTim);
    } else {
      lost(l.full, l.tooBig, l.writerDied, l.fromTim, l.toTim);
    }
  }

  /**
   * Writes where events are missing, and how many by cause; in both forms.
   *
   * @param full dropped because the ring was full
   * @param tooBig dropped because they were over the limit of a record
   * @param writerDied unfinished when their process died
   * @param fromTim first moment of the gap
   * @param toTim last moment of the gap
   */
  public void lost(long full, long tooBig, long writerDied, long fromTim, long toTim) {
    stamps.beforeLine(toTim);
    field("*** LOST ", full + tooBig + writerDied);
    field(" EVENTS (full=", full);
    field(", too_big=", tooBig);
    field(", writer_died=", writerDied);
    field(") BETWEEN ", fromTim);
    field(" AND ", toTim);
    out.put('\n');
  }

  /**
   * Writes where events of the kernel's own probes are missing; in strict form nothing.
   *
   * @param fromTim first moment of the gap
   * @param toTim last moment of the gap
   */
  public void lostOfKernel(long events, long fromTim, long toTim) {
    if (form == TraceForm.STRICT) {
      return;
    }
    stamps.beforeLine(toTim);
    field("*** LOST ", events);
    field(" EVENTS (ebpf=", events);
    field(") BETWEEN ", fromTim);
    field(" AND ", toTim);
    out.put('\n');
  }

  /** Writes that the session's trace ends here and why; in strict form its moment alone. */
  public void sessionEnd(String reason, long tim) {
    stamps.beforeKey(tim);
    if (form == TraceForm.FULL) {
      key("SESSION END", reason, tim);
    }
  }

  private void endLine() {
    if (worker > 0 && form == TraceForm.FULL) {
      // PostgreSQL counts them from 0.
      field(" px=", worker - 1);
    }
    out.put('\n');
  }

  private void field(String label, long value) {
    out.ascii(label);
    out.decimal(value);
  }
}
