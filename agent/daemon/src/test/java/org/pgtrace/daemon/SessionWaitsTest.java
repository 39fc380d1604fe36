package org.pgtrace.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgtrace.format.TraceForm;
import org.pgtrace.ring.Body;
import org.pgtrace.ring.EventLayout.Call;
import org.pgtrace.ring.EventLayout.Plan;
import org.pgtrace.ring.EventLayout.Wait;
import org.pgtrace.ring.Layout;
import org.pgtrace.ring.NativeSegment;
import org.pgtrace.ring.NativeSegment.Session;
import org.pgtrace.ring.SlotLayout;

/** Waits as lines, through the real writer, ring, daemon and file. */
class SessionWaitsTest {
  private static final int SLOT = 1;
  private static final long T0 = NativeSegment.MONO_NS;

  /** T0 in a trace file. */
  private static final long TIM0 = NativeSegment.WALL_NS / 1000;

  private static final int READ = 0x0A00_0012;
  private static final int EXTEND = 0x0A00_000E;
  private static final int LOCK = 0x0300_0004;
  private static final int WAL_SYNC = 0x0A00_0046;
  private static final int CLIENT_READ = 0x0600_0000;
  private static final int GATHER = 0x0800_000C;
  private static final int SYNC_REP = 0x0800_0030;

  private final Workplace place;
  private final Session session;

  SessionWaitsTest(@TempDir Path folder) {
    place = new Workplace(folder);
    session = place.segment.claim(SLOT, place.clientSession(""));
  }

  @AfterEach
  void close() {
    place.close();
  }

  @Test
  void a_read_has_all_that_its_records_say() throws IOException {
    session.write(Body.object(16384, 5, 16390, 'r', "public.t"), 0, T0);
    session.write(Body.waitName(READ, "IO", "DataFileRead"), 0, T0);
    session.write(read(101, 1).u16(Wait.NODE, 2).u8(Wait.TIER, Layout.TIER_DISK), 0, T0 + 9_000);

    place.runOnce();

    assertThat(body())
        .endsWith(
            "WAIT #101: nam='db file sequential read' ela= 8 file#=16390 block#=4294967295 blocks=1"
                + " obj#=16384 tim="
                + (TIM0 + 9)
                + " pg='IO/DataFileRead' node=2 rel='public.t' fork=main spc=1663 db=5 tier=disk\n");
    assertThat(resend()).isZero();
  }

  /** Four waits of 300 ns each are one of 1 us. */
  @Test
  void what_is_less_than_a_microsecond_of_a_wait_is_kept_for_the_next_one() throws IOException {
    for (int i = 0; i < 4; i++) {
      session.write(read(101, 1).i64(Wait.CPU_NS, 7_700), 0, T0 + 9_000);
    }
    session.write(read(101, 1).i64(Wait.CPU_NS, 999), 0, T0 + 9_000);

    place.runOnce();

    assertThat(body().lines().filter(line -> line.startsWith("WAIT")))
        .satisfiesExactly(
            line -> assertThat(line).contains(" ela= 8 ", " cpu=8 "),
            line -> assertThat(line).contains(" ela= 8 ", " cpu=8 "),
            line -> assertThat(line).contains(" ela= 8 ", " cpu=8 "),
            line -> assertThat(line).contains(" ela= 8 ", " cpu=7 "),
            line -> assertThat(line).contains(" ela= 8 ", " cpu=1 "));
  }

  @Test
  void the_cpu_time_inside_of_a_wait_is_never_more_than_the_wait() throws IOException {
    session.write(read(101, 1).i64(Wait.CPU_NS, 99_000), 0, T0 + 9_000);
    session.write(read(101, 1).i64(Wait.CPU_NS, 0), 0, T0 + 9_000);

    place.runOnce();

    assertThat(body().lines().filter(line -> line.startsWith("WAIT")))
        .satisfiesExactly(
            line -> assertThat(line).contains(" ela= 8 ", " cpu=8 "),
            line -> assertThat(line).contains(" ela= 8 ").doesNotContain(" cpu="));
  }

