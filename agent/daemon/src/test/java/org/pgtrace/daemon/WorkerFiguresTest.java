package org.pgtrace.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgtrace.daemon.Writers.Written;
import org.pgtrace.format.TraceForm;
import org.pgtrace.ring.Body;
import org.pgtrace.ring.EventLayout.Buffers;
import org.pgtrace.ring.EventLayout.Call;
import org.pgtrace.ring.EventLayout.Node;
import org.pgtrace.ring.EventLayout.Plan;
import org.pgtrace.ring.EventLayout.Summary;
import org.pgtrace.ring.EventLayout.Wait;
import org.pgtrace.ring.EventLayout.XactEnd;
import org.pgtrace.ring.Layout;
import org.pgtrace.ring.NativeSegment;
import org.pgtrace.ring.SlotLayout;

/** Parallel workers' share in plans and accounts. */
class WorkerFiguresTest {
  private static final int OWN = Writers.OWN;
  private static final long T0 = NativeSegment.MONO_NS;
  private static final int READ = 0x0A00_0012;

  private final Path folder;
  private final Workplace place;
  private final Writers writers;
  private final List<Written> all = new ArrayList<>();
  private long us = 10;

  WorkerFiguresTest(@TempDir Path folder) {
    this.folder = folder;
    place = new Workplace(folder.resolve("one"));
    writers = new Writers(place);
  }

  @AfterEach
  void close() {
    place.close();
  }

  @Test
  void the_leader_s_plan_has_everybody_s_figures_and_a_line_for_each_worker() throws IOException {
    add(OWN, Body.waitName(READ, "IO", "DataFileRead"));
    waited(1, 101, 3, 30);
    waited(OWN, 101, 3, 4);
    waited(1, 101, 3, 20);
    plan(
        2,
        101,
        scan(500, 2, 900, 70).u8(Node.REMOVED1_KIND, Layout.REMOVED_FILTER).i64(Node.REMOVED1, 3));
    plan(1, 101, scan(300, 1, 700, 50));
    leaderPlan(101, scan(200, 1, 400, 30).u16(Node.FLAGS, Layout.NODE_LEADER_ONLY));

    assertThat(written())
        .containsSubsequence(
            "STAT #101 id=1 cnt=1 pid=0 pos=1 obj=0 op='Aggregate (cr=150 pr=0 pw=0 str=1 time=1000"
                + " us cost=0 size=0 card=0)'\n",
            "STAT #101 id=2 cnt=1000 pid=1 pos=1 obj=0 op='Gather (cr=150 pr=0 pw=0 str=1 time=900"
                + " us cost=0 size=0 card=0)'\n",
            "STAT #101 id=3 cnt=1000 pid=2 pos=1 obj=0 op='Parallel Seq Scan on public.t (cr=150"
                + " pr=0 pw=0 str=4 time=2000 us cost=0 size=0 card=0)'\n")
        .contains(
            """
            PLAN #101: plh=77
              -> Aggregate  (rows=1 est=0 loops=1 time=1000us self=100us)
                   First row: 0us
                   Buffers: shared hit=150
                 -> Gather  (rows=1000 est=0 loops=1 time=900us self=500us)
                      First row: 0us
                      Workers Planned: 2
                      Workers Launched: 2
                      Buffers: shared hit=150
                    -> Parallel Seq Scan on public.t  (rows=1000 est=0 loops=4 time=2000us self=2000us)
                         First row: 0us
                         Rows removed by filter: 3
                         Buffers: shared hit=150
                         Waits: db file scattered read 3x 54us
                         Worker 0: rows=300 loops=1 time=700us
                           First row: 0us
                           Buffers: shared hit=50
                           Waits: db file scattered read 2x 50us
                         Worker 1: rows=500 loops=2 time=900us
                           First row: 0us
                           Rows removed by filter: 3
                           Buffers: shared hit=70
            """);
    assertThat(written()).containsOnlyOnce("PLAN #").doesNotContain("leader only");
  }

