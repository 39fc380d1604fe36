package org.pgtrace.ring;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** A record to be written, built with the offsets of {@link EventLayout}. */
public final class Body {
  private final int type;
  private final ByteBuffer bytes;

  private Body(int type, int size) {
    this.type = type;
    this.bytes = ByteBuffer.allocate(size).order(ByteOrder.nativeOrder());
  }

  public static Body of(int type, int structSize) {
    return new Body(type, structSize);
  }

  public static Body session(int level) {
    return of(Layout.EV_SESSION, EventLayout.Session.SIZE)
        .i32(EventLayout.Session.LEVEL, level)
        .i32(EventLayout.Session.PLAN_STAT, Layout.PLAN_STAT_ALL)
        .i32(EventLayout.Session.NODE_TIMING, Layout.TIMING_SAMPLED)
        .i32(EventLayout.Session.MAX_BIND_LENGTH, 256);
  }

  public static Body attribute(int key, String text) {
    return withText(Layout.EV_ATTRIBUTE, EventLayout.Attribute.SIZE, text)
        .i32(EventLayout.Attribute.KEY, key)
        .i32(EventLayout.Attribute.TEXT_LENGTH, length(text));
  }

  public static Body sessionEnd(int reason) {
    return of(Layout.EV_SESSION_END, EventLayout.SessionEnd.SIZE)
        .i32(EventLayout.SessionEnd.REASON, reason);
  }

  public static Body statement(int cursor, String tag, String text) {
    return statementPart(cursor, tag, text, 0, length(text));
  }

  public static Body statementPart(int cursor, String tag, String part, int offset, int total) {
    return withText(Layout.EV_STATEMENT, EventLayout.Statement.SIZE, part)
        .i32(EventLayout.Statement.CURSOR, cursor)
        .i32(EventLayout.Statement.UID, 10)
        .i32(EventLayout.Statement.LID, 10)
        .i32(EventLayout.Statement.TEXT_TOTAL, total)
        .i32(EventLayout.Statement.TEXT_OFFSET, offset)
        .i32(EventLayout.Statement.TEXT_LENGTH, length(part))
        .text(EventLayout.Statement.TAG, tag);
  }

  public static Body call(int cursor, int kind, int flags, long startNs, long rows) {
    return of(Layout.EV_CALL, EventLayout.Call.SIZE)
        .i32(EventLayout.Call.CURSOR, cursor)
        .u8(EventLayout.Call.KIND, kind)
        .u16(EventLayout.Call.FLAGS, flags)
        .i64(EventLayout.Call.START_NS, startNs)
        .i64(EventLayout.Call.ROWS, rows);
  }

  public static Body bind(int cursor, int position, int typeOid, String typeName, String value) {
    return withText(Layout.EV_BIND, EventLayout.Bind.SIZE, typeName + value)
        .i32(EventLayout.Bind.CURSOR, cursor)
        .u16(EventLayout.Bind.POSITION, position)
        .i32(EventLayout.Bind.TYPE_OID, typeOid)
        .i32(EventLayout.Bind.VALUE_TOTAL, length(value))
        .u16(EventLayout.Bind.TYPE_NAME_LENGTH, length(typeName))
        .u16(EventLayout.Bind.VALUE_LENGTH, length(value));
  }

  public static Body plan(int cursor, int planHash, int nodes) {
    return of(Layout.EV_PLAN, EventLayout.Plan.SIZE)
        .i32(EventLayout.Plan.CURSOR, cursor)
        .i32(EventLayout.Plan.PLAN_HASH, planHash)
        .i32(EventLayout.Plan.NODE_TIMING, Layout.TIMING_EXACT)
        .i32(EventLayout.Plan.NODE_COUNT, nodes);
  }

  public static Body node(int id, int parent, String operation) {
    return withText(Layout.EV_NODE, EventLayout.Node.SIZE, operation)
        .u16(EventLayout.Node.ID, id)
        .u16(EventLayout.Node.PARENT, parent)
        .u16(EventLayout.Node.POSITION, 1)
        .i64(EventLayout.Node.LOOPS, 1)
        .i32(EventLayout.Node.TEXT_LENGTH, length(operation));
  }

  public static Body error(int cursor, String sqlState, String message) {
    return withText(Layout.EV_ERROR, EventLayout.Error.SIZE, message)
        .i32(EventLayout.Error.CURSOR, cursor)
        .text(EventLayout.Error.SQLSTATE, sqlState)
        .i32(EventLayout.Error.TEXT_LENGTH, length(message));
  }

  public static Body xactEnd(boolean rollback, boolean readOnly) {
    return of(Layout.EV_XACT_END, EventLayout.XactEnd.SIZE)
        .u8(EventLayout.XactEnd.ROLLBACK, rollback ? 1 : 0)
        .u8(EventLayout.XactEnd.READ_ONLY, readOnly ? 1 : 0);
  }