  @Test
  void strict_form_ends_at_tim() throws IOException {
    session.write(Body.waitName(READ, "IO", "DataFileRead"), 0, T0);
    session.write(read(101, 16).u16(Wait.NODE, 2), 0, T0 + 9_000);
    session.write(Body.object(16384, 5, 16390, 'r', "public.t"), 0, T0 + 9_000);

    place.runOnce(place.options(TraceForm.STRICT, 0));

    assertThat(place.trace())
        .endsWith(
            "WAIT #101: nam='db file scattered read' ela= 8 file#=16390 block#=4294967295 blocks=16"
                + " obj#=-1 tim="
                + (TIM0 + 9)
                + "\n");
  }

  @Test
  void a_lock_has_its_relation_s_name() throws IOException {
    session.write(Body.object(16384, 5, 16390, 'r', "public.t"), 0, T0);
    session.write(Body.waitName(LOCK, "Lock", "tuple"), 0, T0);
    session.write(tupleLock(), 0, T0 + 2_000);

    place.runOnce();

    assertThat(body())
        .endsWith(
            "WAIT #101: nam='enq: TX - row lock contention' ela= 2 name|mode=1415053318"
                + " usn<<16 | slot=786435 sequence=0 obj#=16384 tim="
                + (TIM0 + 2)
                + " pg='Lock/tuple' holder=4711 lock='tuple public.t (12,3)' mode=ExclusiveLock\n");
  }

  @Test
  void a_read_by_others_says_by_whom() throws IOException {
    session.write(Body.waitName(READ, "IO", "DataFileRead"), 0, T0);
    session.write(read(101, 2).i32(Wait.HOLDER, 311), 0, T0 + 2_000);
    session.write(read(101, 2).u8(Wait.CALL, Layout.CALLED_SUBMIT), 0, T0 + 2_000);
    session.write(read(101, 2), 0, T0 + 2_000);

    place.runOnce();

    assertThat(body().lines().filter(line -> line.startsWith("WAIT ")))
        .satisfiesExactly(
            line -> assertThat(line).endsWith(" db=5 by=io-worker:311"),
            line -> assertThat(line).endsWith(" db=5 by=io_uring"),
            line -> assertThat(line).endsWith(" db=5"));
  }

  @Test
  void a_wait_for_another_process_says_for_whom_or_for_what() throws IOException {
    session.write(Body.waitName(GATHER, "IPC", "ExecuteGather"), 0, T0);
    session.write(
        Body.waited(101, GATHER, Layout.WAIT_IPC, T0).i32(Wait.HOLDER, 4711), 0, T0 + 2_000);
    session.write(Body.waitName(SYNC_REP, "IPC", "SyncRep"), 0, T0 + 2_000);
    session.write(
        Body.waited(101, SYNC_REP, Layout.WAIT_IPC, T0)
            .i32(Wait.NUMBER, 0xA)
            .i32(Wait.NUMBER + 4, 0xF16B_3748),
        0,
        T0 + 2_000);
    session.write(Body.waited(101, SYNC_REP, Layout.WAIT_IPC, T0), 0, T0 + 2_000);

    place.runOnce();

    String syncRep =
        "WAIT #101: nam='IPC: SyncRep' ela= 2 p1=0 p2=0 p3=0 obj#=-1 tim="
            + (TIM0 + 2)
            + " pg='IPC/SyncRep'";
    assertThat(body())
        .endsWith(
            "WAIT #101: nam='PX Deq: Execute Reply' ela= 2 sleeptime/senderid=0 passes=0 p3=0"
                + " obj#=-1 tim="
                + (TIM0 + 2)
                + " pg='IPC/ExecuteGather' target=4711\n"
                + syncRep
                + " target=A/F16B3748\n"
                + syncRep
                + "\n");
  }

  @Test
  void pg_trace_s_own_work_is_marked_and_what_comes_after_is_not() throws IOException {
    session.write(Body.waitName(READ, "IO", "DataFileRead"), 0, T0);
    session.write(read(0, 1), Layout.RF_OWN_WORK, T0 + 9_000);
    session.write(read(101, 1), 0, T0 + 9_000);

    place.runOnce();

    assertThat(body().lines().filter(line -> line.startsWith("WAIT")))
        .satisfiesExactly(
            line -> assertThat(line).startsWith("WAIT #0: ").endsWith(" db=5 by=pg_trace"),
            line -> assertThat(line).startsWith("WAIT #101: ").endsWith(" db=5"));
  }

