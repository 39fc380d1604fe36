package org.pgtrace.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgtrace.format.TraceForm;
import org.pgtrace.ring.Body;
import org.pgtrace.ring.EventLayout.Buffers;
import org.pgtrace.ring.EventLayout.Call;
import org.pgtrace.ring.EventLayout.Statement;
import org.pgtrace.ring.EventLayout.Summary;
import org.pgtrace.ring.Layout;
import org.pgtrace.ring.NativeSegment;
import org.pgtrace.ring.NativeSegment.Session;
import org.pgtrace.ring.SlotLayout;

/** Each record type as lines, through the real writer, ring, daemon and file. */
class SessionLinesTest {
  private static final long T0 = NativeSegment.MONO_NS;

  /** T0 in a trace file. */
  private static final long TIM0 = NativeSegment.WALL_NS / 1000;

  private static final int MORE = Layout.RF_MORE;

  private final Workplace place;
  private final Session session;

  SessionLinesTest(@TempDir Path folder) {
    place = new Workplace(folder);
    session = place.segment.claim(1, place.clientSession(""));
  }

  @AfterEach
  void close() {
    place.close();
  }

  @Test
  void a_head_says_who_it_is() throws IOException {
    session.write(Body.session(12), MORE, T0);
    session.write(Body.attribute(Layout.ATTR_DATABASE, "store"), MORE, T0);
    session.write(Body.attribute(Layout.ATTR_CLIENT_ADDRESS, "10.0.0.9"), MORE, T0);
    session.write(Body.attribute(Layout.ATTR_CAPABILITY, "waits: too old"), 0, T0);

    place.runOnce();

    assertThat(place.trace())
        .startsWith("Trace file " + place.traceFile("") + "\nPostgreSQL 15.20 (test), pg_trace")
        .contains("\nInstance name: main\n")
        .contains("\nUnix process pid: " + place.client.pid() + ", image: postgres@")
        .contains(" (client backend)\n")
        .contains(
            "\n*** SESSION ID:(" + place.client.pid() + "." + Workplace.ticks(place.client) + ") ")
        .contains("*** SERVICE NAME:(store) 2023-11-14T22:13:20.000000+00:00\n")
        .contains("*** MODULE NAME:(app) ")
        .contains("*** CLIENT IP:(10.0.0.9) ")
        .contains("*** USER NAME:(anna) ")
        .contains("level=12, plan_stat=all_executions, node_timing=sampled, max_bind_length=256")
        .contains("*** NOT AVAILABLE:(waits: too old) ");
  }

  @Test
  void attributes_that_change_get_a_line() throws IOException {
    session.write(Body.session(12), 0, T0);
    session.write(Body.attribute(Layout.ATTR_APPLICATION, "other"), 0, T0 + 1000);
    session.write(Body.attribute(Layout.ATTR_APPLICATION, "other"), 0, T0 + 2000);

    place.runOnce();

    assertThat(place.trace()).containsOnlyOnce("*** MODULE NAME:(other) ");
  }

  @Test
  void a_statement_in_parts_is_one_text() throws IOException {
    session.write(Body.statementPart(101, "SELECT", "select ", 0, 8), MORE, T0);
    session.write(Body.statementPart(101, "SELECT", "1", 7, 8), 0, T0);

    place.runOnce();

    assertThat(body())
        .contains(
            "=====================\nPARSING IN CURSOR #101 len=8 dep=0 uid=10 oct=3 lid=10 tim="
                + TIM0
                + " hv=")
        .contains("\nselect 1\nEND OF STMT\n");
  }

  @Test
  void a_text_longer_than_the_ring_arrives_whole() throws IOException {
    int parts = 20;
    String part = "x".repeat(Layout.CHUNK_MAX - 1) + "\n";
    int total = parts * Layout.CHUNK_MAX;
    session.waitWhenFull(10_000_000_000L);
    place.startDaemon();
    Workplace.await(() -> place.segment.header().getInt(1024) != 0);
    for (int i = 0; i < parts; i++) {
      boolean last = i == parts - 1;
      Body body = Body.statementPart(101, "SELECT", part, i * Layout.CHUNK_MAX, total);
      assertThat(session.write(body, last ? 0 : MORE, T0)).isTrue();
    }
    Workplace.awaitText(place.traceFile(""), "END OF STMT");

    assertThat(body()).contains(" len=" + total + " ").contains("\n" + part.repeat(parts));
  }

  @Test
  void calls_have_times_that_nest_and_blocks_that_add_up() throws IOException {
    Body call =
        Body.call(101, Layout.CALL_FETCH, 0, T0 + 1_999, 7)
            .i64(Call.CPU_NS, 2_999)
            .i32(Call.PLAN_HASH, -2)
            .u16(Call.DEPTH, 1);
    for (int i = 0; i < 10; i++) {
      call.i64(Call.BUFFERS + i * Long.BYTES, 1L << i);
    }
    assertThat(Buffers.TEMP_READ).isEqualTo(8 * Long.BYTES);
    session.write(call, 0, T0 + 5_001);

    place.runOnce();

    // Both moments are cut to microseconds before they are subtracted.
    assertThat(body())
        .contains(
            "FETCH #101:c=2,e=4,p=290,cr=51,cu=68,mis=0,r=7,dep=1,og=1,plh=4294967294,tim="
                + (TIM0 + 5)
                + "\n");
  }

