package org.pgtrace.ring;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/** The text of a slot's unread records, as pg-extension/tests/ring/README.md describes it. */
final class RingDump {
  private static final String[] BUFFERS = {
    "shared_hit",
    "shared_read",
    "shared_dirtied",
    "shared_written",
    "local_hit",
    "local_read",
    "local_dirtied",
    "local_written",
    "temp_read",
    "temp_written"
  };

  private final StringBuilder out = new StringBuilder();
  private final EventRecord e;

  private RingDump(EventRecord event) {
    this.e = event;
  }

  /** The line of one record, with its line end. */
  static String line(EventRecord event) {
    RingDump dump = new RingDump(event);
    dump.out.append("type=").append(name(event.type()));
    dump.add("length", event.length()).add("flags", event.flags()).add("time_ns", event.timeNs());
    dump.fields();
    return dump.out.append('\n').toString();
  }

  static String end(SlotReader slot) {
    return "end head="
        + slot.head()
        + " read_pos="
        + slot.readPosition()
        + " lost_full="
        + slot.lostFull()
        + " lost_too_big="
        + slot.lostTooBig()
        + " gap_full="
        + slot.gapFull()
        + " gap_too_big="
        + slot.gapTooBig()
        + "\n";
  }

  static String damaged(RingDamage damage) {
    return "damaged position="
        + damage.position()
        + " reason="
        + damage.reason().name().toLowerCase(Locale.ROOT)
        + "\n";
  }

  private static String name(int type) {
    return switch (type) {
      case Layout.EV_LOST -> "LOST";
      case Layout.EV_SESSION -> "SESSION";
      case Layout.EV_ATTRIBUTE -> "ATTRIBUTE";
      case Layout.EV_SESSION_END -> "SESSION_END";
      case Layout.EV_STATEMENT -> "STATEMENT";
      case Layout.EV_CALL -> "CALL";
      case Layout.EV_BIND -> "BIND";
      case Layout.EV_PLAN -> "PLAN";
      case Layout.EV_NODE -> "NODE";
      case Layout.EV_ERROR -> "ERROR";
      case Layout.EV_XACT_END -> "XACT_END";
      case Layout.EV_WAIT -> "WAIT";
      case Layout.EV_WAIT_NAME -> "WAIT_NAME";
      case Layout.EV_FILE_NAME -> "FILE_NAME";
      case Layout.EV_OBJECT -> "OBJECT";
      case Layout.EV_SUMMARY -> "SUMMARY";
      case Layout.EV_IDLE -> "IDLE";
      case Layout.EV_HITS -> "HITS";
      case Layout.EV_CHARGE -> "CHARGE";
      case Layout.EV_RUNS -> "RUNS";
      default -> throw new IllegalArgumentException("type " + type);
    };
  }

