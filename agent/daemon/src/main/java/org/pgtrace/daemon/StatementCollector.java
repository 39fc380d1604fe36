package org.pgtrace.daemon;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.pgtrace.format.OracleCommandType;
import org.pgtrace.format.TraceWriter;
import org.pgtrace.ring.EventLayout.Statement;
import org.pgtrace.ring.EventRecord;
import org.pgtrace.ring.Layout;

/** Collects a statement's text until its last part has come. */
final class StatementCollector {
  /** Longest text that is kept, bytes. */
  private static final int TEXT_MAX = 256 << 20;

  private static final int TEXT_MIN = 16 * 1024;

  private final byte[] tag = new byte[Statement.TAG_LENGTH];
  private byte[] text = new byte[TEXT_MIN];
  private int length;
  private boolean open;
  private int cursor;
  private int depth;
  private int flags;
  private long uid;
  private long lid;
  private int sqlState;
  private int tagLength;
  private long tim;

  /** The tag of the statement before, and its number. */
  private final byte[] lastTag = new byte[Statement.TAG_LENGTH];

  private int lastTagLength;
  private int lastCommandType = OracleCommandType.of("");

  boolean isOpen() {
    return open;
  }

  /** Takes a part; false where it belongs to no text that has begun. */
  boolean add(EventRecord event, long atTim) {
    long offset = event.u32(Statement.TEXT_OFFSET);
    if (offset == 0) {
      begin(event, atTim);
    } else if (!open || offset != length || event.i32(Statement.CURSOR) != cursor) {
      return false;
    }
    int part = event.textLength();
    if (length + (long) part <= TEXT_MAX) {
      reserve(part);
      event.copyText(text, length);
      length += part;
    }
    return true;
  }

  private void begin(EventRecord event, long atTim) {
    open = true;
    length = 0;
    cursor = event.i32(Statement.CURSOR);
    depth = event.u16(Statement.DEPTH);
    flags = event.u16(Statement.FLAGS);
    uid = event.u32(Statement.UID);
    lid = event.u32(Statement.LID);
    sqlState = event.i32(Statement.SQLSTATE);
    tagLength = event.copyFixed(Statement.TAG, Statement.TAG_LENGTH, tag, 0);
    tim = atTim;
  }

  int cursor() {
    return cursor;
  }

  /** When its first part came. */
  long tim() {
    return tim;
  }

  /**
   * Writes what has come, hands it over, and forgets it.
   *
   * @param worker number of the parallel worker whose statement it is, or 0
   */
  void write(TraceWriter writer, CursorTexts texts, int worker, long lineTim) {
    open = false;
    int commandType = commandType();
    if ((flags & Layout.STMT_PARSE_ERROR) != 0) {
      writer.parseError(
          cursor, text, 0, length, depth, uid, commandType, lid, lineTim, Math.max(0, sqlState));
    } else {
      writer.parsing(cursor, text, 0, length, depth, uid, commandType, lid, lineTim);
      texts.put(cursor, text, length, depth, uid, commandType, lid, worker);
    }
    if (text.length > TEXT_MIN * 64) {
      text = new byte[TEXT_MIN];
    }
  }

  private int commandType() {
    if (!Arrays.equals(tag, 0, tagLength, lastTag, 0, lastTagLength)) {
      System.arraycopy(tag, 0, lastTag, 0, tagLength);
      lastTagLength = tagLength;
      lastCommandType =
          OracleCommandType.of(new String(tag, 0, tagLength, StandardCharsets.US_ASCII));
    }
    return lastCommandType;
  }

  private void reserve(int more) {
    if (more > text.length - length) {
      byte[] longer = new byte[Math.max(text.length * 2, length + more)];
      System.arraycopy(text, 0, longer, 0, length);
      text = longer;
    }
  }
}