  @Test
  void the_server_s_own_figures_have_the_workers_in_them() throws IOException {
    plan(1, 101, scan(300, 1, 700, 50));
    leaderPlan(101, scan(500, 2, 1100, 80));

    assertThat(written())
        .contains("-> Parallel Seq Scan on public.t  (rows=500 est=0 loops=2 time=1100us")
        .contains("-> Gather  (rows=1000 est=0 loops=1 time=900us self=500us)")
        .contains("Worker 0: rows=300 loops=1 time=700us\n");
  }

  @Test
  void a_worker_that_is_started_again_has_its_figures_added_up() throws IOException {
    plan(1, 101, scan(300, 1, 700, 50));
    plan(1, 101, scan(30, 1, 70, 5));
    leaderPlan(101, scan(200, 1, 400, 30).u16(Node.FLAGS, Layout.NODE_LEADER_ONLY));

    assertThat(written())
        .contains("t  (rows=530 est=0 loops=3 time=1170us")
        .contains("Worker 0: rows=330 loops=2 time=770us\n")
        .containsOnlyOnce("Worker 0");
  }

  @Test
  void plans_of_several_workers_that_come_in_between_each_other_are_told_apart()
      throws IOException {
    all.add(new Written(1, us++, Layout.RF_MORE, Body.plan(101, 77, 2)));
    all.add(new Written(2, us++, Layout.RF_MORE, Body.plan(101, 77, 2)));
    all.add(new Written(1, us++, Layout.RF_MORE, scan(300, 1, 700, 50)));
    all.add(new Written(2, us++, Layout.RF_MORE, scan(500, 1, 900, 70)));
    all.add(new Written(2, us++, 0, node(4, 3, "Filter", 5, 1, 0, 0)));
    all.add(new Written(1, us++, 0, node(4, 3, "Filter", 3, 1, 0, 0)));
    leaderPlan(101, scan(200, 1, 400, 30).u16(Node.FLAGS, Layout.NODE_LEADER_ONLY));

    assertThat(written()).containsSubsequence("Worker 0: rows=300", "Worker 1: rows=500");
  }

  @Test
  void a_node_that_no_worker_has_told_of_is_the_leader_s_alone() throws IOException {
    all.add(
        new Written(
            OWN,
            us++,
            Layout.RF_MORE,
            Body.plan(101, 77, 1)
                .u16(Plan.FLAGS, Layout.PLAN_WORKERS)
                .i32(Plan.UNTRACED_WORKERS, 2)));
    all.add(
        new Written(OWN, us++, 0, scan(200, 1, 400, 30).u16(Node.FLAGS, Layout.NODE_LEADER_ONLY)));

    assertThat(written())
        .contains("PLAN #101: plh=77 workers not traced: 2\n")
        .contains("t  (rows=200 est=0 loops=1 time=400us self=400us leader only)\n");
  }

  @Test
  void a_plan_of_a_statement_in_a_worker_is_its_own() throws IOException {
    int own = (1 << 20) + 101;
    waited(1, own, 1, 30);
    all.add(new Written(1, us++, Layout.RF_MORE, Body.plan(own, 78, 1).u16(Plan.DEPTH, 1)));
    all.add(new Written(1, us++, 0, node(1, 0, "Result", 1, 1, 5, 0)));

    assertThat(written())
        .contains(
            "STAT #1048677 id=1 cnt=1 pid=0 pos=1 obj=0 op='Result (cr=0 pr=0 pw=0 str=1 time=5 us"
                + " cost=0 size=0 card=0)' px=0\n")
        .contains("PLAN #1048677: plh=78 px=0\n  -> Result  (rows=1 ");
  }

  @Test
  void a_plan_that_runs_already_has_estimates_alone() throws IOException {
    all.add(
        new Written(
            OWN, us++, Layout.RF_MORE, Body.plan(101, 77, 2).u16(Plan.FLAGS, Layout.PLAN_RUNNING)));
    all.add(new Written(OWN, us++, Layout.RF_MORE, node(1, 0, "Aggregate", 0, 0, 0, 0)));
    all.add(
        new Written(
            OWN, us++, 0, node(2, 1, "Seq Scan on public.t", 0, 0, 0, 0).f64(Node.EST_ROWS, 1200)));

    assertThat(written())
        .contains(
            "PLAN #101: plh=77 running\n  -> Aggregate  (est=0)\n     -> Seq Scan on public.t  (est=1200)\n")
        .doesNotContain("STAT #");
  }

