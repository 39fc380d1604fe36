package org.pgtrace.daemon;

import org.pgtrace.ring.Body;
import org.pgtrace.ring.EventLayout.Buffers;
import org.pgtrace.ring.EventLayout.Call;
import org.pgtrace.ring.EventLayout.Node;
import org.pgtrace.ring.Layout;
import org.pgtrace.ring.NativeSegment;

/** What a ring is full of. */
public enum Mix {
  /** FETCH calls and nothing else. */
  CALLS {
    @Override
    boolean write(NativeSegment.Session session, long number) {
      return call(session, Layout.CALL_FETCH, NativeSegment.MONO_NS + number * STEP_NS);
    }
  },

  /** A prepared select of one row, with its plan: {@code pgbench -M prepared -S}. */
  SELECTS {
    @Override
    boolean write(NativeSegment.Session session, long number) {
      long time = NativeSegment.MONO_NS + number * STEP_NS;
      return calls(session, time);
    }
  },

  /** The same, with its text sent each time and one bind value: a client that prepares nothing. */
  TEXTS {
    @Override
    boolean write(NativeSegment.Session session, long number) {
      long time = NativeSegment.MONO_NS + number * STEP_NS;
      return session.write(Body.statement(CURSOR, "SELECT", TEXT), 0, time)
          && session.write(
              Body.bind(CURSOR, 1, INT4_OID, "integer", Long.toString(number)), 0, time)
          && calls(session, time);
    }
  };

  private static final int CURSOR = 101;
  private static final int INT4_OID = 23;
  private static final int PLAN_HASH = 0x6b1c23d4;

  /** From one transaction to the next. */
  private static final long STEP_NS = 87_654;

  private static final long MONO_OFFSET_NS = 31_234;

  private static final String TEXT = "SELECT abalance FROM pgbench_accounts WHERE aid = $1";
  private static final String OPERATION =
      "Index Scan using pgbench_accounts_pkey on pgbench_accounts";

  /** Writes one transaction; false where something of it was dropped. */
  abstract boolean write(NativeSegment.Session session, long number);

  /** Writes until the ring is full; what is dropped at the end leaves no trace in the ring. */
  void fill(NativeSegment.Session session) {
    long number = 0;
    while (write(session, number)) {
      number++;
    }
  }

  private static boolean calls(NativeSegment.Session session, long time) {
    return call(session, Layout.CALL_PARSE, time)
        && call(session, Layout.CALL_EXEC, time + 10_000)
        && call(session, Layout.CALL_FETCH, time + 20_000)
        && session.write(Body.plan(CURSOR, PLAN_HASH, 1), Layout.RF_MORE, time + 25_000)
        && session.write(node(), 0, time + 25_000)
        && call(session, Layout.CALL_CLOSE, time + 30_000)
        && session.write(Body.xactEnd(false, true), 0, time + 35_000);
  }

  private static boolean call(NativeSegment.Session session, int kind, long time) {
    Body body =
        Body.call(CURSOR, kind, 0, time - MONO_OFFSET_NS, 1)
            .i64(Call.CPU_NS, 28_765)
            .i32(Call.PLAN_HASH, PLAN_HASH)
            .i64(Call.BUFFERS + Buffers.SHARED_HIT, 4);
    return session.write(body, 0, time);
  }

  private static Body node() {
    return Body.node(1, 0, OPERATION)
        .i32(Node.OBJECT, 16_397)
        .i32(Node.WIDTH, 4)
        .f64(Node.EST_ROWS, 1)
        .f64(Node.TOTAL_COST, 8.31)
        .i64(Node.ROWS, 1)
        .i64(Node.STARTUP_NS, 12_345)
        .i64(Node.TOTAL_NS, 13_456)
        .i64(Node.BUFFERS + Buffers.SHARED_HIT, 4);
  }
}