  private void fields() {
    switch (e.type()) {
      case Layout.EV_LOST ->
          add("from_ns", e.i64(EventLayout.Lost.FROM_NS))
              .add("full", e.i64(EventLayout.Lost.FULL))
              .add("too_big", e.i64(EventLayout.Lost.TOO_BIG));
      case Layout.EV_SESSION ->
          add("level", e.u32(EventLayout.Session.LEVEL))
              .add("plan_stat", e.u32(EventLayout.Session.PLAN_STAT))
              .add("node_timing", e.u32(EventLayout.Session.NODE_TIMING))
              .add("max_bind_length", e.u32(EventLayout.Session.MAX_BIND_LENGTH));
      case Layout.EV_ATTRIBUTE ->
          add("key", e.u32(EventLayout.Attribute.KEY))
              .add("text_length", e.u32(EventLayout.Attribute.TEXT_LENGTH))
              .text("text", first());
      case Layout.EV_SESSION_END -> add("reason", e.u32(EventLayout.SessionEnd.REASON));
      case Layout.EV_STATEMENT -> statement();
      case Layout.EV_CALL -> call();
      case Layout.EV_BIND -> bind();
      case Layout.EV_PLAN ->
          add("cursor", e.u32(EventLayout.Plan.CURSOR))
              .add("depth", e.u16(EventLayout.Plan.DEPTH))
              .add("plan_flags", e.u16(EventLayout.Plan.FLAGS))
              .add("plan_hash", e.u32(EventLayout.Plan.PLAN_HASH))
              .add("node_timing", e.u32(EventLayout.Plan.NODE_TIMING))
              .add("node_count", e.u32(EventLayout.Plan.NODE_COUNT));
      case Layout.EV_NODE -> node();
      case Layout.EV_ERROR ->
          add("cursor", e.u32(EventLayout.Error.CURSOR))
              .add("depth", e.u16(EventLayout.Error.DEPTH))
              .add("error_flags", e.u16(EventLayout.Error.FLAGS))
              .fixed("sqlstate", EventLayout.Error.SQLSTATE, EventLayout.Error.SQLSTATE_LENGTH)
              .add("position", e.u32(EventLayout.Error.POSITION))
              .add("text_length", e.u32(EventLayout.Error.TEXT_LENGTH))
              .text("text", first());
      case Layout.EV_XACT_END ->
          add("rollback", e.u8(EventLayout.XactEnd.ROLLBACK))
              .add("read_only", e.u8(EventLayout.XactEnd.READ_ONLY))
              .add("depth", e.u16(EventLayout.XactEnd.DEPTH));
      case Layout.EV_WAIT -> waited();
      case Layout.EV_WAIT_NAME ->
          add("event", e.u32(EventLayout.WaitName.EVENT))
              .add("type_length", e.u16(EventLayout.WaitName.TYPE_LENGTH))
              .add("name_length", e.u16(EventLayout.WaitName.NAME_LENGTH))
              .text("wait_type", first())
              .text("wait_name", second());
      case Layout.EV_FILE_NAME ->
          add("number", e.u32(EventLayout.FileName.NUMBER))
              .add("path_length", e.u32(EventLayout.FileName.PATH_LENGTH))
              .text("path", first());
      case Layout.EV_OBJECT ->
          add("object", e.u32(EventLayout.Object.OBJECT))
              .add("tablespace", e.u32(EventLayout.Object.TABLESPACE))
              .add("database", e.u32(EventLayout.Object.DATABASE))
              .add("file", e.u32(EventLayout.Object.FILE))
              .add("relkind", e.u32(EventLayout.Object.RELKIND))
              .add("name_length", e.u32(EventLayout.Object.NAME_LENGTH))
              .text("name", first());
      case Layout.EV_SUMMARY ->
          add("cursor", e.u32(EventLayout.Summary.CURSOR))
              .add("depth", e.u16(EventLayout.Summary.DEPTH))
              .add("elapsed_ns", e.i64(EventLayout.Summary.ELAPSED_NS))
              .add("cpu_ns", e.i64(EventLayout.Summary.CPU_NS))
              .add("wait_ns", e.i64(EventLayout.Summary.WAIT_NS))
              .add("think_ns", e.i64(EventLayout.Summary.THINK_NS))
              .add("disk_blocks", e.i64(EventLayout.Summary.DISK_BLOCKS))
              .add("cache_blocks", e.i64(EventLayout.Summary.CACHE_BLOCKS))
              .buffers(EventLayout.Summary.BUFFERS);
      case Layout.EV_IDLE -> {}
      case Layout.EV_HITS -> hits();
      case Layout.EV_CHARGE -> charge();
      case Layout.EV_RUNS ->
          add("cursor", e.u32(EventLayout.Runs.CURSOR))
              .add("depth", e.u16(EventLayout.Runs.DEPTH))
              .add("kind", e.u16(EventLayout.Runs.KIND));
      default -> throw new IllegalArgumentException("type " + e.type());
    }
  }

  private void charge() {
    int at = EventLayout.Charge.USAGE;
    add("cursor", e.u32(EventLayout.Charge.CURSOR))
        .add("depth", e.u16(EventLayout.Charge.DEPTH))
        .add("statement", e.u32(EventLayout.Charge.STATEMENT))
        .add("activity", e.u32(EventLayout.Charge.ACTIVITY))
        .add("start_ns", e.i64(EventLayout.Charge.START_NS))
        .add("usage.user_us", e.i64(at + EventLayout.Rusage.USER_US))
        .add("usage.system_us", e.i64(at + EventLayout.Rusage.SYSTEM_US))
        .add("usage.in_blocks", e.i64(at + EventLayout.Rusage.IN_BLOCKS))
        .add("usage.out_blocks", e.i64(at + EventLayout.Rusage.OUT_BLOCKS))
        .add("usage.minor_faults", e.i64(at + EventLayout.Rusage.MINOR_FAULTS))
        .add("usage.major_faults", e.i64(at + EventLayout.Rusage.MAJOR_FAULTS))
        .add("usage.voluntary_switches", e.i64(at + EventLayout.Rusage.VOLUNTARY_SWITCHES))
        .add("usage.involuntary_switches", e.i64(at + EventLayout.Rusage.INVOLUNTARY_SWITCHES));
  }

