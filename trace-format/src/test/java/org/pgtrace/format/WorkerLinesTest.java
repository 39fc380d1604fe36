package org.pgtrace.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Lines of parallel workers, and workers' figures in lines of their leader. */
class WorkerLinesTest {
  private static final String TIM = "1769860800123456";

  @Test
  void aCallEndsWithItsWorker() {
    CallRecord call = new CallRecord();
    call.kind = CallKind.FETCH;
    call.cursor = 101;
    call.tim = Text.TIM;
    String line = "FETCH #101:c=0,e=0,p=0,cr=0,cu=0,mis=0,r=0,dep=0,og=1,plh=0,tim=" + TIM;
    assertThat(full(1, w -> w.call(call))).isEqualTo(line + " px=0\n");
    assertThat(full(0, w -> w.call(call))).isEqualTo(line + "\n");
    assertThat(strict(1, w -> w.call(call))).isEqualTo(line + "\n");
    call.isPartial = true;
    assertThat(full(13, w -> w.call(call))).isEqualTo(line + " partial px=12\n");
    assertThat(full(0, w -> w.call(call))).isEqualTo(line + " partial\n");
    assertThat(strict(0, w -> w.call(call))).isEqualTo(line + "\n");
  }

  @Test
  void aCloseAnErrorAndBindsEndWithTheirWorker() {
    assertThat(full(2, w -> w.close(101, 1, 2, 1, 0, Text.TIM)))
        .isEqualTo("CLOSE #101:c=1,e=2,dep=1,type=0,tim=" + TIM + " px=1\n");
    assertThat(full(2, w -> w.error(101, 7, Text.TIM)))
        .isEqualTo("ERROR #101:err=7 tim=" + TIM + " px=1\n");
    assertThat(full(2, w -> w.bindsStart(101, 1, Text.TIM))).isEqualTo("BINDS #101: px=1\n\n");
    assertThat(strict(2, w -> w.bindsStart(101, 1, Text.TIM))).isEqualTo("BINDS #101:\n\n");
  }

  @Test
  void aTextsFirstLineEndsWithItsWorker() {
    byte[] sql = Text.bytes("select 1");
    String parsing = full(1, w -> w.parsing(101, sql, 0, sql.length, 1, 10, 3, 10, Text.TIM));
    assertThat(parsing).matches("(?s)=+\nPARSING IN CURSOR .* sqlid='\\w+' px=0\nselect 1\nEND.*");
    assertThat(full(1, w -> w.parseError(101, sql, 0, sql.length, 1, 10, 3, 10, Text.TIM, 7)))
        .endsWith(" err=7 px=0\nselect 1\n");
  }

  @Test
  void aWaitEndsWithItsWorkerAfterAllOtherFields() {
    WaitRecord wait = new WaitRecord();
    wait.cursor = 101;
    wait.node = 3;
    wait.tim = Text.TIM;
    wait.isOwnWork = true;
    assertThat(full(1, w -> w.wait(wait))).endsWith(" tim=" + TIM + " node=3 by=pg_trace px=0\n");
    assertThat(strict(1, w -> w.wait(wait))).endsWith(" tim=" + TIM + "\n");
  }

  @Test
  void hitsEndWithTheirWorker() {
    HitRecord hits = new HitRecord();
    hits.cursor = 101;
    hits.addSpan(7, 1);
    hits.tim = Text.TIM;
    assertThat(full(1, w -> w.hits(hits))).endsWith(" blocks=7 tim=" + TIM + " px=0\n");
  }

  @Test
  void anAccountSaysWhatWorkersDid() {
    SummaryRecord s = new SummaryRecord();
    s.cursor = 101;
    s.elapsedUs = 10;
    s.hits = 7;
    s.reads = 5;
    s.tim = Text.TIM;
    String line =
        "SUMMARY #101:e=10,c=0,waits=0,unaccounted=10,cr=12,hit=7,read=5,disk=0,cache=0,tim=" + TIM;
    assertThat(full(3, w -> w.summary(s))).isEqualTo(line + " px=2\n");
    s.workers = 2;
    s.workersHits = 4;
    s.workersReads = 3;
    s.workersElapsedUs = 18;
    s.workersCpuUs = 9;
    assertThat(full(0, w -> w.summary(s)))
        .isEqualTo(line + " workers=2 px_cr=7 px_hit=4 px_read=3 px_e=18 px_c=9\n");
  }

  @Test
  void aPlanOfAWorkersStatementEndsItsLinesWithTheWorker() {
    List<PlanNodeRecord> nodes = List.of(node(1, 0, "Result", 1));
    assertThat(full(1, w -> w.stats(101, nodes))).endsWith(" card=0)' px=0\n");
    assertThat(full(1, w -> w.plan(101, 7, 0, nodes))).startsWith("PLAN #101: plh=7 px=0\n");
    assertThat(strict(1, w -> w.stats(101, nodes))).endsWith(" card=0)'\n");
  }

