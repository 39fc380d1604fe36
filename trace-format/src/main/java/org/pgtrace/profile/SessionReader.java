package org.pgtrace.profile;

import org.pgtrace.format.BindsRecord;
import org.pgtrace.format.CallKind;
import org.pgtrace.format.CallRecord;
import org.pgtrace.format.CloseRecord;
import org.pgtrace.format.ErrorRecord;
import org.pgtrace.format.ErrorTextRecord;
import org.pgtrace.format.HitRecord;
import org.pgtrace.format.KeyRecord;
import org.pgtrace.format.LobRecord;
import org.pgtrace.format.ObjectRecord;
import org.pgtrace.format.PlanRecord;
import org.pgtrace.format.ReadTier;
import org.pgtrace.format.StatRecord;
import org.pgtrace.format.StatementRecord;
import org.pgtrace.format.SummaryRecord;
import org.pgtrace.format.TransactionEndRecord;
import org.pgtrace.format.WaitLine;
import org.pgtrace.reader.Diagnostic;
import org.pgtrace.reader.Place;
import org.pgtrace.reader.TraceVisitor;

/** Adds up the lines of one file, which is one session. */
final class SessionReader implements TraceVisitor {
  /** Between calls this is the client's time to think. */
  static final String FROM_CLIENT = "SQL*Net message from client";

  private static final String SQL_NET = "SQL*Net message";
  private static final String LOB_CALLS = "(LOB calls)";

  /** Cursors of a parallel worker's own statements have such numbers; others are its leader's. */
  private static final long WORKERS_CURSORS = 1 << 20;

  private final SessionProfile session;
  private final Statements statements;
  private final DamageList damages;
  private final Cursors cursors;
  private final Errors errors;
  private final Objects objects = new Objects();
  private final CallStack stack = new CallStack();
  private final PendingWaits pending = new PendingWaits();
  private final Stretch stretch = new Stretch();

  /** Of the call that is being read. */
  private final CallFigures figures = new CallFigures();

  SessionReader(SessionProfile session, int number, Statements statements, DamageList damages) {
    this.session = session;
    this.statements = statements;
    this.damages = damages;
    cursors = new Cursors(statements, number);
    errors = new Errors(session);
  }

  @Override
  public void key(KeyRecord key, Place at) {
    switch (key.key) {
      case "SESSION ID" -> session.sessionId = key.value;
      case "SERVICE NAME" -> session.service = key.value;
      case "MODULE NAME" -> session.module = key.value;
      case "USER NAME" -> session.user = key.value;
      default -> {}
    }
  }

  @Override
  public void statement(StatementRecord statement, Place at) {
    StatementProfile profile = cursors.parsed(statement);
    profile.atDepth(statement.depth);
    if (statement.isError) {
      errors.failed(profile, statement.error);
    }
  }

  @Override
  public void call(CallRecord call, Place at) {
    Cursor cursor = cursors.get(call.cursor);
    if (call.planHash != 0) {
      cursor.planHash = call.planHash;
    }
    figures.clear();
    figures.count = 1;
    figures.cpuUs = call.cpuUs;
    figures.elapsedUs = call.elapsedUs;
    figures.disk = call.physicalReads;
    figures.query = call.consistentGets;
    figures.current = call.currentGets;
    figures.misses = call.misses;
    figures.rows = call.rows;
    if (at.worker() > 0) {
      workerCall(cursor, call.cursor, call.kind == CallKind.EXEC);
      return;
    }
    statements.callsWithoutText += cursor.statement.hasText ? 0 : 1;
    execution(cursor, call, at);
    ended(cursor, row(call.kind), call.depth, call.tim);
  }

  private static CallRow row(CallKind kind) {
    return switch (kind) {
      case PARSE -> CallRow.PARSE;
      case FETCH -> CallRow.FETCH;
      case EXEC, UNMAP, SORT_UNMAP -> CallRow.EXECUTE;
    };
  }

