package org.pgtrace.format;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AllocationTest {
  private static final CallKind[] KINDS = CallKind.values();
  private static final WaitKind[] WAIT_KINDS = WaitKind.values();
  private static final int ROUNDS = 2_000;

  /** Room for what the JVM itself does meanwhile; one object a round would be 32,000 or more. */
  private static final long ALLOWED_BYTES = 16_000;

  private final TraceBuffer out = new TraceBuffer(16);
  private final CallRecord call = new CallRecord();
  private final BindRecord bind = new BindRecord();
  private final WaitRecord wait = new WaitRecord();
  private final HitRecord hits = new HitRecord();
  private final SummaryRecord summary = new SummaryRecord();
  private final NodeWait nodeWait = new NodeWait();
  private final PlanNodeRecord node = new PlanNodeRecord();
  private final List<PlanNodeRecord> plan = List.of(node);
  private final byte[] sql = Text.bytes("select * from t where a = $1 and b = '$2'");

  @ParameterizedTest
  @EnumSource(TraceForm.class)
  void linesMakeNoGarbage(TraceForm form) {
    TraceWriter writer = new TraceWriter(out, form);
    bind.typeOid = 25;
    bind.value.set("value");
    node.id = 1;
    node.op.set("Seq Scan on t");
    node.waits.add(nodeWait);
    node.waits.add(new NodeWait());
    wait.event = WaitEvent.named(0x0A00_0012, "IO", "DataFileRead");
    wait.relation.set("public.t");
    wait.isOwnWork = true;
    wait.targetLsn = 0x16B_3748L;
    hits.relation.set("public.t");
    rounds(writer);

    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    rounds(writer);
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertThat(allocated).isLessThan(ALLOWED_BYTES);
  }

  private void rounds(TraceWriter writer) {
    for (int i = 0; i < ROUNDS; i++) {
      out.clear();
      long tim = Text.TIM + i * 10_000L;
      writer.parsing(101, sql, 0, sql.length, 0, 10, 3, 10, tim);
      writer.bindsStart(101, 1, tim);
      writer.bind(bind);
      writer.bindsEnd();
      call.tim = tim;
      for (CallKind kind : KINDS) {
        call.kind = kind;
        writer.call(call);
      }
      wait.tim = tim;
      for (WaitKind kind : WAIT_KINDS) {
        wait.kind = kind;
        wait.blocks = i;
        wait.cpuUs = i;
        writer.wait(wait);
      }
      hits.tim = tim;
      hits.clearSpans();
      for (int block = 0; block < 600; block++) {
        hits.addSpan(block * 3L, 1 + (i & 1));
      }
      writer.hits(hits);
      writer.object(16384, 16390, wait.relation, 'r', tim);
      nodeWait.totalUs = i & 1;
      writer.stats(101, plan);
      writer.plan(101, 1, 0, plan);
      summary.tim = tim;
      writer.summary(summary);
      writer.close(101, 1, 1, 0, 0, tim);
      writer.xctend(false, true, tim);
      writer.error(101, 1, tim);
      writer.errorText(101, "42P01", sql, 0, sql.length, 1);
    }
  }
}
