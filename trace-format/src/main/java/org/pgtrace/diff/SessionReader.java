package org.pgtrace.diff;

import java.util.HashMap;
import java.util.Map;
import org.pgtrace.format.CallKind;
import org.pgtrace.format.CallRecord;
import org.pgtrace.format.CloseRecord;
import org.pgtrace.format.ContinuationRecord;
import org.pgtrace.format.ErrorRecord;
import org.pgtrace.format.HeadRecord;
import org.pgtrace.format.HitRecord;
import org.pgtrace.format.KeyRecord;
import org.pgtrace.format.LostRecord;
import org.pgtrace.format.NormalizedSql;
import org.pgtrace.format.ObjectRecord;
import org.pgtrace.format.PlanNodeRecord;
import org.pgtrace.format.PlanRecord;
import org.pgtrace.format.ServerText;
import org.pgtrace.format.SqlState;
import org.pgtrace.format.StatRecord;
import org.pgtrace.format.StatementRecord;
import org.pgtrace.format.WaitLine;
import org.pgtrace.reader.Diagnostic;
import org.pgtrace.reader.Place;
import org.pgtrace.reader.TraceVisitor;

/** Adds one session's trace to a workload. */
final class SessionReader implements TraceVisitor {
  private static final String IDLE = "SQL*Net message from client";

  /** In the line of the head that names the product. */
  private static final String FULL_FORM = "trace format ";

  /** Key of a session's last line, in the full form. */
  private static final String END = "SESSION END";

  /** Cursors of what parallel workers run themselves begin here. */
  private static final long WORKER_CURSORS = 1 << 20;

  /** Below are Oracle's errors: no SQLSTATE of an error is so small a number. */
  private static final long SQLSTATE_MIN = 90_000;

  private static final StatementKey NO_TEXT = new StatementKey("(text not in the trace)", false);

  private final Workload workload;
  private final Map<Long, CursorState> cursors = new HashMap<>();
  private final NestedCalls nested = new NestedCalls();

  /** Names that OBJECT lines gave, by {@code #FILE}. */
  private final Map<String, String> names = new HashMap<>();

  /** Blocks whose relation may be named later. */
  private final Map<StatementStats, Map<String, ObjectReads>> unnamed = new HashMap<>();

  private boolean isFullForm;
  private boolean hasEnd;
  private boolean goesOn;

  SessionReader(Workload workload) {
    this.workload = workload;
  }

  @Override
  public void head(HeadRecord head, Place at) {
    isFullForm |= head.label.isEmpty() && head.value.contains(FULL_FORM);
  }

  @Override
  public void key(KeyRecord key, Place at) {
    hasEnd |= key.key.equals(END);
  }

  @Override
  public void continuation(ContinuationRecord continuation, Place at) {
    goesOn |= !continuation.isFrom;
  }

  @Override
  public void statement(StatementRecord record, Place at) {
    CursorState before = cursors.get(record.cursor);
    if (before != null) {
      settle(before);
    }
    StatementKey key = new StatementKey(NormalizedSql.of(record.text), record.depth > 0);
    StatementStats statement = workload.statement(key);
    cursors.put(record.cursor, new CursorState(statement, record.isError));
    if (record.isError && record.error != StatementRecord.NONE) {
      statement.errors.merge(errorName(record.error), 1L, Long::sum);
    }
  }

  private CursorState cursor(long number) {
    return cursors.computeIfAbsent(
        number, n -> new CursorState(workload.statement(NO_TEXT), false));
  }

  @Override
  public void call(CallRecord call, Place at) {
    if (call.kind == CallKind.UNMAP || call.kind == CallKind.SORT_UNMAP) {
      return;
    }
    if (at.worker() > 0 && call.cursor < WORKER_CURSORS) {
      nested.part(at.worker(), call.depth);
      return;
    }
    hasEnd = false;
    nested.call(at.worker(), call);
    CursorState cursor = cursor(call.cursor);
    cursor.finishPlan(cursor.planHash);
    if (call.kind == CallKind.PARSE) {
      cursor.dropPending();
      return;
    }
    StatementStats statement = cursor.statement;
    statement.rows += call.rows;
    statement.reads += nested.reads();
    statement.physical += nested.physical();
    statement.dirtied += nested.dirtied();
    statement.elapsed += nested.elapsedUs();
    statement.cpu += nested.cpuUs();
    if (call.planHash != 0) {
      cursor.planHash = call.planHash;
    }
    execution(call, statement);
    flush(cursor);
  }

  private static void execution(CallRecord call, StatementStats statement) {
    int executions = call.kind == CallKind.EXEC ? 1 : 0;
    statement.executions += executions;
    if (call.planHash != 0) {
      statement.plan(call.planHash).executions += executions;
    }
  }

