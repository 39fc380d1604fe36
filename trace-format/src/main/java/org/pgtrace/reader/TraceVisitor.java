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
import org.pgtrace.format.LobRecord;
import org.pgtrace.format.LostRecord;
import org.pgtrace.format.ObjectRecord;
import org.pgtrace.format.OsRecord;
import org.pgtrace.format.PlanRecord;
import org.pgtrace.format.StampRecord;
import org.pgtrace.format.StatRecord;
import org.pgtrace.format.StatementRecord;
import org.pgtrace.format.SummaryRecord;
import org.pgtrace.format.SystemCallRecord;
import org.pgtrace.format.TransactionEndRecord;
import org.pgtrace.format.WaitLine;

/**
 * Takes the records of a trace, in the order of the file. Records and places are used again: what
 * is to be kept has to be copied. Each method does nothing unless it is overridden.
 */
public interface TraceVisitor {
  /** A line of the head. */
  default void head(HeadRecord head, Place at) {}

  /** What time it is. */
  default void stamp(StampRecord stamp, Place at) {}

  /** A key of the session. */
  default void key(KeyRecord key, Place at) {}

  /** PARSING IN CURSOR or PARSE ERROR, with the text. */
  default void statement(StatementRecord statement, Place at) {}

  /** PARSE, EXEC, FETCH, UNMAP, SORT UNMAP. */
  default void call(CallRecord call, Place at) {}

  /** CLOSE. */
  default void close(CloseRecord close, Place at) {}

  /** BINDS with all its values. */
  default void binds(BindsRecord binds, Place at) {}

  /** WAIT. */
  default void wait(WaitLine wait, Place at) {}

  /** HIT. */
  default void hits(HitRecord hits, Place at) {}

  /** OBJECT. */
  default void object(ObjectRecord object, Place at) {}

  /** STAT. */
  default void stat(StatRecord stat, Place at) {}

  /** PLAN with all its nodes. */
  default void plan(PlanRecord plan, Place at) {}

  /** SUMMARY. */
  default void summary(SummaryRecord summary, Place at) {}

  /** OS, of getrusage() or /proc. */
  default void os(OsRecord os, Place at) {}

  /** OS, of the kernel's probes. */
  default void kernelSum(KernelSumRecord sum, Place at) {}

  /** SYSCALL. */
  default void systemCall(SystemCallRecord call, Place at) {}

  /** ERROR. */
  default void error(ErrorRecord error, Place at) {}

  /** ERRTEXT. */
  default void errorText(ErrorTextRecord text, Place at) {}

  /** XCTEND. */
  default void transactionEnd(TransactionEndRecord end, Place at) {}

  /** LOST. */
  default void lost(LostRecord lost, Place at) {}

  /** One of Oracle's LOB lines. */
  default void lob(LobRecord lob, Place at) {}

  /** In which file the trace goes on, or began. */
  default void continuation(ContinuationRecord continuation, Place at) {}

  /** A line that is none of these: text of other programs, or a damaged line. */
  default void other(ByteSpan line, Place at) {}

  /** Something is not as the grammar says. */
  default void diagnostic(Diagnostic diagnostic) {}
}