  private void statement() {
    add("cursor", e.u32(EventLayout.Statement.CURSOR))
        .add("depth", e.u16(EventLayout.Statement.DEPTH))
        .add("statement_flags", e.u16(EventLayout.Statement.FLAGS))
        .add("uid", e.u32(EventLayout.Statement.UID))
        .add("lid", e.u32(EventLayout.Statement.LID))
        .add("sqlstate", e.u32(EventLayout.Statement.SQLSTATE))
        .add("text_total", e.u32(EventLayout.Statement.TEXT_TOTAL))
        .add("text_offset", e.u32(EventLayout.Statement.TEXT_OFFSET))
        .add("text_length", e.u32(EventLayout.Statement.TEXT_LENGTH))
        .fixed("tag", EventLayout.Statement.TAG, EventLayout.Statement.TAG_LENGTH)
        .text("text", first());
  }

  private void call() {
    add("cursor", e.u32(EventLayout.Call.CURSOR))
        .add("kind", e.u8(EventLayout.Call.KIND))
        .add("depth", e.u16(EventLayout.Call.DEPTH))
        .add("call_flags", e.u16(EventLayout.Call.FLAGS))
        .add("plan_hash", e.u32(EventLayout.Call.PLAN_HASH))
        .add("start_ns", e.i64(EventLayout.Call.START_NS))
        .add("cpu_ns", e.i64(EventLayout.Call.CPU_NS))
        .add("rows", e.i64(EventLayout.Call.ROWS))
        .buffers(EventLayout.Call.BUFFERS);
  }

  private void bind() {
    add("cursor", e.u32(EventLayout.Bind.CURSOR))
        .add("depth", e.u16(EventLayout.Bind.DEPTH))
        .add("position", e.u16(EventLayout.Bind.POSITION))
        .add("type_oid", e.u32(EventLayout.Bind.TYPE_OID))
        .add("bind_flags", e.u32(EventLayout.Bind.FLAGS))
        .add("value_total", e.u32(EventLayout.Bind.VALUE_TOTAL))
        .add("type_name_length", e.u16(EventLayout.Bind.TYPE_NAME_LENGTH))
        .add("value_length", e.u16(EventLayout.Bind.VALUE_LENGTH));
    text("type_name", first()).text("value", second());
  }

  private void waited() {
    add("start_ns", e.i64(EventLayout.Wait.START_NS))
        .add("cpu_ns", e.i64(EventLayout.Wait.CPU_NS))
        .add("event", e.u32(EventLayout.Wait.EVENT))
        .add("cursor", e.u32(EventLayout.Wait.CURSOR))
        .add("depth", e.u16(EventLayout.Wait.DEPTH))
        .add("node", e.u16(EventLayout.Wait.NODE))
        .add("kind", e.u8(EventLayout.Wait.KIND))
        .add("call", e.u8(EventLayout.Wait.CALL))
        .add("tier", e.u8(EventLayout.Wait.TIER))
        .add("lock_mode", e.u8(EventLayout.Wait.LOCK_MODE));
    numbers(EventLayout.Wait.NUMBER)
        .add("block", e.u32(EventLayout.Wait.BLOCK))
        .add("count", e.u32(EventLayout.Wait.COUNT))
        .add("offset", e.i64(EventLayout.Wait.OFFSET))
        .add("bytes", e.i64(EventLayout.Wait.BYTES))
        .add("lock_type", e.u32(EventLayout.Wait.LOCK_TYPE))
        .add("holder", e.u32(EventLayout.Wait.HOLDER));
  }