  /** A wait with a start and an event; everything else is to be set. */
  public static Body waited(int cursor, int event, int kind, long startNs) {
    return of(Layout.EV_WAIT, EventLayout.Wait.SIZE)
        .i64(EventLayout.Wait.START_NS, startNs)
        .i32(EventLayout.Wait.EVENT, event)
        .i32(EventLayout.Wait.CURSOR, cursor)
        .u8(EventLayout.Wait.KIND, kind)
        .i64(EventLayout.Wait.OFFSET, -1);
  }

  /** Hits of blocks of 5/16390: pairs of a span's first block and how many there are. */
  public static Body hits(int cursor, int... spans) {
    int size = EventLayout.Hits.SIZE;
    Body body =
        of(Layout.EV_HITS, size + spans.length * Integer.BYTES)
            .i32(EventLayout.Hits.CURSOR, cursor)
            .i32(EventLayout.Hits.NUMBER, 1663)
            .i32(EventLayout.Hits.NUMBER + 4, 5)
            .i32(EventLayout.Hits.NUMBER + 8, 16390)
            .i32(EventLayout.Hits.SPAN_COUNT, spans.length / 2);
    for (int i = 0; i < spans.length; i++) {
      body.i32(size + i * Integer.BYTES, spans[i]);
    }
    return body;
  }

  public static Body waitName(int event, String type, String name) {
    return withText(Layout.EV_WAIT_NAME, EventLayout.WaitName.SIZE, type + name)
        .i32(EventLayout.WaitName.EVENT, event)
        .u16(EventLayout.WaitName.TYPE_LENGTH, length(type))
        .u16(EventLayout.WaitName.NAME_LENGTH, length(name));
  }

  public static Body fileName(int number, String path) {
    return withText(Layout.EV_FILE_NAME, EventLayout.FileName.SIZE, path)
        .i32(EventLayout.FileName.NUMBER, number)
        .i32(EventLayout.FileName.PATH_LENGTH, length(path));
  }

  public static Body object(int oid, int database, int file, char kind, String name) {
    return withText(Layout.EV_OBJECT, EventLayout.Object.SIZE, name)
        .i32(EventLayout.Object.OBJECT, oid)
        .i32(EventLayout.Object.TABLESPACE, 1663)
        .i32(EventLayout.Object.DATABASE, database)
        .i32(EventLayout.Object.FILE, file)
        .i32(EventLayout.Object.RELKIND, kind)
        .i32(EventLayout.Object.NAME_LENGTH, length(name));
  }

  /** The account of an execution, or of the session (cursor 0); its blocks are to be set. */
  public static Body summary(int cursor, long elapsedNs, long cpuNs, long waitNs) {
    return of(Layout.EV_SUMMARY, EventLayout.Summary.SIZE)
        .i32(EventLayout.Summary.CURSOR, cursor)
        .i64(EventLayout.Summary.ELAPSED_NS, elapsedNs)
        .i64(EventLayout.Summary.CPU_NS, cpuNs)
        .i64(EventLayout.Summary.WAIT_NS, waitNs);
  }

  /** What was charged for an execution; its figures are to be set. */
  public static Body charge(int cursor, long startNs) {
    return of(Layout.EV_CHARGE, EventLayout.Charge.SIZE)
        .i32(EventLayout.Charge.CURSOR, cursor)
        .i64(EventLayout.Charge.START_NS, startNs);
  }

  public static Body runs(int cursor, int depth) {
    return of(Layout.EV_RUNS, EventLayout.Runs.SIZE)
        .i32(EventLayout.Runs.CURSOR, cursor)
        .u16(EventLayout.Runs.DEPTH, depth);
  }

  public static Body idle() {
    return of(Layout.EV_IDLE, EventLayout.Record.SIZE);
  }

  public Body u8(int offset, int value) {
    bytes.put(offset, (byte) value);
    return this;
  }

  public Body u16(int offset, int value) {
    bytes.putShort(offset, (short) value);
    return this;
  }

  public Body i32(int offset, int value) {
    bytes.putInt(offset, value);
    return this;
  }

  public Body i64(int offset, long value) {
    bytes.putLong(offset, value);
    return this;
  }

  public Body f64(int offset, double value) {
    bytes.putDouble(offset, value);
    return this;
  }

  public Body text(int offset, String text) {
    bytes.put(offset, text.getBytes(StandardCharsets.UTF_8));
    return this;
  }

  int type() {
    return type;
  }

  byte[] afterHeader() {
    byte[] rest = new byte[bytes.capacity() - EventLayout.Record.SIZE];
    bytes.get(EventLayout.Record.SIZE, rest);
    return rest;
  }

  private static Body withText(int type, int structSize, String text) {
    return of(type, structSize + length(text)).text(structSize, text);
  }

  private static int length(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }
}