  @Test
  void a_call_that_ran_when_tracing_began_says_so() throws IOException {
    add(OWN, Body.call(101, Layout.CALL_FETCH, Layout.CALL_PARTIAL, T0, 3));

    assertThat(written()).containsPattern("FETCH #101:.*,tim=\\d+ partial\n");
  }

  @Test
  void the_account_has_the_workers_part_apart() throws IOException {
    summary(1, 101, 0, 700, 300, 40, 10);
    summary(2, 101, 0, 800, 400, 50, 20);
    add(OWN, Body.call(101, Layout.CALL_FETCH, 0, T0, 1));
    summary(OWN, 101, 0, 1000, 100, 150, 40);
    add(OWN, Body.call(101, Layout.CALL_CLOSE, 0, T0, 0));
    add(OWN, Body.call(101, Layout.CALL_FETCH, 0, T0, 1));
    summary(OWN, 101, 0, 5, 1, 2, 3);

    List<String> summaries = summaries(written());
    assertThat(summaries.get(0)).startsWith("SUMMARY #101:e=700,c=300,").endsWith(" px=0");
    assertThat(summaries.get(1)).endsWith(" px=1").doesNotContain("workers");
    assertThat(summaries.get(2))
        .startsWith("SUMMARY #101:e=1000,c=100,")
        .contains(",cr=190,hit=150,read=40,")
        .endsWith(" workers=2 px_cr=120 px_hit=90 px_read=30 px_e=1500 px_c=700");
    assertThat(summaries.get(3)).doesNotContain("workers");
  }

  @Test
  void an_account_has_the_workers_of_its_recursive_calls() throws IOException {
    add(OWN, Body.session(12));
    summary(1, 103, 1, 100, 10, 1, 2);
    add(OWN, Body.call(103, Layout.CALL_FETCH, 0, T0, 1).u16(Call.DEPTH, 1));
    summary(OWN, 103, 1, 110, 1, 3, 4);
    // Another statement of the same depth, which has none.
    add(OWN, Body.call(104, Layout.CALL_FETCH, 0, T0, 1).u16(Call.DEPTH, 1));
    summary(OWN, 104, 1, 110, 1, 3, 4);
    summary(1, 101, 0, 200, 20, 5, 6);
    add(OWN, Body.call(101, Layout.CALL_FETCH, 0, T0, 1));
    summary(OWN, 101, 0, 500, 1, 30, 40);
    summary(1, 102, 0, 1000, 100, 10, 20);
    // Workers of what the planner ran are in no execution's account.
    add(OWN, Body.call(102, Layout.CALL_PARSE, 0, T0, 0));
    summary(OWN, 102, 0, 500, 1, 30, 40);
    summary(OWN, 0, 0, 5000, 1, 300, 400);

    assertThat(summaries(written()))
        .filteredOn(line -> !line.contains(" px="))
        .extracting(line -> line.replaceAll(":.*?tim=\\d+", ""))
        .containsExactly(
            "SUMMARY #103 workers=1 px_cr=3 px_hit=1 px_read=2 px_e=100 px_c=10",
            "SUMMARY #104",
            "SUMMARY #101 workers=2 px_cr=14 px_hit=6 px_read=8 px_e=300 px_c=30",
            "SUMMARY #102",
            "SUMMARY #0 workers=3 px_cr=44 px_hit=16 px_read=28 px_e=1300 px_c=130");
  }

