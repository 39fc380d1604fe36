package org.pgtrace.reader;

import org.pgtrace.format.CallKind;
import org.pgtrace.format.CallRecord;
import org.pgtrace.format.CloseRecord;
import org.pgtrace.format.ErrorRecord;
import org.pgtrace.format.ErrorTextRecord;
import org.pgtrace.format.LobRecord;
import org.pgtrace.format.TransactionEndRecord;

/** Reads the lines of calls, and of what ends them. */
final class CallLines {
  private static final byte[] C = Scan.ascii(":c=");
  private static final byte[] E = Scan.ascii(",e=");
  private static final byte[] P = Scan.ascii(",p=");
  private static final byte[] CR = Scan.ascii(",cr=");
  private static final byte[] CU = Scan.ascii(",cu=");
  private static final byte[] MIS = Scan.ascii(",mis=");
  private static final byte[] R = Scan.ascii(",r=");
  private static final byte[] DEP = Scan.ascii(",dep=");
  private static final byte[] OG = Scan.ascii(",og=");
  private static final byte[] PLH = Scan.ascii(",plh=");
  private static final byte[] TIM = Scan.ascii(",tim=");
  private static final byte[] TYPE = Scan.ascii(",type=");
  private static final byte[] PARTIAL = Scan.ascii(" partial");
  private static final byte[] ERR = Scan.ascii(":err=");
  private static final byte[] ERROR_TIM = Scan.ascii(" tim=");
  private static final byte[] RLBK = Scan.ascii("XCTEND rlbk=");
  private static final byte[] RD_ONLY = Scan.ascii(", rd_only=");
  private static final byte[] XCTEND_TIM = Scan.ascii(", tim=");
  private static final byte[] LOB_TYPE = Scan.ascii("type=");
  private static final byte[] LOB_BYTES = Scan.ascii("bytes=");
  private static final byte[] LOB_C = Scan.ascii("c=");
  private static final byte[] COLON = Scan.ascii(": ");

  final CallRecord call = new CallRecord();
  final CloseRecord close = new CloseRecord();
  final ErrorRecord error = new ErrorRecord();
  final ErrorTextRecord errorText = new ErrorTextRecord();
  final TransactionEndRecord transactionEnd = new TransactionEndRecord();
  final LobRecord lob = new LobRecord();

  /** From behind {@code NAME #}. */
  void call(Scan s, CallKind kind) {
    CallRecord r = call;
    r.kind = kind;
    r.cursor = s.number();
    r.cpuUs = s.number(C);
    r.elapsedUs = s.number(E);
    r.physicalReads = s.number(P);
    r.consistentGets = s.number(CR);
    r.currentGets = s.number(CU);
    r.misses = s.smallNumber(MIS);
    r.rows = s.number(R);
    r.depth = s.smallNumber(DEP);
    r.optimizerGoal = s.smallNumber(OG);
    // Since Oracle 11.1.0.7.
    r.planHash = s.skip(PLH) ? s.number() : 0;
    r.tim = s.number(TIM);
    r.isPartial = s.skip(PARTIAL);
    if (r.depth < 0) {
      s.fail();
    }
  }

  /** From behind {@code CLOSE #}. */
  void close(Scan s) {
    close.cursor = s.number();
    close.cpuUs = s.number(C);
    close.elapsedUs = s.number(E);
    close.depth = s.smallNumber(DEP);
    close.type = s.smallNumber(TYPE);
    close.tim = s.number(TIM);
    if (close.depth < 0) {
      s.fail();
    }
  }

  /** From behind {@code ERROR #}. */
  void error(Scan s) {
    error.cursor = s.number();
    error.error = s.number(ERR);
    error.tim = s.number(ERROR_TIM);
  }

  /** From behind {@code ERRTEXT #}. */
  void errorText(Scan s) {
    errorText.cursor = s.number();
    s.expect(COLON);
    errorText.sqlState = s.nameTo(' ');
    s.rest(errorText.message);
  }

  /** A whole line. */
  void transactionEnd(Scan s) {
    transactionEnd.isRollback = s.number(RLBK) != 0;
    transactionEnd.isReadOnly = s.number(RD_ONLY) != 0;
    transactionEnd.tim = s.skip(XCTEND_TIM) ? s.number() : -1;
  }

  /** A whole line. */
  void lob(Scan s) {
    LobRecord r = lob;
    r.name = s.nameTo(':');
    s.expect(' ');
    r.type = s.skip(LOB_TYPE) ? s.nameTo(',') : "";
    r.bytes = -1;
    if (s.skip(LOB_BYTES)) {
      r.bytes = s.number();
      s.expect(',');
    }
    r.cpuUs = s.number(LOB_C);
    r.elapsedUs = s.number(E);
    r.physicalReads = s.number(P);
    r.consistentGets = s.number(CR);
    r.currentGets = s.number(CU);
    r.tim = s.number(TIM);
  }
}