  @Override
  public void close(CloseRecord close, Place at) {
    nested.close(at.worker(), close.depth, close.elapsedUs, close.cpuUs);
    CursorState cursor = cursors.get(close.cursor);
    if (cursor != null && at.worker() == 0) {
      settle(cursor);
    }
  }

  @Override
  public void wait(WaitLine wait, Place at) {
    if (!wait.isByKernel) {
      workload.hasWaits = true;
    }
    if (wait.cursor == 0 || wait.name.equals(IDLE)) {
      return;
    }
    CursorState cursor = cursor(wait.cursor);
    if (cursor.isFailed) {
      return;
    }
    String name = wait.isReadByOthers() ? wait.name + " by others" : wait.name;
    cursor.wait(name).add(1, wait.elapsedUs);
    long blocks = wait.blocks();
    if (wait.name.startsWith("direct path") && wait.name.endsWith(" temp")) {
      cursor.tempBlocks += blocks;
    } else if (wait.name.startsWith("db file") && wait.name.endsWith(" read")) {
      cursor.object(objectName(wait.relation, wait.value1)).read += blocks;
    }
  }

  @Override
  public void hits(HitRecord hits, Place at) {
    workload.hasHits = true;
    if (hits.cursor == 0) {
      return;
    }
    CursorState cursor = cursor(hits.cursor);
    if (!cursor.isFailed) {
      String name = objectName(ServerText.decode(hits.relation), hits.relationFile);
      cursor.object(name).hit += hits.blocks();
    }
  }

  private static String objectName(String name, long file) {
    return name.isEmpty() ? "#" + file : name;
  }

  @Override
  public void object(ObjectRecord object, Place at) {
    names.put("#" + object.file, object.name);
  }

  @Override
  public void stat(StatRecord stat, Place at) {
    if (at.worker() == 0) {
      cursor(stat.cursor).stat(stat);
    }
  }

  @Override
  public void plan(PlanRecord plan, Place at) {
    if (at.worker() > 0 || plan.isRunning || plan.nodes.isEmpty()) {
      return;
    }
    CursorState cursor = cursor(plan.cursor);
    cursor.finishPlan(plan.planHash);
    PlanNodeRecord root = plan.nodes.get(0);
    cursor.statement.tempOfPlans += root.tempRead + root.tempWritten;
  }

  @Override
  public void error(ErrorRecord error, Place at) {
    if (error.cursor != 0 && at.worker() == 0) {
      cursor(error.cursor).statement.errors.merge(errorName(error.error), 1L, Long::sum);
    }
  }

  private static String errorName(long error) {
    return error < SQLSTATE_MIN || error > Integer.MAX_VALUE
        ? "ORA-%05d".formatted(error)
        : SqlState.toText((int) error);
  }

  @Override
  public void lost(LostRecord lost, Place at) {
    if (lost.ebpf < 0) {
      workload.lostEvents += lost.events();
    }
  }

  @Override
  public void diagnostic(Diagnostic diagnostic) {
    if (diagnostic.severity() == Diagnostic.Severity.DAMAGE) {
      workload.damaged(diagnostic.toString());
    }
  }

  /** A cursor's executions are over. */
  private void settle(CursorState cursor) {
    cursor.finishPlan(cursor.planHash);
    flush(cursor);
  }

  /** What was since the last call belongs to this one. */
  private void flush(CursorState cursor) {
    StatementStats statement = cursor.statement;
    statement.tempOfWaits += cursor.tempBlocks;
    cursor.waits.forEach(
        (name, wait) -> statement.waits.computeIfAbsent(name, n -> new Tallied()).add(wait));
    cursor.objects.forEach((name, reads) -> addObject(statement, name, reads));
    cursor.dropPending();
  }

  private void addObject(StatementStats statement, String name, ObjectReads reads) {
    if (name.startsWith("#")) {
      unnamed
          .computeIfAbsent(statement, s -> new HashMap<>())
          .computeIfAbsent(name, n -> new ObjectReads())
          .add(reads);
    } else {
      workload.object(statement, name, reads);
    }
  }

  /** Whether the file goes to the end of its session, as far as its form tells. */
  boolean isWhole() {
    return hasEnd || goesOn || !isFullForm;
  }

  /** Whether there is another file of it. */
  boolean goesOn() {
    return goesOn;
  }

  /** The file is over: what has no name until now has none, and is taken for the server's own. */
  void end() {
    cursors.values().forEach(this::settle);
    unnamed.forEach(
        (statement, objects) ->
            objects.forEach(
                (file, reads) -> {
                  String name = names.get(file);
                  if (name != null) {
                    workload.object(statement, name, reads);
                  }
                }));
  }
}
