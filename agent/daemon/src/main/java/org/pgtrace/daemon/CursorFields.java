package org.pgtrace.daemon;

import org.pgtrace.ring.EventCopies;
import org.pgtrace.ring.EventLayout.Hits;
import org.pgtrace.ring.EventLayout.Record;
import org.pgtrace.ring.EventLayout.Wait;
import org.pgtrace.ring.EventRecord;
import org.pgtrace.ring.Layout;

/**
 * Where a record of what a session does, a wait or buffer hits, has its statement: offsets of
 * fields.
 *
 * @param begin of the moment at which it began, or, where that is not known, was seen
 */
record CursorFields(int cursor, int depth, int node, int begin) {
  private static final CursorFields WAIT =
      new CursorFields(Wait.CURSOR, Wait.DEPTH, Wait.NODE, Wait.START_NS);

  private static final CursorFields HITS =
      new CursorFields(Hits.CURSOR, Hits.DEPTH, Hits.NODE, Record.TIME_NS);

  /** Whether it is a record of that kind. */
  static boolean areIn(EventRecord event) {
    return event.type() == Layout.EV_WAIT || event.type() == Layout.EV_HITS;
  }

  /** The cursor, or {@link Layout#CURSOR_NEXT_PARSE}. */
  static long cursorOf(EventRecord event) {
    return event.u32(of(event).cursor);
  }

  /** The cursor, or 0 where the record names none. */
  static int statementOf(EventRecord event) {
    long cursor = cursorOf(event);
    return cursor == Layout.CURSOR_NEXT_PARSE ? 0 : (int) cursor;
  }

  static int depthOf(EventRecord event) {
    return event.u16(of(event).depth);
  }

  static long beginNs(EventRecord event) {
    return event.i64(of(event).begin);
  }

  /**
   * Gives a copy its cursor, and no plan node: one that executes meanwhile belongs to another
   * statement.
   */
  static void name(EventCopies copies, EventRecord copy, int cursor) {
    copies.putI32(copy, of(copy).cursor, cursor);
    copies.putU16(copy, of(copy).node, 0);
  }

  private static CursorFields of(EventRecord event) {
    return event.type() == Layout.EV_HITS ? HITS : WAIT;
  }
}