  @Test
  void aNodeHasALineForEachWorkerThatCameToIt() {
    PlanNodeRecord gather = node(1, 0, "Gather", 10);
    PlanNodeRecord scan = node(2, 1, "Parallel Seq Scan on t", 4);
    scan.leaderOnly = true;
    scan.totalUs = 40;
    scan.timing = TimingMode.SAMPLED;
    gather.totalUs = 50;
    gather.timing = TimingMode.SAMPLED;
    PlanNodeRecord first = share(1, 6);
    first.sharedHit = 3;
    first.totalUs = 60;
    first.timing = TimingMode.SAMPLED;
    scan.addWorker(first);
    PlanNodeRecord second = share(2, 0);
    second.loops = 0;
    scan.addWorker(second);

    assertThat(full(0, w -> w.plan(101, 7, 0, List.of(gather, scan))))
        .isEqualTo(
            """
            PLAN #101: plh=7
              -> Gather  (rows=10 est=0 loops=1 time=~50us self=~10us)
                   First row: ~0us
                 -> Parallel Seq Scan on t  (rows=10 est=0 loops=2 time=~100us self=~100us)
                      First row: ~0us
                      Buffers: shared hit=3
                      Worker 0: rows=6 loops=1 time=~60us
                        First row: ~0us
                        Buffers: shared hit=3
            """);
  }

  @Test
  void aWorkerShowsItsOwnMethod() {
    PlanNodeRecord sort = node(1, 0, "Sort", 5);
    sort.method = NodeMethod.SORT;
    sort.sortMethod.set("quicksort");
    sort.spaceKb = 25;
    sort.leaderOnly = true;
    PlanNodeRecord share = share(1, 5);
    share.method = NodeMethod.SORT;
    share.sortMethod.set("external merge");
    share.sortOnDisk = true;
    share.spaceKb = 900;
    sort.addWorker(share);

    assertThat(full(0, w -> w.plan(101, 7, 0, List.of(sort))))
        .contains(
            """
                   Sort Method: quicksort  Memory: 25kB
                   Worker 0: rows=5 loops=1
                     Sort Method: external merge  Disk: 900kB
            """);
  }

  @Test
  void aLeaderThatDidNotRunTheNodeHasNoMethod() {
    PlanNodeRecord sort = node(1, 0, "Sort", 0);
    sort.loops = 0;
    sort.method = NodeMethod.SORT;
    sort.leaderOnly = true;
    PlanNodeRecord share = share(1, 5);
    share.method = NodeMethod.SORT;
    share.sortMethod.set("quicksort");
    sort.addWorker(share);
    PlanNodeRecord bitmap = node(2, 1, "Bitmap Heap Scan", 0);
    bitmap.loops = 0;
    bitmap.leaderOnly = true;
    for (int worker = 1; worker <= 2; worker++) {
      PlanNodeRecord part = share(worker, 5);
      part.method = NodeMethod.BITMAP;
      part.exactBlocks = 4;
      bitmap.addWorker(part);
    }

    assertThat(full(0, w -> w.plan(101, 7, 0, List.of(sort, bitmap))))
        .containsOnlyOnce("Sort Method")
        .contains("          Heap Blocks: exact=8\n");
  }

  @Test
  void aPlanSaysHowManyWorkersWereNotTracedAndThatItRuns() {
    List<PlanNodeRecord> nodes = List.of(node(1, 0, "Result", 1));
    nodes.get(0).estRows = 1200;
    assertThat(full(0, w -> w.plan(101, 7, 2, nodes)))
        .startsWith("PLAN #101: plh=7 workers not traced: 2\n");
    assertThat(full(0, w -> w.runningPlan(101, 7, nodes)))
        .isEqualTo("PLAN #101: plh=7 running\n  -> Result  (est=1200)\n");
    assertThat(strict(0, w -> w.runningPlan(101, 7, nodes))).isEmpty();
  }

  private static PlanNodeRecord node(int id, int parent, String op, long rows) {
    PlanNodeRecord node = new PlanNodeRecord();
    node.id = id;
    node.parentId = parent;
    node.op.set(op);
    node.rows = rows;
    node.loops = 1;
    return node;
  }

  private static PlanNodeRecord share(int worker, long rows) {
    PlanNodeRecord share = node(0, 0, "", rows);
    share.worker = worker;
    return share;
  }

  private static String full(int worker, Consumer<TraceWriter> lines) {
    return written(TraceForm.FULL, worker, lines);
  }

  private static String strict(int worker, Consumer<TraceWriter> lines) {
    return written(TraceForm.STRICT, worker, lines);
  }

  private static String written(TraceForm form, int worker, Consumer<TraceWriter> lines) {
    WriterFixture t = WriterFixture.stamped(form);
    t.writer.setWorker(worker);
    lines.accept(t.writer);
    return t.take();
  }
}