  private static void execution(Cursor cursor, CallRecord call, Place at) {
    boolean isExec = call.kind == CallKind.EXEC;
    if (isExec) {
      cursor.statement.executions++;
      cursor.executed(call.depth, call.elapsedUs, call.tim, at.file(), at.line());
    } else if (call.kind == CallKind.FETCH) {
      cursor.fetched(call.depth, call.elapsedUs, call.tim);
    } else {
      return;
    }
    if (call.planHash != 0) {
      PlanProfile plan = cursor.statement.plan(call.planHash);
      plan.executions += isExec ? 1 : 0;
      plan.elapsedUs += call.elapsedUs;
    }
  }

  @Override
  public void close(CloseRecord close, Place at) {
    Cursor cursor = cursors.get(close.cursor);
    figures.clear();
    figures.count = 1;
    figures.cpuUs = close.cpuUs;
    figures.elapsedUs = close.elapsedUs;
    if (at.worker() > 0) {
      workerCall(cursor, close.cursor, /* isPart= */ false);
      return;
    }
    cursor.end(close.depth);
    ended(cursor, CallRow.CLOSE, close.depth, close.tim);
  }

  @Override
  public void lob(LobRecord lob, Place at) {
    figures.clear();
    figures.count = 1;
    figures.cpuUs = lob.cpuUs;
    figures.elapsedUs = lob.elapsedUs;
    figures.disk = lob.physicalReads;
    figures.query = lob.consistentGets;
    figures.current = lob.currentGets;
    ended(cursors.ofStatement(statements.named(LOB_CALLS)), CallRow.LOB, 0, lob.tim);
  }

  /** A call of the session itself, whose {@link #figures} are set. */
  private void ended(Cursor cursor, CallRow row, int depth, long tim) {
    StatementProfile statement = cursor.statement;
    statement.atDepth(depth);
    statement.row(row).add(figures);
    long begin = tim - figures.elapsedUs;
    stretch.takes(begin, tim);
    int first = pending.firstInside(begin);
    for (int i = first; i < pending.size(); i++) {
      inside(statement, pending.name(i), pending.elapsedUs(i), pending.cpuUs(i));
    }
    pending.cutFrom(first);
    if (depth == 0) {
      allBetween(pending.size());
      session.calls++;
      session.callsUs += figures.elapsedUs;
      stretch.cpuInCallsUs += figures.cpuUs;
    }
    stack.ended(statement, depth, figures, row == CallRow.EXECUTE);
    statement.self.add(figures);
    cursor.variant.elapsedUs += figures.elapsedUs;
  }

  private void workerCall(Cursor cursor, long number, boolean isPart) {
    cursor.statement.workers.add(figures, isPart);
    if (number < WORKERS_CURSORS) {
      session.workers.add(figures, isPart);
    }
  }

  @Override
  public void wait(WaitLine wait, Place at) {
    StatementProfile statement =
        wait.cursor == 0 ? statements.none : cursors.get(wait.cursor).statement;
    boolean isByWorker = at.worker() > 0;
    reads(statement, wait, isByWorker);
    if (wait.isReadByOthers()) {
      String name = wait.name + (wait.by.equals("io_uring") ? " by io_uring" : " by io-worker");
      statement.readByOthers.add(name, wait.elapsedUs, wait.cpuUs);
      session.readByOthers.add(name, wait.elapsedUs, wait.cpuUs);
      return;
    }
    String name = wait.by.equals("pg_trace") ? wait.name + " (pg_trace)" : wait.name;
    if (isByWorker) {
      statement.workers.waits.add(name, wait.elapsedUs, wait.cpuUs);
      session.workers.waits.add(name, wait.elapsedUs, wait.cpuUs);
    } else if (wait.tim == WaitLine.NONE) {
      untimed(statement, wait);
    } else {
      stretch.takes(wait.tim - wait.elapsedUs, wait.tim);
      if (pending.isFull()) {
        decideOldest();
      }
      pending.add(wait.tim, wait.elapsedUs, wait.cpuUs, name, statement);
    }
  }