  @Test
  void a_log_file_has_its_number_and_path() throws IOException {
    session.write(Body.waitName(WAL_SYNC, "IO", "WalSync"), 0, T0);
    session.write(Body.fileName(3, "pg_wal/00000001000000020000000A"), 0, T0);
    session.write(file(3), 0, T0);
    session.write(Body.fileName(3, "pg_wal/xlogtemp.77"), 0, T0);
    session.write(file(3), 0, T0);
    session.write(file(0), 0, T0);

    place.runOnce();

    String wal = "WAIT #0: nam='log file sync' ela= 0 segment=";
    String end = " offset=0 bytes=0 obj#=-1 tim=" + TIM0 + " pg='IO/WalSync'";
    assertThat(body())
        .endsWith(
            wal
                + 0x2_0000_000AL
                + end
                + " file='pg_wal/00000001000000020000000A'\n"
                + wal
                + "3"
                + end
                + " file='pg_wal/xlogtemp.77'\n"
                + wal
                + "0"
                + end
                + "\n");
    assertThat(resend()).isZero();
  }

  @Test
  void the_client_s_waits_lie_between_statements() throws IOException {
    session.write(
        Body.waited(0, 0, Layout.WAIT_CLIENT, T0)
            .u8(Wait.CALL, Layout.CALLED_SEND)
            .i64(Wait.BYTES, 71),
        0,
        T0 + 3_000);
    session.write(Body.waitName(CLIENT_READ, "Client", "ClientRead"), 0, T0 + 9_000);
    session.write(Body.waited(0, CLIENT_READ, Layout.WAIT_CLIENT, T0 + 3_000), 0, T0 + 9_000);
    session.write(
        Body.waited(0, 0, 0, T0 + 9_000).u8(Wait.CALL, Layout.CALLED_SEMAPHORE), 0, T0 + 9_000);

    place.runOnce();

    assertThat(body())
        .endsWith(
            "WAIT #0: nam='SQL*Net message to client' ela= 3 driver id=1413697536 #bytes=71 p3=0"
                + " obj#=-1 tim="
                + (TIM0 + 3)
                + "\nWAIT #0: nam='SQL*Net message from client' ela= 6 driver id=1413697536"
                + " #bytes=0 p3=0 obj#=-1 tim="
                + (TIM0 + 9)
                + " pg='Client/ClientRead'\n"
                + "WAIT #0: nam='Unnamed: semaphore' ela= 0 p1=0 p2=0 p3=0 obj#=-1 tim="
                + (TIM0 + 9)
                + "\n");
  }

  @Test
  void a_name_that_comes_late_has_one_line() throws IOException {
    session.write(Body.waitName(READ, "IO", "DataFileRead"), 0, T0);
    session.write(read(101, 1), 0, T0);
    session.write(Body.object(16384, 5, 16390, 'r', "public.t"), 0, T0);
    session.write(Body.object(16384, 5, 16390, 'r', "public.t"), 0, T0);
    session.write(Body.object(16385, 5, 16391, 'i', "public.t_pkey"), 0, T0);
    session.write(read(101, 1), 0, T0);

    place.runOnce();

    assertThat(body())
        .containsSubsequence(
            " obj#=-1 ",
            "*** OBJECT obj#=16384 file#=16390 name='public.t' kind=table\n",
            " obj#=16384 ",
            " rel='public.t' ")
        .containsOnlyOnce("*** OBJECT");
  }

  @Test
  void a_relation_shown_by_a_lock_gets_its_name_later_too() throws IOException {
    session.write(Body.waitName(LOCK, "Lock", "tuple"), 0, T0);
    session.write(tupleLock(), 0, T0);
    session.write(Body.object(16384, 5, 16390, 'r', "public.t"), 0, T0);

    place.runOnce();

    assertThat(body())
        .containsSubsequence(
            " obj#=16384 ", " lock='tuple 16384 (12,3)' ", "*** OBJECT obj#=16384 file#=16390");
  }