  @Test
  void a_parse_that_made_a_plan_is_a_miss() throws IOException {
    session.write(Body.call(101, Layout.CALL_PARSE, Layout.CALL_PLAN_MADE, T0, 0), 0, T0);
    session.write(Body.call(101, Layout.CALL_PARSE, 0, T0, 0), 0, T0);
    session.write(Body.call(101, Layout.CALL_EXEC, Layout.CALL_PLAN_MADE, T0, 0), 0, T0);

    place.runOnce();

    assertThat(body()).containsSubsequence("PARSE #101", "mis=1", "PARSE #101", "mis=0", "EXEC");
    assertThat(body()).containsOnlyOnce("mis=1");
  }

  @Test
  void a_close_says_whether_the_plan_stays() throws IOException {
    session.write(Body.call(101, Layout.CALL_CLOSE, 0, T0, 0), 0, T0 + 1000);
    session.write(Body.call(101, Layout.CALL_CLOSE, Layout.CALL_PLAN_CACHED, T0, 0), 0, T0 + 1000);

    place.runOnce();

    assertThat(body())
        .contains("CLOSE #101:c=0,e=1,dep=0,type=0,tim=" + (TIM0 + 1) + "\n")
        .contains("CLOSE #101:c=0,e=1,dep=0,type=3,tim=" + (TIM0 + 1) + "\n");
  }

  @Test
  void binds_come_before_their_execution() throws IOException {
    session.write(Body.bind(101, 0, 23, "integer", "42"), MORE, T0);
    session.write(Body.bind(101, 1, 25, "text", "blue"), 0, T0);
    session.write(Body.call(101, Layout.CALL_EXEC, 0, T0, 0), 0, T0);

    place.runOnce();

    assertThat(body())
        .containsSubsequence(
            "BINDS #101:\n\n Bind#0\n", "  value=42\n", " Bind#1\n", "  value=\"blue\"\n", "EXEC");
  }

  @Test
  void a_plan_is_stat_lines_and_a_tree() throws IOException {
    plan();

    place.runOnce();

    assertThat(body())
        .containsSubsequence(
            "STAT #101 id=1 cnt=0 pid=0 pos=1 obj=0 op='Aggregate",
            "STAT #101 id=2 cnt=0 pid=1 pos=1 obj=0 op='Seq Scan on public.t",
            "PLAN #101: plh=77\n",
            "-> Aggregate  (",
            "-> Seq Scan on public.t  (");
  }

  @Test
  void an_execution_s_account_follows_its_plan_and_adds_up() throws IOException {
    session.write(Body.plan(101, 77, 1), MORE, T0);
    session.write(Body.node(1, 0, "Result"), MORE, T0);
    session.write(blocks(Body.summary(101, 9_999, 3_999, 2_999)), 0, T0 + 7_000);
    session.write(Body.call(101, Layout.CALL_CLOSE, 0, T0, 0), 0, T0 + 8_000);

    place.runOnce();

    assertThat(body())
        .containsSubsequence(
            "PLAN #101: plh=77\n",
            "-> Result  (",
            "\nSUMMARY #101:e=9,c=3,waits=2,unaccounted=4,cr=51,hit=17,read=34,disk=5,cache=6,tim="
                + (TIM0 + 7)
                + "\nCLOSE #101:");
  }

  @Test
  void a_session_s_account_comes_before_its_end() throws IOException {
    Body account = blocks(Body.summary(0, 1_000_000, 0, 1_001_500)).i64(Summary.THINK_NS, 999_999);
    session.write(account, 0, T0 + 7_000);
    session.write(Body.sessionEnd(Layout.END_EXIT), 0, T0 + 7_000);

    place.runOnce();

    assertThat(body())
        .contains(
            "\nSUMMARY #0:e=1000,c=0,waits=1001,unaccounted=-1,cr=51,hit=17,read=34,disk=5,cache=6,"
                + "think=999,tim="
                + (TIM0 + 7)
                + "\n")
        .containsSubsequence("SUMMARY #0:", "*** SESSION END:(process ended)");
  }

  @Test
  void an_account_in_a_further_file_has_its_cursor_s_text() throws IOException {
    session.write(Body.statement(101, "SELECT", "select 1"), 0, T0);
    session.write(Body.attribute(Layout.ATTR_IDENTIFIER, "two"), 0, T0);
    session.write(Body.summary(101, 9_999, 3_999, 2_999), 0, T0);

    place.runOnce();

    assertThat(Workplace.read(place.traceFile("_two")))
        .containsSubsequence("PARSING IN CURSOR #101 ", "select 1", "SUMMARY #101:");
  }

