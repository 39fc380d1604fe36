package org.pgtrace.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class PlanLinesTest {
  @Test
  void aStatLineHasOraclesFieldsAndItsBracketLast() {
    PlanNodeRecord node = node(1, 0, "Seq Scan on public.t");
    node.objectId = 89440;
    node.rows = 14;
    node.loops = 1;
    node.timing = TimingMode.SAMPLED;
    node.totalUs = 439;
    node.totalCost = 3.6;
    node.width = 41;
    node.estRows = 6;
    node.sharedHit = 4;
    node.sharedRead = 1;
    assertThat(stats(node))
        .isEqualTo(
            "STAT #101 id=1 cnt=14 pid=0 pos=1 obj=89440 op='Seq Scan on public.t"
                + " (cr=5 pr=1 pw=0 str=1 time=439 us cost=4 size=246 card=6)'\n");
  }

  @Test
  void aStatLineAddsUpSharedLocalAndTempBlocks() {
    PlanNodeRecord node = node(1, 0, "Sort");
    node.sharedHit = 1;
    node.sharedRead = 10;
    node.sharedWritten = 100;
    node.localHit = 2;
    node.localRead = 20;
    node.localWritten = 200;
    node.tempRead = 40;
    node.tempWritten = 400;
    assertThat(stats(node)).contains("(cr=33 pr=70 pw=700 str=0 time=0 us ");
  }

  @Test
  void aStatLineHasNoTimeThatWasNotMeasured() {
    PlanNodeRecord node = node(1, 0, "Sort");
    node.totalUs = 99;
    assertThat(stats(node)).contains(" time=0 us ");
  }

  @Test
  void anOperationHasNoApostropheAndNoLineEnd() {
    assertThat(stats(node(1, 0, "Seq Scan on public.\"it's\nodd\"")))
        .contains("op='Seq Scan on public.\"it`s odd\" (cr=")
        .endsWith("card=0)'\n");
  }

  @Test
  void statLinesFollowThePlansOrder() {
    PlanNodeRecord child = node(3, 1, "Seq Scan on b");
    child.position = 2;
    assertThat(stats(node(1, 0, "Hash Join"), node(2, 1, "Seq Scan on a"), child).lines())
        .extracting(line -> line.substring(0, line.indexOf(" obj")))
        .containsExactly(
            "STAT #101 id=1 cnt=0 pid=0 pos=1",
            "STAT #101 id=2 cnt=0 pid=1 pos=1",
            "STAT #101 id=3 cnt=0 pid=1 pos=2");
  }

  @Test
  void aPlanIsATreeWithEachNodesOwnTime() {
    PlanNodeRecord aggregate = timed(node(1, 0, "Aggregate"), 2_456_012);
    aggregate.rows = 1;
    aggregate.startupUs = 2_456_011;
    aggregate.estRows = 1;
    aggregate.sharedHit = 950;
    aggregate.sharedRead = 50;
    PlanNodeRecord scan = timed(node(2, 1, "Seq Scan on public.employees"), 2_455_998);
    scan.rows = 1234;
    scan.startupUs = 37;
    scan.estRows = 1200;
    scan.removed1Kind = RemovedRows.FILTER;
    scan.removed1 = 48_766;
    scan.sharedHit = 950;
    scan.sharedRead = 50;
    assertThat(plan(aggregate, scan))
        .isEqualTo(
            "PLAN #101: plh=2725028981\n"
                + "  -> Aggregate  (rows=1 est=1 loops=1 time=~2456012us self=~14us)\n"
                + "       First row: ~2456011us\n"
                + "       Buffers: shared hit=950 read=50\n"
                + "     -> Seq Scan on public.employees"
                + "  (rows=1234 est=1200 loops=1 time=~2455998us self=~2455998us)\n"
                + "          First row: ~37us\n"
                + "          Rows removed by filter: 48766\n"
                + "          Buffers: shared hit=950 read=50\n");
  }

  @Test
  void exactTimesHaveNoMarkAndOwnTimeIsNeverNegative() {
    PlanNodeRecord parent = timed(node(1, 0, "Append"), 10);
    parent.timing = TimingMode.EXACT;
    PlanNodeRecord a = timed(node(2, 1, "Result"), 4);
    a.timing = TimingMode.EXACT;
    PlanNodeRecord b = timed(node(3, 1, "Result"), 7);
    b.timing = TimingMode.EXACT;
    assertThat(plan(parent, a, b))
        .contains("Append  (rows=0 est=0 loops=1 time=10us self=0us)")
        .contains("     -> Result  (rows=0 est=0 loops=1 time=7us self=7us)");
  }

  @Test
  void ownTimeLeavesOutTheChildrenAndNotTheGrandchildren() {
    assertThat(
            plan(
                timed(node(1, 0, "Limit"), 100),
                timed(node(2, 1, "Sort"), 70),
                timed(node(3, 2, "Seq Scan on t"), 60)))
        .contains("Limit  (rows=0 est=0 loops=1 time=~100us self=~30us)")
        .contains("Sort  (rows=0 est=0 loops=1 time=~70us self=~10us)")
        .contains("        -> Seq Scan on t  (rows=0 est=0 loops=1 time=~60us self=~60us)");
  }

  @Test
  void noTimesAreShownWhenNoneWereTaken() {
    assertThat(plan(node(1, 0, "Result"))).endsWith("  -> Result  (rows=0 est=0 loops=0)\n");
  }

  @Test
  void theLeadersFiguresAreMarked() {
    PlanNodeRecord node = node(1, 0, "Seq Scan on t");
    node.leaderOnly = true;
    assertThat(plan(node)).endsWith("(rows=0 est=0 loops=0 leader only)\n");
  }

  @Test
  void detailsComeInExplainsOrder() {
    PlanNodeRecord node = node(1, 0, "Insert on t");
    node.loops = 1;
    node.removed1Kind = RemovedRows.CONFLICTING;
    node.removed1 = 2;
    node.removed2Kind = RemovedRows.CONFLICT_FILTER;
    node.removed2 = 1;
    node.method = NodeMethod.INSERT;
    node.tuplesInserted = 5;
    node.localDirtied = 3;
    node.tempRead = 4;
    node.tempWritten = 6;
    node.walRecords = 7;
    node.walFpi = 8;
    node.walBytes = 9;
    assertThat(details(node))
        .isEqualTo(
            "       Rows removed by conflict filter: 1\n"
                + "       Tuples Inserted: 5\n"
                + "       Conflicting Tuples: 2\n"
                + "       Buffers: local dirtied=3, temp read=4 written=6\n"
                + "       WAL: records=7 fpi=8 bytes=9\n");
  }

  @Test
  void recheckAndJoinFilterComeBeforeTheFilter() {
    PlanNodeRecord node = node(1, 0, "Bitmap Heap Scan on t");
    node.loops = 1;
    node.removed1Kind = RemovedRows.FILTER;
    node.removed1 = 1;
    node.removed2Kind = RemovedRows.INDEX_RECHECK;
    node.removed2 = 2;
    node.method = NodeMethod.BITMAP;
    node.exactBlocks = 3;
    assertThat(details(node))
        .isEqualTo(
            "       Rows removed by index recheck: 2\n"
                + "       Rows removed by filter: 1\n"
                + "       Heap Blocks: exact=3\n");
  }

  @Test
  void sortsAndHashesSayHowTheyWorked() {
    PlanNodeRecord node = node(1, 0, "x");
    node.loops = 1;
    node.method = NodeMethod.SORT;
    node.sortMethod.set("external merge");
    node.sortOnDisk = true;
    node.spaceKb = 1024;
    assertThat(details(node)).isEqualTo("       Sort Method: external merge  Disk: 1024kB\n");
    node.sortMethod.set("quicksort");
    node.sortOnDisk = false;
    assertThat(details(node)).isEqualTo("       Sort Method: quicksort  Memory: 1024kB\n");
    node.method = NodeMethod.HASH;
    node.buckets = 2048;
    node.batches = 2;
    assertThat(details(node)).isEqualTo("       Buckets: 2048  Batches: 2  Memory Usage: 1024kB\n");
    node.method = NodeMethod.HASH_AGGREGATE;
    assertThat(details(node)).isEqualTo("       Batches: 2  Memory Usage: 1024kB\n");
    node.diskKb = 5;
    assertThat(details(node))
        .isEqualTo("       Batches: 2  Memory Usage: 1024kB  Disk Usage: 5kB\n");
  }

  @Test
  void otherMethodsHaveExplainsWords() {
    PlanNodeRecord node = node(1, 0, "x");
    node.loops = 1;
    node.method = NodeMethod.MEMOIZE;
    node.hits = 9;
    node.misses = 1;
    node.spaceKb = 2;
    assertThat(details(node))
        .isEqualTo("       Hits: 9  Misses: 1  Evictions: 0  Memory Usage: 2kB\n");
    node.method = NodeMethod.GATHER;
    node.workersPlanned = 2;
    node.workersLaunched = 1;
    assertThat(details(node)).isEqualTo("       Workers Planned: 2\n       Workers Launched: 1\n");
    node.method = NodeMethod.INDEX_ONLY;
    assertThat(details(node)).isEqualTo("       Heap Fetches: 0\n");
  }

  @Test
  void aNodeThatWasNeverRunHasNoMethodLine() {
    PlanNodeRecord node = node(1, 0, "Sort");
    node.method = NodeMethod.SORT;
    assertThat(details(node)).isEmpty();
  }

  @Test
  void aNodeWhoseParentWasLostStandsAtTheRoot() {
    assertThat(plan(node(4, 2, "Sort"), node(5, 4, "Result")))
        .isEqualTo(
            "PLAN #101: plh=2725028981\n"
                + "  -> Sort  (rows=0 est=0 loops=0)\n"
                + "     -> Result  (rows=0 est=0 loops=0)\n");
  }

  @Test
  void aWidePlanFits() {
    PlanNodeRecord[] nodes = new PlanNodeRecord[500];
    for (int i = 0; i < nodes.length; i++) {
      nodes[i] = node(i + 1, i == 0 ? 0 : 1, "Result");
    }
    assertThat(plan(nodes).lines()).hasSize(501);
  }

  @Test
  void strictFormHasNoPlan() {
    WriterFixture t = WriterFixture.stamped(TraceForm.STRICT);
    t.writer.plan(101, 1, 0, List.of(node(1, 0, "Result")));
    assertThat(t.take()).isEmpty();
  }

  private static PlanNodeRecord node(int id, int parentId, String op) {
    PlanNodeRecord node = new PlanNodeRecord();
    node.id = id;
    node.parentId = parentId;
    node.op.set(op);
    return node;
  }

  private static PlanNodeRecord timed(PlanNodeRecord node, long totalUs) {
    node.timing = TimingMode.SAMPLED;
    node.loops = 1;
    node.totalUs = totalUs;
    return node;
  }

  private static String stats(PlanNodeRecord... nodes) {
    WriterFixture t = WriterFixture.stamped(TraceForm.STRICT);
    t.writer.stats(101, List.of(nodes));
    return t.take();
  }

  private static String plan(PlanNodeRecord... nodes) {
    WriterFixture t = WriterFixture.stamped(TraceForm.FULL);
    t.writer.plan(101, 2_725_028_981L, 0, List.of(nodes));
    return t.take();
  }

  /** What stands below the only node. */
  private static String details(PlanNodeRecord node) {
    return plan(node).replaceFirst("(?s)^.*?\\)\n", "");
  }
}
