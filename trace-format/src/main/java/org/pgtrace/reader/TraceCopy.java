package org.pgtrace.reader;

import org.pgtrace.format.BindsRecord;
import org.pgtrace.format.ByteSpan;
import org.pgtrace.format.CallRecord;
import org.pgtrace.format.CloseRecord;
import org.pgtrace.format.ContinuationRecord;
import org.pgtrace.format.ErrorRecord;
import org.pgtrace.format.ErrorTextRecord;
import org.pgtrace.format.HeadRecord;
import org.pgtrace.format.HitRecord;
import org.pgtrace.format.KernelSumRecord;
import org.pgtrace.format.KeyRecord;
import org.pgtrace.format.LostRecord;
import org.pgtrace.format.ObjectRecord;
import org.pgtrace.format.OsRecord;
import org.pgtrace.format.PlanRecord;
import org.pgtrace.format.StampRecord;
import org.pgtrace.format.StatRecord;
import org.pgtrace.format.StatementRecord;
import org.pgtrace.format.SummaryRecord;
import org.pgtrace.format.SystemCallRecord;
import org.pgtrace.format.TraceBuffer;
import org.pgtrace.format.TraceWriter;
import org.pgtrace.format.TransactionEndRecord;
import org.pgtrace.format.WaitLine;

/**
 * Writes a trace of pg_trace again as it was read, record by record: each byte comes from a field
 * that the reader has understood.
 */
public class TraceCopy implements TraceVisitor {
  private final TraceBuffer out;
  private final TraceWriter writer;
  private boolean isInHead;

  /**
   * @param out where the lines go
   */
  public TraceCopy(TraceBuffer out) {
    this.out = out;
    writer = TraceWriter.copying(out);
  }

  /** The writer, for a line of the session or of the worker whose record it is. */
  private TraceWriter of(Place at) {
    writer.setWorker(at.worker());
    return writer;
  }

  @Override
  public void head(HeadRecord head, Place at) {
    writer.headLine(head);
    isInHead = true;
  }

  @Override
  public void stamp(StampRecord stamp, Place at) {
    endHead();
    writer.stamp(stamp.epochUs);
  }

  private void endHead() {
    if (isInHead) {
      isInHead = false;
      out.put('\n');
    }
  }

  @Override
  public void key(KeyRecord key, Place at) {
    writer.keyedLine(key.key, key.value, key.epochUs);
  }

  @Override
  public void statement(StatementRecord s, Place at) {
    of(at).statement(s);
  }

  @Override
  public void call(CallRecord call, Place at) {
    of(at).call(call);
  }

  @Override
  public void close(CloseRecord c, Place at) {
    of(at).close(c);
  }

  @Override
  public void binds(BindsRecord binds, Place at) {
    of(at).binds(binds, 0);
  }

  @Override
  public void wait(WaitLine wait, Place at) {
    of(at).wait(wait);
  }

  @Override
  public void hits(HitRecord hits, Place at) {
    of(at).hits(hits);
  }

  @Override
  public void object(ObjectRecord object, Place at) {
    writer.object(object);
  }

  @Override
  public void stat(StatRecord stat, Place at) {
    of(at).stat(stat);
  }

  @Override
  public void plan(PlanRecord plan, Place at) {
    if (plan.isRunning) {
      of(at).runningPlan(plan.cursor, plan.planHash, plan.nodes);
    } else {
      of(at).plan(plan.cursor, plan.planHash, plan.untracedWorkers, plan.nodes);
    }
  }

  @Override
  public void summary(SummaryRecord summary, Place at) {
    of(at).summary(summary);
  }

  @Override
  public void os(OsRecord os, Place at) {
    of(at).os(os);
  }

  @Override
  public void kernelSum(KernelSumRecord sum, Place at) {
    of(at).kernelSum(sum);
  }

  @Override
  public void systemCall(SystemCallRecord call, Place at) {
    of(at).systemCall(call);
  }

  @Override
  public void error(ErrorRecord error, Place at) {
    of(at).error(error);
  }

  @Override
  public void errorText(ErrorTextRecord text, Place at) {
    writer.errorText(text);
  }

  @Override
  public void transactionEnd(TransactionEndRecord end, Place at) {
    writer.xctend(end);
  }

  @Override
  public void lost(LostRecord lost, Place at) {
    writer.lost(lost);
  }

  @Override
  public void continuation(ContinuationRecord continuation, Place at) {
    endHead();
    writer.continuation(continuation);
  }

  @Override
  public void other(ByteSpan line, Place at) {
    out.append(line.array(), line.offset(), line.length());
    out.put('\n');
  }
}
