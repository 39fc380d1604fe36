package org.pgtrace.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class KernelLinesTest {
  @Test
  void aCallSaysWhatItMovedWhereAndWhatTheDeviceTook() {
    assertThat(line(TraceForm.FULL, read()))
        .isEqualTo(
            "SYSCALL #101: nam='pread64' ela= 88 fd=12 offset=16384 bytes=8192 obj#=16384"
                + " tim=1769860800123456 file='base/5/16390' rel='public.t' block#=2 requests=1"
                + " request_bytes=131072 device=71 src=ebpf\n");
  }

  @Test
  void whatIsNotKnownOrNotThereIsLeftOut() {
    SystemCallRecord r = read();
    r.path.clear();
    r.relation.clear();
    r.objectId = -1;
    r.block = -1;
    r.requests = 0;
    r.result = -28;
    assertThat(line(TraceForm.FULL, r))
        .isEqualTo(
            "SYSCALL #101: nam='pread64' ela= 88 fd=12 offset=16384 bytes=-28 obj#=-1"
                + " tim=1769860800123456 src=ebpf\n");
  }

  @Test
  void anExecutionHasTheSumsOfItsCallsAndOfItsTimeOffTheProcessor() {
    assertThat(line(TraceForm.FULL, sum()))
        .isEqualTo(
            "OS #101:reads=1,read_us=2,read_bytes=3,writes=4,write_us=5,write_bytes=6,syncs=7,"
                + "sync_us=8,requests=9,request_bytes=10,device_us=11,sleeps=12,sleep_us=13,"
                + "preemptions=14,runq_us=15,src=ebpf,tim=1769860800123456\n");
  }

  @Test
  void sumsInWhichSomethingIsMissingSaySo() {
    KernelSumRecord r = sum();
    r.isIncomplete = true;
    assertThat(line(TraceForm.FULL, r)).endsWith(",tim=1769860800123456 incomplete\n");
  }

  @Test
  void whatTheProbesHaveLostIsALineToo() {
    WriterFixture t = WriterFixture.stamped(TraceForm.FULL);
    t.writer.lostOfKernel(5, Text.TIM - 10, Text.TIM);
    assertThat(t.take())
        .isEqualTo("*** LOST 5 EVENTS (ebpf=5) BETWEEN 1769860800123446 AND 1769860800123456\n");
  }

  @Test
  void strictFormHasNone() {
    assertThat(line(TraceForm.STRICT, read())).isEmpty();
    assertThat(line(TraceForm.STRICT, sum())).isEmpty();
    WriterFixture t = WriterFixture.stamped(TraceForm.STRICT);
    t.writer.lostOfKernel(5, Text.TIM, Text.TIM);
    assertThat(t.take()).isEmpty();
  }

  private static SystemCallRecord read() {
    SystemCallRecord r = new SystemCallRecord();
    r.name = "pread64";
    r.cursor = 101;
    r.elapsedUs = 88;
    r.descriptor = 12;
    r.offset = 16384;
    r.result = 8192;
    r.objectId = 16384;
    span(r.path, "base/5/16390");
    span(r.relation, "public.t");
    r.block = 2;
    r.requests = 1;
    r.requestBytes = 131072;
    r.deviceUs = 71;
    r.tim = Text.TIM;
    return r;
  }

  private static void span(ByteSpan span, String text) {
    byte[] bytes = Text.bytes(text);
    span.set(bytes, 0, bytes.length);
  }

  private static KernelSumRecord sum() {
    KernelSumRecord r = new KernelSumRecord();
    r.cursor = 101;
    r.reads = 1;
    r.readUs = 2;
    r.readBytes = 3;
    r.writes = 4;
    r.writeUs = 5;
    r.writtenBytes = 6;
    r.syncs = 7;
    r.syncUs = 8;
    r.requests = 9;
    r.requestBytes = 10;
    r.deviceUs = 11;
    r.sleeps = 12;
    r.sleepUs = 13;
    r.preemptions = 14;
    r.runQueueUs = 15;
    r.tim = Text.TIM;
    return r;
  }

  private static String line(TraceForm form, SystemCallRecord r) {
    WriterFixture t = WriterFixture.stamped(form);
    t.writer.systemCall(r);
    return t.take();
  }

  private static String line(TraceForm form, KernelSumRecord r) {
    WriterFixture t = WriterFixture.stamped(form);
    t.writer.kernelSum(r);
    return t.take();
  }
}