  @Test
  void names_that_are_not_known_are_asked_for_once() throws IOException {
    session.write(read(101, 1), 0, T0);
    session.write(read(101, 1), 0, T0);
    session.write(file(7), 0, T0);

    place.runOnce();

    assertThat(body())
        .contains("nam='Wait event 0x0A000012' ela= 0 p1=16390 p2=4294967295 p3=1 obj#=-1 ")
        .contains("nam='Wait event 0x0A000046' ela= 0 p1=7 p2=0 p3=0 obj#=-1 ")
        .doesNotContain("pg=", "file='");
    assertThat(resend()).isEqualTo(1);
  }

  @Test
  void a_daemon_that_comes_late_asks_for_names_and_uses_them() throws IOException {
    session.write(Body.object(16384, 5, 16390, 'r', "public.t"), 0, T0);
    session.write(Body.waitName(READ, "IO", "DataFileRead"), 0, T0);
    session.write(read(101, 1), 0, T0);
    place.runOnce();
    session.write(read(101, 1), 0, T0);
    place.runOnce();
    assertThat(resend()).isEqualTo(1);
    session.write(read(101, 1), 0, T0);
    place.startDaemon();
    Workplace.await(() -> resend() == 2);
    session.write(Body.waitName(READ, "IO", "DataFileRead"), 0, T0);
    session.write(Body.object(16384, 5, 16390, 'r', "public.t"), 0, T0);
    session.write(read(101, 1), 0, T0);
    place.stopDaemon();

    assertThat(body())
        .containsSubsequence(
            "db file sequential read",
            "rel='public.t'",
            "Wait event 0x0A000012",
            " obj#=-1 ",
            "*** OBJECT obj#=16384",
            "db file sequential read",
            "rel='public.t'");
    assertThat(resend()).isEqualTo(2);
  }

  @Test
  void a_plan_has_the_waits_of_its_execution() throws IOException {
    session.write(Body.waitName(READ, "IO", "DataFileRead"), 0, T0);
    session.write(Body.waitName(EXTEND, "IO", "DataFileExtend"), 0, T0);
    // Of another depth, of another cursor, and of no node.
    session.write(read(101, 1).u16(Wait.NODE, 2).u16(Wait.DEPTH, 1), 0, T0 + 1_000);
    session.write(read(102, 1).u16(Wait.NODE, 2), 0, T0 + 1_000);
    session.write(read(101, 1), 0, T0 + 1_000);
    readOfNode(T0 + 3_000, Layout.TIER_DISK);
    readOfNode(T0 + 6_000, Layout.TIER_CACHE);
    session.write(
        read(101, 1).i32(Wait.EVENT, EXTEND).u16(Wait.NODE, 1).i64(Wait.START_NS, T0 + 6_000),
        0,
        T0 + 8_000);
    plan(0, T0 + 8_000);
    readOfNode(T0 + 9_000, Layout.TIER_NONE);
    plan(0, T0 + 9_000);
    plan(0, T0 + 9_000);
    plan(1, T0 + 9_000);

    place.runOnce();

    assertThat(body().lines().filter(line -> !line.startsWith("WAIT") && !line.startsWith("STAT")))
        .endsWith(
            "PLAN #101: plh=77",
            "  -> Aggregate  (rows=0 est=0 loops=1 time=0us self=0us)",
            "       Waits: Data file init write 1x 2us",
            "     -> Seq Scan on public.t  (rows=0 est=0 loops=1 time=0us self=0us)",
            "          Waits: db file sequential read 2x 4us (disk 1, cache 1)",
            "PLAN #101: plh=77",
            "  -> Aggregate  (rows=0 est=0 loops=1 time=0us self=0us)",
            "     -> Seq Scan on public.t  (rows=0 est=0 loops=1 time=0us self=0us)",
            "          Waits: db file sequential read 1x 2us",
            "PLAN #101: plh=77",
            "  -> Aggregate  (rows=0 est=0 loops=1 time=0us self=0us)",
            "     -> Seq Scan on public.t  (rows=0 est=0 loops=1 time=0us self=0us)",
            "PLAN #101: plh=77",
            "  -> Aggregate  (rows=0 est=0 loops=1 time=0us self=0us)",
            "     -> Seq Scan on public.t  (rows=0 est=0 loops=1 time=0us self=0us)",
            "          Waits: db file sequential read 1x 0us");
  }

