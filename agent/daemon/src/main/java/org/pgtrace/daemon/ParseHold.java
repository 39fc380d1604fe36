package org.pgtrace.daemon;

import java.util.ArrayList;
import java.util.List;
import org.pgtrace.ring.EventCopies;
import org.pgtrace.ring.EventHandler;
import org.pgtrace.ring.EventLayout.Attribute;
import org.pgtrace.ring.EventLayout.Call;
import org.pgtrace.ring.EventLayout.Error;
import org.pgtrace.ring.EventLayout.Record;
import org.pgtrace.ring.EventLayout.Statement;
import org.pgtrace.ring.EventLayout.Wait;
import org.pgtrace.ring.EventRecord;
import org.pgtrace.ring.Layout;

/**
 * Gives the waits and buffer hits of a parse their cursor.
 *
 * <p>The server waits and finds blocks while it parses a statement of which nobody has seen the
 * text yet. The first such record, and all that follows, is held back until the parses of all such
 * records have ended. Then everything is handed on in its order, but for a text, which goes before
 * the first of them that names its cursor. With nothing held a record costs a comparison and no
 * copy. What others do for the session is held in its place, and tells nothing of its parses.
 */
final class ParseHold implements EventHandler {
  /** Bytes of records that are held, at most; a small ring sets a lower limit. */
  static final int BYTES_MAX = 1 << 20;

  private static final int PART_OF_RING = 4;

  private final EventHandler next;
  private final int limit;
  private final EventCopies held = new EventCopies();

  /** Those of the parses that have not ended. */
  private final List<EventRecord> open = new ArrayList<>();

  /**
   * @param next who gets the records
   * @param ringSize bytes
   */
  ParseHold(EventHandler next, int ringSize) {
    this.next = next;
    this.limit = Math.min(BYTES_MAX, ringSize / PART_OF_RING);
  }

  boolean isHolding() {
    return held.size() > 0;
  }

  @Override
  public boolean onEvent(EventRecord event) {
    boolean isOfParse = isOfParse(event);
    if (!isHolding() && !isOfParse) {
      return next.onEvent(event);
    }
    if (endsEveryParse(event) || held.bytes() + event.length() > limit) {
      release();
      return onEvent(event);
    }
    EventRecord copy = held.add(event);
    if (isOfParse) {
      open.add(copy);
      return true;
    }
    if (!event.isFromWorkers()) {
      settle(event);
    }
    return !open.isEmpty() || release();
  }

  /**
   * Hands on what is held. What is of a parse that has not ended is in no statement.
   *
   * @return what the last record's handler says
   */
  boolean release() {
    open.forEach(copy -> CursorFields.name(held, copy, 0));
    open.clear();
    boolean goOn = true;
    for (int i = 0; i < held.size(); i++) {
      goOn = next.onEvent(held.get(i));
    }
    held.clear();
    return goOn;
  }

  private static boolean isOfParse(EventRecord event) {
    return !event.isFromWorkers()
        && CursorFields.areIn(event)
        && CursorFields.cursorOf(event) == Layout.CURSOR_NEXT_PARSE;
  }

  /** Also where records are missing, and where the file ends: nothing is held beyond that. */
  private static boolean endsEveryParse(EventRecord event) {
    if (event.isFromWorkers()) {
      return false;
    }
    return switch (event.type()) {
      case Layout.EV_IDLE, Layout.EV_SESSION_END, Layout.EV_LOST -> true;
      case Layout.EV_WAIT ->
          event.i32(Wait.CURSOR) == 0 && event.u8(Wait.KIND) == Layout.WAIT_CLIENT;
      case Layout.EV_ATTRIBUTE -> event.i32(Attribute.KEY) == Layout.ATTR_IDENTIFIER;
      default -> false;
    };
  }

  /** What the last record held says about those before it. */
  private void settle(EventRecord last) {
    switch (last.type()) {
      case Layout.EV_CALL -> {
        switch (last.u8(Call.KIND)) {
          case Layout.CALL_PARSE ->
              parsed(last.i32(Call.CURSOR), last.u16(Call.DEPTH), last.i64(Call.START_NS));
          case Layout.CALL_EXEC, Layout.CALL_FETCH -> executed(last.u16(Call.DEPTH));
          default -> {}
        }
      }
      case Layout.EV_ERROR -> {
        if ((last.u16(Error.FLAGS) & Layout.ERROR_PARSE) != 0) {
          parsed(last.i32(Error.CURSOR), last.u16(Error.DEPTH), Long.MIN_VALUE);
        }
      }
      case Layout.EV_WAIT, Layout.EV_HITS -> {
        if (CursorFields.cursorOf(last) != 0) {
          executed(CursorFields.depthOf(last));
        }
      }
      default -> {}
    }
  }

  /** A statement that executes is parsed no more, and a parse that comes later began later. */
  private void executed(int depth) {
    parsed(0, depth, Long.MAX_VALUE);
  }

  /** A parse has ended. What began before it did was in none. */
  private void parsed(int cursor, int depth, long startNs) {
    int first = -1;
    for (int i = 0; i < open.size(); i++) {
      EventRecord copy = open.get(i);
      if (CursorFields.depthOf(copy) == depth) {
        boolean inside = CursorFields.beginNs(copy) >= startNs;
        CursorFields.name(held, copy, inside ? cursor : 0);
        first = inside && first < 0 ? i : first;
      }
    }
    if (first >= 0) {
      moveText(cursor, open.get(first));
    }
    open.removeIf(copy -> !isOfParse(copy));
  }

  /** Where the cursor's text has come after a record, moves it, with the error in it, before. */
  private void moveText(int cursor, EventRecord record) {
    int to = 0;
    while (held.get(to) != record) {
      to++;
    }
    int last = held.size() - 1;
    int end = last;
    while (end > to && !isTextOf(held.get(end - 1), cursor)) {
      end--;
    }
    int from = end;
    while (from > to && isInTextOf(held.get(from - 1), cursor)) {
      from--;
    }
    if (end > to && end == last && held.get(last).type() == Layout.EV_ERROR) {
      end++;
    }
    for (int i = from; i < end; i++) {
      EventRecord part = held.get(i);
      if (!part.isFromWorkers()) {
        held.putI64(part, Record.TIME_NS, record.timeNs());
        held.move(i, 1, to);
        to++;
      }
    }
  }

  /** What others have done while the text was written stands in between its parts. */
  private static boolean isInTextOf(EventRecord record, int cursor) {
    return record.isFromWorkers() || isTextOf(record, cursor);
  }

  private static boolean isTextOf(EventRecord record, int cursor) {
    return !record.isFromWorkers()
        && record.type() == Layout.EV_STATEMENT
        && record.i32(Statement.CURSOR) == cursor;
  }
}