  private void hits() {
    add("cursor", e.u32(EventLayout.Hits.CURSOR))
        .add("depth", e.u16(EventLayout.Hits.DEPTH))
        .add("node", e.u16(EventLayout.Hits.NODE))
        .numbers(EventLayout.Hits.NUMBER)
        .add("local", e.u32(EventLayout.Hits.LOCAL))
        .add("span_count", e.u32(EventLayout.Hits.SPAN_COUNT));
    for (int i = 0; i < e.spanCount(); i++) {
      add("span." + i + ".first", e.spanFirst(i)).add("span." + i + ".count", e.spanBlocks(i));
    }
  }

  private void node() {
    add("id", e.u16(EventLayout.Node.ID))
        .add("parent", e.u16(EventLayout.Node.PARENT))
        .add("position", e.u16(EventLayout.Node.POSITION))
        .add("plan_node_id", e.u16(EventLayout.Node.PLAN_NODE_ID))
        .add("object", e.u32(EventLayout.Node.OBJECT))
        .add("node_flags", e.u16(EventLayout.Node.FLAGS))
        .add("removed1_kind", e.u8(EventLayout.Node.REMOVED1_KIND))
        .add("removed2_kind", e.u8(EventLayout.Node.REMOVED2_KIND))
        .add("method_kind", e.u8(EventLayout.Node.METHOD_KIND))
        .add("width", e.u32(EventLayout.Node.WIDTH))
        .bits("est_rows", e.f64(EventLayout.Node.EST_ROWS))
        .bits("total_cost", e.f64(EventLayout.Node.TOTAL_COST))
        .add("rows", e.i64(EventLayout.Node.ROWS))
        .add("loops", e.i64(EventLayout.Node.LOOPS))
        .add("startup_ns", e.i64(EventLayout.Node.STARTUP_NS))
        .add("total_ns", e.i64(EventLayout.Node.TOTAL_NS))
        .buffers(EventLayout.Node.BUFFERS)
        .add("wal_records", e.i64(EventLayout.Node.WAL_RECORDS))
        .add("wal_fpi", e.i64(EventLayout.Node.WAL_FPI))
        .add("wal_bytes", e.i64(EventLayout.Node.WAL_BYTES))
        .add("removed1", e.i64(EventLayout.Node.REMOVED1))
        .add("removed2", e.i64(EventLayout.Node.REMOVED2))
        .add("space_kb", e.i64(EventLayout.Node.SPACE_KB))
        .add("disk_kb", e.i64(EventLayout.Node.DISK_KB))
        .add("buckets", e.i64(EventLayout.Node.BUCKETS))
        .add("batches", e.i64(EventLayout.Node.BATCHES))
        .fixed("method_name", EventLayout.Node.METHOD_NAME, EventLayout.Node.METHOD_NAME_LENGTH)
        .add("text_length", e.u32(EventLayout.Node.TEXT_LENGTH))
        .text("text", first());
  }

  private RingDump numbers(int offset) {
    for (int i = 0; i < 4; i++) {
      add("number." + i, e.u32(offset + i * Integer.BYTES));
    }
    return this;
  }

  private RingDump buffers(int offset) {
    for (int i = 0; i < BUFFERS.length; i++) {
      add("buffers." + BUFFERS[i], e.i64(offset + i * Long.BYTES));
    }
    return this;
  }

  private RingDump add(String name, long value) {
    out.append(' ').append(name).append('=').append(value);
    return this;
  }

  private RingDump bits(String name, double value) {
    out.append(' ').append(name).append("=0x");
    out.append(String.format(Locale.ROOT, "%016x", Double.doubleToRawLongBits(value)));
    return this;
  }

  private RingDump fixed(String name, int offset, int length) {
    byte[] bytes = new byte[length];
    int end = e.copyFixed(offset, length, bytes, 0);
    return text(name, Arrays.copyOf(bytes, end));
  }

  private byte[] first() {
    byte[] text = new byte[e.textLength()];
    e.copyText(text, 0);
    return text;
  }

  private byte[] second() {
    byte[] text = new byte[e.secondTextLength()];
    e.copySecondText(text, 0);
    return text;
  }

  private RingDump text(String name, byte[] bytes) {
    out.append(' ').append(name).append("=\"");
    for (char c : new String(bytes, StandardCharsets.ISO_8859_1).toCharArray()) {
      if (c >= 0x20 && c <= 0x7e && c != '"' && c != '\\') {
        out.append(c);
      } else {
        out.append(String.format(Locale.ROOT, "\\x%02x", (int) c));
      }
    }
    out.append('"');
    return this;
  }
}