  @Test
  void the_session_s_account_has_no_workers_where_another_daemon_has_seen_them()
      throws IOException {
    add(OWN, Body.session(12));
    summary(1, 101, 0, 700, 300, 40, 10);
    add(OWN, Body.call(101, Layout.CALL_FETCH, 0, T0, 1));
    add(OWN, Body.xactEnd(false, true));
    written();
    summary(OWN, 0, 0, 5000, 1, 300, 400);

    assertThat(summaries(written()).get(1)).startsWith("SUMMARY #0:").doesNotContain("workers");
  }

  @Test
  void figures_whose_execution_is_over_are_forgotten() throws IOException {
    plan(1, 101, scan(300, 1, 700, 50));
    summary(1, 101, 0, 700, 300, 40, 10);
    add(OWN, Body.xactEnd(true, true).u16(XactEnd.DEPTH, 0));
    leaderPlan(101, scan(200, 1, 400, 30).u16(Node.FLAGS, Layout.NODE_LEADER_ONLY));
    summary(OWN, 101, 0, 1000, 100, 150, 40);

    assertThat(written()).doesNotContain("Worker 0", "workers=").contains("leader only");
  }

  @Test
  void a_daemon_that_is_killed_after_any_record_loses_no_figure() throws IOException {
    statement();
    String expected = written();
    List<String> lines = withoutStamps(expected);
    assertThat(lines).anyMatch(line -> line.contains("Worker 1: "));
    assertThat(lines).anyMatch(line -> line.contains(" workers=2 "));
    try (Workplace other = new Workplace(folder.resolve("two"))) {
      Writers restarted = new Writers(other);
      ByteBuffer slot = other.segment.slot(Writers.SLOT);
      ByteBuffer workers = other.segment.slot(Writers.SLOT + Workplace.SLOTS);
      byte[] commit = new byte[SlotLayout.RESEND - SlotLayout.READ_POS];
      us = 10;
      all.clear();
      statement();
      for (Written record : all) {
        restarted.write(record);
        other.runOnce();
        assertThat(workers.getLong(SlotLayout.READ_POS)).isNotNegative();
        slot.get(SlotLayout.READ_POS, commit);
        other.runOnce();
        slot.put(SlotLayout.READ_POS, commit);
      }

      assertThat(withoutStamps(Workplace.read(other.traceFile("")))).isEqualTo(lines);
    }
  }

  @Test
  void lines_are_written_while_figures_are_kept() throws IOException {
    plan(1, 101, scan(300, 1, 700, 50));
    add(2, Body.call(101, Layout.CALL_FETCH, 0, T0, 7));

    assertThat(written()).contains(",r=7,");
    assertThat(place.segment.slot(Writers.SLOT + Workplace.SLOTS).getLong(SlotLayout.READ_POS))
        .isZero();
  }

  @Test
  void figures_are_kept_as_long_as_half_a_ring_is_free() throws IOException {
    int calls = Workplace.RING_SIZE / Call.SIZE * 2;
    writers.of(1, false).waitWhenFull(10_000_000_000L);
    place.startDaemon();
    Workplace.await(() -> place.segment.header().getInt(1024) != 0);
    plan(1, 101, scan(300, 1, 700, 50));
    for (int i = 0; i < calls; i++) {
      add(1, Body.call(101, Layout.CALL_FETCH, 0, T0, i));
    }
    leaderPlan(101, scan(200, 1, 400, 30).u16(Node.FLAGS, Layout.NODE_LEADER_ONLY));
    all.forEach(writers::write);
    place.stopDaemon();

    assertThat(place.trace()).contains("Worker 0: rows=300", ",r=" + (calls - 1) + ",");
  }

  @Test
  void the_strict_form_has_the_leader_s_own_figures() throws IOException {
    plan(1, 101, scan(300, 1, 700, 50));
    leaderPlan(101, scan(200, 1, 400, 30).u16(Node.FLAGS, Layout.NODE_LEADER_ONLY));
    all.forEach(writers::write);
    place.runOnce(place.options(TraceForm.STRICT, 0));

    assertThat(place.trace())
        .contains("STAT #101 id=3 cnt=200 pid=2 ")
        .doesNotContain("cnt=300", "Worker", "px");
  }