  @Test
  void an_idle_server_has_no_line_and_begins_no_file() throws IOException {
    session.write(Body.call(101, Layout.CALL_EXEC, 0, T0, 0), 0, T0);
    session.write(Body.attribute(Layout.ATTR_IDENTIFIER, "two"), 0, T0);
    session.write(Body.idle(), 0, T0);

    place.runOnce();

    assertThat(Workplace.read(place.traceFile("_two"))).isEmpty();
    assertThat(place.segment.slot(1).getLong(SlotLayout.READ_POS))
        .isEqualTo(place.segment.slot(1).getLong(SlotLayout.HEAD));
  }

  @Test
  void strict_form_has_no_extensions() throws IOException {
    plan();
    session.write(Body.summary(101, 9_999, 3_999, 2_999), 0, T0);
    session.write(Body.error(101, "42P01", "relation \"x\" does not exist"), 0, T0);

    place.runOnce(place.options(TraceForm.STRICT, 0));

    assertThat(place.trace())
        .contains("Oracle Database 19c compatible Release 19.0.0.0.0")
        .contains("STAT #101 id=2")
        .contains("ERROR #101:err=6844177 tim=")
        .doesNotContain("PLAN #", "SUMMARY", "ERRTEXT", "USER NAME");
  }

  @Test
  void an_error_has_its_text() throws IOException {
    session.write(Body.error(101, "42P01", "relation \"x\" does not exist"), 0, T0);

    place.runOnce();

    assertThat(body())
        .contains(
            "ERROR #101:err=6844177 tim="
                + TIM0
                + "\n ERRTEXT #101: 42P01 relation \"x\" does not exist\n");
  }

  @Test
  void a_parse_error_has_the_text_that_failed() throws IOException {
    Body wrong =
        Body.statement(101, "SELECT", "selec 1")
            .u16(Statement.FLAGS, Layout.STMT_PARSE_ERROR)
            .i32(Statement.SQLSTATE, 6_844_177);
    session.write(wrong, 0, T0);

    place.runOnce();

    assertThat(body())
        .contains("PARSE ERROR #101:len=7 dep=0 uid=10 oct=3 lid=10 tim=" + TIM0 + " err=6844177\n")
        .contains("\nselec 1\n")
        .doesNotContain("END OF STMT");
  }

  @Test
  void a_transaction_s_end_has_a_line() throws IOException {
    session.write(Body.xactEnd(true, false), 0, T0);

    place.runOnce();

    assertThat(body()).contains("XCTEND rlbk=1, rd_only=0, tim=" + TIM0 + "\n");
  }

  @Test
  void a_gap_is_where_it_was() throws IOException {
    int fits = Workplace.RING_SIZE / Call.SIZE;
    long dropped = session.flood(0, fits + 20, T0);
    place.startDaemon();
    // What is written is committed next; only then the ring has room.
    Workplace.await(
        () ->
            place.segment.slot(1).getLong(SlotLayout.READ_POS)
                == place.segment.slot(1).getLong(SlotLayout.HEAD));
    session.flood(9_000, 1, T0);
    Workplace.awaitText(place.traceFile(""), "r=9000,");
    place.stopDaemon();

    assertThat(dropped).isEqualTo(20);
    long lost = place.eventsLost();
    assertThat(lost).isEqualTo(20);
    assertThat(body()).containsSubsequence("r=" + (fits - 1) + ",", "*** LOST ", "r=9000,");
  }

  @Test
  void parts_without_a_beginning_are_left_out() throws IOException {
    session.write(Body.statementPart(101, "SELECT", "1", 7, 8), 0, T0);
    session.write(Body.node(2, 1, "Seq Scan"), 0, T0);
    session.write(Body.call(101, 9, 0, T0, 0), 0, T0);
    session.write(Body.xactEnd(false, true), 0, T0);

    place.runOnce();

    assertThat(body()).contains("XCTEND").doesNotContain("PARSING", "STAT", "#101");
  }

  /** Buffers 1, 2, 4 and so on, in the order of their struct. */
  private static Body blocks(Body summary) {
    for (int i = 0; i < 10; i++) {
      summary.i64(Summary.BUFFERS + i * Long.BYTES, 1L << i);
    }
    return summary.i64(Summary.DISK_BLOCKS, 5).i64(Summary.CACHE_BLOCKS, 6);
  }

  private void plan() {
    session.write(Body.plan(101, 77, 2), MORE, T0);
    session.write(Body.node(1, 0, "Aggregate"), MORE, T0);
    session.write(Body.node(2, 1, "Seq Scan on public.t"), 0, T0);
  }

  /** What follows the head. */
  private String body() throws IOException {
    String trace = place.trace();
    return trace.substring(trace.indexOf("*** USER NAME"));
  }
}
