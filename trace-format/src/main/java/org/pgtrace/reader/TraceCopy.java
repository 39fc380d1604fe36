package org.pgtrace.reader;

import org.pgtrace.format.BindValue;
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
    writer.setWorker(at.worker());
    writer.statement(s);
  }

  @Override
  public void call(CallRecord call, Place at) {
    writer.setWorker(at.worker());
    writer.call(call);
  }

  @Override
  public void close(CloseRecord c, Place at) {
    writer.setWorker(at.worker());
    writer.close(c.cursor, c.cpuUs, c.elapsedUs, c.depth, c.type, c.tim);
  }

  @Override
  public void binds(BindsRecord binds, Place at) {
    writer.setWorker(at.worker());
    writer.bindsStart(binds.cursor, binds.values().size(), 0);
    for (BindValue value : binds.values()) {
      writer.bind(value);
    }
  }

  @Override
  public void wait(WaitLine wait, Place at) {
    writer.setWorker(at.worker());
    writer.wait(wait);
  }

  @Override
  public void hits(HitRecord hits, Place at) {
    writer.setWorker(at.worker());
    writer.hits(hits);
  }

  @Override
  public void object(ObjectRecord object, Place at) {
    writer.object(object);
  }

  @Override
  public void stat(StatRecord stat, Place at) {
    writer.setWorker(at.worker());
    writer.stat(stat);
  }

  @Override
  public void plan(PlanRecord plan, Place at) {
    writer.setWorker(at.worker());
    if (plan.isRunning) {
      writer.runningPlan(plan.cursor, plan.planHash, plan.nodes);
    } else {
      writer.plan(plan.cursor, plan.planHash, plan.untracedWorkers, plan.nodes);
    }
  }

  @Override
  public void summary(SummaryRecord summary, Place at) {
    writer.setWorker(at.worker());
    writer.summary(summary);
  }

  @Override
  public void os(OsRecord os, Place at) {
    writer.setWorker(at.worker());
    writer.os(os);
  }

  @Override
  public void kernelSum(KernelSumRecord sum, Place at) {
    writer.setWorker(at.worker());
    writer.kernelSum(sum);
  }

  @Override
  public void systemCall(SystemCallRecord call, Place at) {
    writer.setWorker(at.worker());
    writer.systemCall(call);
  }

  @Override
  public void error(ErrorRecord error, Place at) {
    writer.setWorker(at.worker());
    writer.error(error.cursor, (int) error.error, error.tim);
  }

  @Override
  public void errorText(ErrorTextRecord text, Place at) {
    writer.errorText(text);
  }

  @Override
  public void transactionEnd(TransactionEndRecord end, Place at) {
    writer.xctend(end.isRollback, end.isReadOnly, end.tim);
  }

  @Override
  public void lost(LostRecord lost, Place at) {
    if (lost.ebpf >= 0) {
      writer.lostOfKernel(lost.ebpf, lost.fromTim, lost.toTim);
    } else {
      writer.lost(lost.full, lost.tooBig, lost.writerDied, lost.fromTim, lost.toTim);
    }
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
