package org.pgtrace.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.pgtrace.profile.TraceText.statement;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgtrace.format.RemovedRows;

class PlansTest {
  private final Path folder;

  PlansTest(@TempDir Path folder) {
    this.folder = folder;
  }

  private static TraceText executed(TraceText trace, long tim) {
    return trace.call("EXEC", 101, 1, 10, "p=0,cr=0,cu=0,mis=0,r=0", 0, 77, tim, "");
  }

  private static void stats(TraceText trace) {
    trace.line(
        "STAT #101 id=1 cnt=10 pid=0 pos=1 obj=0 op='Nested Loop (cr=50 pr=9 pw=0 str=1 time=900"
            + " us cost=4 size=246 card=10)'");
    trace.line(
        "STAT #101 id=2 cnt=10 pid=1 pos=1 obj=5 op='Seq Scan on public.a (cr=20 pr=4 pw=0 str=1"
            + " time=300 us cost=4 size=246 card=200)'");
    trace.line(
        "STAT #101 id=3 cnt=400 pid=1 pos=2 obj=6 op='Seq Scan on public.b (cr=25 pr=3 pw=0"
            + " str=10 time=500 us cost=4 size=246 card=2)'");
  }

  private StatementProfile profiled(TraceText trace) {
    return statement(trace.profile(folder), "select * from a, b");
  }

  private static TraceText begun() {
    return new TraceText().parsing(101, 0, "aaaaaaaaaaaaa", "select * from a, b");
  }

  @Test
  void a_node_s_own_figures_are_without_its_children_s() {
    TraceText trace = executed(begun(), 1000);
    stats(trace);
    executed(trace, 2000);
    stats(trace);
    PlanProfile plan = profiled(trace).plan(77);
    List<PlanNode> nodes = plan.nodes();

    assertThat(plan.executions).isEqualTo(2);
    assertThat(plan.elapsedUs).isEqualTo(20);
    assertThat(plan.captures).isEqualTo(2);
    PlanNode join = nodes.get(0);
    // Twice 900 - 300 - 500, 50 - 20 - 25, 9 - 4 - 3.
    assertThat(join.selfUs).isEqualTo(200);
    assertThat(join.selfQuery).isEqualTo(10);
    assertThat(join.selfDisk).isEqualTo(4);
    assertThat(join.rows).isEqualTo(20);
    assertThat(nodes.get(1).selfUs).isEqualTo(600);
    assertThat(nodes.get(2).level).isEqualTo(1);
    assertThat(nodes).extracting(node -> node.isSampled).containsOnly(false);
    // Told again, the figures are the same.
    assertThat(plan.nodes().get(0).selfUs).isEqualTo(200);
  }

  @Test
  void estimates_are_compared_with_the_rows_of_one_loop() {
    TraceText trace = executed(begun(), 1000);
    stats(trace);
    List<PlanNode> nodes = profiled(trace).plan(77).nodes();

    // 10 as expected; 10 of 200; 400 in 10 loops where 2 a loop were expected.
    assertThat(nodes.get(0).isEstimateOff()).isFalse();
    assertThat(nodes.get(1).factor()).isCloseTo(1 / 20.0, within(1e-9));
    assertThat(nodes.get(1).isEstimateOff()).isTrue();
    assertThat(nodes.get(2).factor()).isCloseTo(20, within(1e-9));
    assertThat(nodes.get(2).isEstimateOff()).isTrue();
  }

  @Test
  void a_plan_block_tells_self_time_buffers_waits_and_that_times_are_estimates() {
    TraceText trace = executed(begun(), 1000);
    stats(trace);
    trace.line("PLAN #101: plh=77");
    trace.line("  -> Nested Loop  (rows=10 est=10 loops=1 time=~900us self=~120us)");
    trace.line("       Buffers: shared hit=41 read=9 dirtied=2");
    trace.line("     -> Seq Scan on public.a  (rows=10 est=200 loops=1 time=~300us self=~300us)");
    trace.line("          Rows removed by filter: 190");
    trace.line("          Buffers: shared hit=16 read=4, local hit=1");
    trace.line("          Waits: db file sequential read 4x 210us (disk 1, cache 3)");
    trace.line("     -> Seq Scan on public.b  (rows=400 est=2 loops=10 time=~500us self=~500us)");
    List<PlanNode> nodes = profiled(trace).plan(77).nodes();

    // As the block says: 900 - 300 - 500 would be 100.
    assertThat(nodes.get(0).selfUs).isEqualTo(120);
    assertThat(nodes.get(0).isSampled).isTrue();
    assertThat(nodes.get(0).dirtied).isEqualTo(2);
    // 41 - 16 - 1, 9 - 4.
    assertThat(nodes.get(0).selfHit).isEqualTo(24);
    assertThat(nodes.get(0).selfRead).isEqualTo(5);
    PlanNode a = nodes.get(1);
    assertThat(a.hit).isEqualTo(17);
    assertThat(a.read).isEqualTo(4);
    assertThat(a.removed).containsEntry(RemovedRows.FILTER, 190L);
    assertThat(a.waits()).hasSize(1);
    assertThat(a.waits().get(0).totalUs).isEqualTo(210);
    assertThat(a.waits().get(0).fromDisk).isEqualTo(1);
    assertThat(a.waits().get(0).fromCache).isEqualTo(3);
  }

  @Test
  void where_some_executions_have_no_plan_block_self_time_is_the_difference() {
    TraceText trace = executed(begun(), 1000);
    stats(trace);
    trace.line("PLAN #101: plh=77");
    trace.line("  -> Nested Loop  (rows=10 est=10 loops=1 time=~900us self=~120us)");
    executed(trace, 2000);
    stats(trace);
    List<PlanNode> nodes = profiled(trace).plan(77).nodes();

    assertThat(nodes.get(0).selfUs).isEqualTo(200);
  }

  @Test
  void oracle_s_lines_may_lack_figures() {
    TraceText trace = executed(begun(), 1000);
    trace.line("STAT #101 id=1 cnt=4 pid=0 pos=1 obj=0 op='SORT ORDER BY'");
    trace.line(
        "STAT #101 id=2 cnt=9 pid=1 pos=1 obj=7 op='TABLE ACCESS FULL T (cr=5 pr=1 pw=0 time=44 us)'");
    List<PlanNode> nodes = profiled(trace).plan(77).nodes();

    assertThat(nodes.get(0).hasStatistics).isFalse();
    assertThat(nodes.get(0).rows).isEqualTo(4);
    assertThat(nodes.get(0).hasEstimate).isFalse();
    assertThat(nodes.get(1).selfUs).isEqualTo(44);
    assertThat(nodes.get(1).isEstimateOff()).isFalse();
  }

  @Test
  void plans_of_one_statement_are_told_apart_by_their_hash() {
    TraceText trace = executed(begun(), 1000);
    stats(trace);
    trace.call("EXEC", 101, 1, 30, "p=0,cr=0,cu=0,mis=0,r=0", 0, 88, 2000, "");
    trace.line(
        "STAT #101 id=1 cnt=1 pid=0 pos=1 obj=0 op='Result (cr=0 pr=0 pw=0 str=1 time=1 us"
            + " cost=0 size=0 card=1)'");
    StatementProfile s = profiled(trace);

    assertThat(s.plans).containsOnlyKeys(77L, 88L);
    assertThat(s.plan(88).nodes()).hasSize(1);
    assertThat(s.plan(88).elapsedUs).isEqualTo(30);
  }
}