  private void reads(StatementProfile statement, WaitLine wait, boolean isByWorker) {
    long blocks = wait.name.contains("read") ? wait.blocks() : 0;
    if (blocks <= 0) {
      return;
    }
    long fromDisk = wait.tier == ReadTier.DISK ? blocks : 0;
    long fromCache = wait.tier == ReadTier.CACHE ? blocks : 0;
    if (isByWorker) {
      statement.workers.addBlocks(fromDisk, fromCache);
      session.workers.addBlocks(fromDisk, fromCache);
    } else {
      statement.diskBlocks += fromDisk;
      statement.cacheBlocks += fromCache;
      session.diskBlocks += fromDisk;
      session.cacheBlocks += fromCache;
    }
    ObjectBlocks object = statement.object(objects.of(wait));
    object.reads++;
    object.blocks += blocks;
    object.diskBlocks += fromDisk;
    object.cacheBlocks += fromCache;
    object.elapsedUs += isByWorker || wait.isReadByOthers() ? 0 : wait.elapsedUs;
  }

  /** Oracle before 10.2 does not say when a wait was: only the network's are between calls. */
  private void untimed(StatementProfile statement, WaitLine wait) {
    if (wait.name.startsWith(SQL_NET)) {
      between(statement, wait.name, wait.elapsedUs, 0);
    } else {
      inside(statement, wait.name, wait.elapsedUs, 0);
    }
  }

  private void inside(StatementProfile statement, String name, long elapsedUs, long cpuUs) {
    session.waits.add(name, elapsedUs, cpuUs);
    statement.waits.add(name, elapsedUs, cpuUs);
  }

  private void between(StatementProfile statement, String name, long elapsedUs, long cpuUs) {
    stretch.cpuBetweenUs += cpuUs;
    statement.waitsBetween.add(name, elapsedUs, cpuUs);
    if (name.equals(FROM_CLIENT)) {
      session.think.add(elapsedUs, cpuUs);
    } else {
      session.waits.add(name, elapsedUs, cpuUs);
    }
  }

  private void allBetween(int count) {
    for (int i = 0; i < count; i++) {
      between(pending.statement(i), pending.name(i), pending.elapsedUs(i), pending.cpuUs(i));
    }
    pending.cutBefore(count);
  }

  /** So many waits without a call that ended are those of one long call of their cursors. */
  private void decideOldest() {
    int count = pending.size() / 2;
    for (int i = 0; i < count; i++) {
      StatementProfile statement = pending.statement(i);
      if (statement == statements.none) {
        between(statement, pending.name(i), pending.elapsedUs(i), pending.cpuUs(i));
      } else {
        inside(statement, pending.name(i), pending.elapsedUs(i), pending.cpuUs(i));
      }
    }
    pending.cutBefore(count);
  }

  @Override
  public void hits(HitRecord hits, Place at) {
    if (hits.cursor != 0) {
      cursors.get(hits.cursor).statement.object(objects.of(hits)).hits += hits.blocks();
    }
  }

  @Override
  public void object(ObjectRecord object, Place at) {
    objects.learn(object);
  }

  @Override
  public void binds(BindsRecord binds, Place at) {
    if (at.worker() == 0) {
      cursors.get(binds.cursor).bind(Binds.of(binds));
    }
  }

  @Override
  public void stat(StatRecord stat, Place at) {
    Cursor cursor = cursors.get(stat.cursor);
    cursor.statement.plan(cursor.planHash).add(stat);
  }

  @Override
  public void plan(PlanRecord plan, Place at) {
    cursors.get(plan.cursor).statement.plan(plan.planHash).add(plan);
  }

  @Override
  public void summary(SummaryRecord summary, Place at) {
    if (summary.cursor == 0 && at.worker() == 0) {
      allBetween(pending.size());
      stretch.summaryInto(session, summary);
    }
  }

  @Override
  public void error(ErrorRecord error, Place at) {
    stretch.reaches(error.tim);
    errors.failed(cursors.get(error.cursor).statement, error.error);
  }

  @Override
  public void errorText(ErrorTextRecord text, Place at) {
    errors.told(text);
  }

  @Override
  public void transactionEnd(TransactionEndRecord end, Place at) {
    stretch.reaches(end.tim);
    if (end.isRollback) {
      session.rollbacks++;
    } else {
      session.commits++;
    }
  }

  @Override
  public void diagnostic(Diagnostic diagnostic) {
    damages.add(diagnostic);
  }

  /** The file has been read. */
  void end() {
    allBetween(pending.size());
    stretch.restInto(session);
    cursors.end();
    errors.end();
  }
}