  @Test
  void executions_without_a_plan_leave_nothing_to_the_next() throws IOException {
    session.write(Body.waitName(READ, "IO", "DataFileRead"), 0, T0);
    readOfNode(T0 + 2_000, Layout.TIER_DISK);
    session.write(Body.call(101, Layout.CALL_CLOSE, 0, T0, 0), 0, T0 + 2_000);
    readOfNode(T0 + 4_000, Layout.TIER_DISK);
    session.write(Body.error(101, "57014", "canceled"), 0, T0 + 4_000);
    readOfNode(T0 + 6_000, Layout.TIER_DISK);
    session.write(Body.xactEnd(true, true), 0, T0 + 6_000);
    readOfNode(T0 + 8_000, Layout.TIER_DISK);
    session.write(Body.call(101, Layout.CALL_FETCH, 0, T0, 0).u16(Call.DEPTH, 0), 0, T0 + 8_000);
    plan(0, T0 + 8_000);

    place.runOnce();

    assertThat(body()).contains("Waits: db file sequential read 1x 2us (disk 1, cache 0)\n");
  }

  @Test
  void a_wait_in_a_further_file_has_its_cursor_s_text() throws IOException {
    session.write(Body.statement(101, "SELECT", "select 1"), 0, T0);
    session.write(Body.waitName(READ, "IO", "DataFileRead"), 0, T0);
    session.write(Body.attribute(Layout.ATTR_IDENTIFIER, "two"), 0, T0);
    session.write(read(101, 1), 0, T0);
    session.write(Body.waited(0, CLIENT_READ, Layout.WAIT_CLIENT, T0), 0, T0);

    place.runOnce();

    assertThat(Workplace.read(place.traceFile("_two")))
        .containsSubsequence(
            "PARSING IN CURSOR #101 ",
            "\nselect 1\nEND OF STMT\n",
            "WAIT #101: nam='db file sequential read' ",
            "WAIT #0: ")
        .containsOnlyOnce("PARSING");
  }

  /** A read of blocks of 5/16390 from T0 + 1 us. */
  private static Body read(int cursor, int blocks) {
    return Body.waited(cursor, READ, Layout.WAIT_BLOCKS, T0 + 1_000)
        .u8(Wait.CALL, Layout.CALLED_READ)
        .i32(Wait.NUMBER, 1663)
        .i32(Wait.NUMBER + 4, 5)
        .i32(Wait.NUMBER + 8, 16390)
        .i32(Wait.BLOCK, -1)
        .i32(Wait.COUNT, blocks);
  }

  /** Two microseconds of the plan's second node. */
  private void readOfNode(long endNs, int tier) {
    session.write(
        read(101, 1).u16(Wait.NODE, 2).i64(Wait.START_NS, endNs - 2_000).u8(Wait.TIER, tier),
        0,
        endNs);
  }

  private static Body tupleLock() {
    return Body.waited(101, LOCK, Layout.WAIT_LOCK, T0)
        .u8(Wait.CALL, Layout.CALLED_SEMAPHORE)
        .i32(Wait.LOCK_TYPE, 4)
        .u8(Wait.LOCK_MODE, 7)
        .i32(Wait.HOLDER, 4711)
        .i32(Wait.NUMBER, 5)
        .i32(Wait.NUMBER + 4, 16384)
        .i32(Wait.NUMBER + 8, 12)
        .i32(Wait.NUMBER + 12, 3);
  }

  private static Body file(int number) {
    return Body.waited(0, WAL_SYNC, Layout.WAIT_FILE, T0).i32(Wait.NUMBER, number);
  }

  private void plan(int depth, long timeNs) {
    int more = Layout.RF_MORE;
    session.write(Body.plan(101, 77, 2).u16(Plan.DEPTH, depth), more, timeNs);
    session.write(Body.node(1, 0, "Aggregate"), more, timeNs);
    session.write(Body.node(2, 1, "Seq Scan on public.t"), 0, timeNs);
  }

  private int resend() {
    return place.segment.slot(SLOT).getInt(SlotLayout.RESEND);
  }

  /** What follows the head. */
  private String body() throws IOException {
    String trace = place.trace();
    return trace.substring(trace.indexOf("*** USER NAME"));
  }
}