  private void statement() {
    add(OWN, Body.statement(101, "SELECT", "select 1"));
    plan(2, 101, scan(500, 2, 900, 70));
    summary(2, 101, 0, 800, 400, 50, 20);
    plan(1, 101, scan(300, 1, 700, 50));
    summary(1, 101, 0, 700, 300, 40, 10);
    add(OWN, Body.call(101, Layout.CALL_FETCH, 0, T0, 1));
    leaderPlan(101, scan(200, 1, 400, 30).u16(Node.FLAGS, Layout.NODE_LEADER_ONLY));
    summary(OWN, 101, 0, 1000, 100, 150, 40);
    add(OWN, Body.call(101, Layout.CALL_CLOSE, 0, T0, 0));
    add(OWN, Body.xactEnd(false, true));
  }

  private void add(int by, Body body) {
    all.add(new Written(by, us++, 0, body));
  }

  /** A wait for blocks of some microseconds in a plan node. */
  private void waited(int by, int cursor, int node, long length) {
    add(
        by,
        Body.waited(cursor, READ, Layout.WAIT_BLOCKS, T0 + (us - length) * 1000)
            .u16(Wait.NODE, node)
            .u8(Wait.CALL, Layout.CALLED_READ)
            .i32(Wait.COUNT, 2));
  }

  private void plan(int by, int cursor, Body scan) {
    all.add(new Written(by, us++, Layout.RF_MORE, Body.plan(cursor, 77, 1)));
    all.add(new Written(by, us++, 0, scan));
  }

  private void leaderPlan(int cursor, Body scan) {
    all.add(
        new Written(
            OWN,
            us++,
            Layout.RF_MORE,
            Body.plan(cursor, 77, 3).u16(Plan.FLAGS, Layout.PLAN_WORKERS)));
    all.add(new Written(OWN, us++, Layout.RF_MORE, node(1, 0, "Aggregate", 1, 1, 1000, 150)));
    all.add(
        new Written(
            OWN,
            us++,
            Layout.RF_MORE,
            node(2, 1, "Gather", 1000, 1, 900, 150)
                .u8(Node.METHOD_KIND, Layout.METHOD_GATHER)
                .i64(Node.BUCKETS, 2)
                .i64(Node.BATCHES, 2)));
    all.add(new Written(OWN, us++, 0, scan));
  }

  private void summary(
      int by, int cursor, int depth, long elapsedUs, long cpuUs, long hits, long reads) {
    add(
        by,
        Body.summary(cursor, elapsedUs * 1000, cpuUs * 1000, 0)
            .u16(Summary.DEPTH, depth)
            .i64(Summary.BUFFERS + Buffers.SHARED_HIT, hits)
            .i64(Summary.BUFFERS + Buffers.SHARED_READ, reads));
  }

  private static Body scan(long rows, long loops, long totalUs, long hits) {
    return node(3, 2, "Parallel Seq Scan on public.t", rows, loops, totalUs, hits);
  }

  private static Body node(
      int id, int parent, String operation, long rows, long loops, long totalUs, long hits) {
    return Body.node(id, parent, operation)
        .i64(Node.ROWS, rows)
        .i64(Node.LOOPS, loops)
        .i64(Node.TOTAL_NS, totalUs * 1000)
        .i64(Node.BUFFERS + Buffers.SHARED_HIT, hits);
  }

  /** Writes what is to be written, and returns the trace. */
  private String written() throws IOException {
    all.forEach(writers::write);
    all.clear();
    place.runOnce();
    return place.trace();
  }

  private static List<String> summaries(String trace) {
    return trace.lines().filter(line -> line.startsWith("SUMMARY")).toList();
  }

  /** What follows the head; a daemon that goes on writes a stamp of its own. */
  private static List<String> withoutStamps(String trace) {
    return trace
        .substring(trace.indexOf('\n', trace.indexOf("*** USER NAME")) + 1)
        .lines()
        .filter(line -> !line.isEmpty() && !line.startsWith("*** 20"))
        .toList();
  }
}
