package org.pgtrace.ring;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgtrace.ring.NativeSegment.Client;
import org.pgtrace.ring.NativeSegment.Server;
import org.pgtrace.ring.SegmentReader.Access;

class RequestsTest {
  private static final int RING_SIZE = 1 << 20;
  private static final int PID = 4711;
  private static final long TICKS = 99;
  private static final ControlWord WANTED = ControlWord.on(12, Blocks.ALL, PlanStat.NEVER);

  private final Path path;
  private final NativeSegment written;
  private final SegmentReader segment;
  private final Requests requests;

  RequestsTest(@TempDir Path folder) throws IOException {
    path = folder.resolve("pg_trace.main.4000");
    written = NativeSegment.create(path, 2, RING_SIZE, new Server("main", 4000, 12345, "boot"));
    segment = SegmentReader.open(path, Access.ASK);
    requests = new Requests(segment);
  }

  @AfterEach
  void close() throws IOException {
    segment.close();
    written.close();
  }

  private SlotReader offer(int pid) throws IOException {
    return requests.offer(pid, TICKS, WANTED, (somebody, ticks) -> false).slot();
  }

  /** Bytes that the file really has: stat counts blocks of 512. */
  private long memory() throws Exception {
    Process stat = new ProcessBuilder("stat", "-c", "%b", path.toString()).start();
    assertThat(stat.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return Long.parseLong(new String(stat.getInputStream().readAllBytes(), US_ASCII).strip()) * 512;
  }

  @Test
  void an_offered_slot_is_as_new_and_has_its_memory() throws Exception {
    ByteBuffer bytes = written.slot(0);
    for (int i = SlotLayout.START_TICKS; i < SlotLayout.SIZE; i++) {
      bytes.put(i, (byte) 0x5a);
    }
    written.header().putInt(SegmentLayout.SESSION_COUNTER, 41);
    long before = memory();
    SlotReader slot = offer(PID);

    assertThat(slot.index()).isZero();
    assertThat(slot.state()).isEqualTo(Layout.SLOT_OFFERED);
    assertThat(slot.pid()).isEqualTo(PID);
    assertThat(slot.startTicks()).isEqualTo(TICKS);
    assertThat(slot.sessionNumber()).isEqualTo(42);
    assertThat(slot.backendType()).isEqualTo(Layout.BACKEND_CLIENT);
    assertThat(slot.control().describe()).isEqualTo(WANTED.describe());
    assertThat(slot.control().isLaterThan(ControlWord.NONE)).isTrue();
    assertThat(slot.head()).isZero();
    assertThat(slot.readPosition()).isZero();
    assertThat(slot.commit()).isEqualTo(new Commit(Positions.START, 0, 0));
    assertThat(slot.database() + slot.role() + slot.application() + slot.traceFile()).isEmpty();
    assertThat(Math.abs(slot.anchorWallNs() - System.currentTimeMillis() * 1_000_000))
        .isLessThan(10_000_000_000L);
    assertThat(Math.abs(slot.anchorMonoNs() - NativeSegment.clockNs())).isLessThan(10_000_000_000L);
    assertThat(memory()).isGreaterThanOrEqualTo(before + RING_SIZE);
    assertThat(requests.slotOf(PID, TICKS)).contains(slot);
    assertThat(requests.slotOf(PID, TICKS + 1)).isEmpty();
  }

  @Test
  void a_withdrawn_slot_is_free_and_has_given_its_memory_back() throws Exception {
    long before = memory();
    SlotReader slot = offer(PID);
    assertThat(requests.withdraw(slot, slot.sessionNumber() + 1)).isFalse();
    assertThat(slot.state()).isEqualTo(Layout.SLOT_OFFERED);
    assertThat(requests.withdraw(slot, slot.sessionNumber())).isTrue();
    assertThat(slot.state()).isEqualTo(Layout.SLOT_FREE);
    assertThat(memory()).isLessThan(before + RING_SIZE);
    assertThat(requests.withdraw(slot, slot.sessionNumber())).isFalse();
  }

  @Test
  void a_slot_that_somebody_has_is_not_taken() throws IOException {
    written.claim(0, new Client(1, 2, "", "", "", ""));
    assertThat(offer(PID).index()).isEqualTo(1);
    assertThatThrownBy(() -> offer(PID + 1))
        .isInstanceOf(RequestRefusedException.class)
        .hasMessageContaining("all 2 trace rings are in use")
        .hasMessageContaining("no daemon is attached");
  }

  /** Its owner is about to take it, or to free it. */
  @Test
  void a_free_slot_whose_byte_is_locked_is_left_alone() throws IOException {
    try (SegmentReader other = SegmentReader.open(path, Access.ASK)) {
      assertThat(other.file().tryLock(other.slotOffset(0))).isTrue();
      assertThat(offer(PID).index()).isEqualTo(1);
    }
  }

  @Test
  void what_was_offered_to_a_process_that_is_over_is_there_for_others() throws IOException {
    offer(PID);
    offer(PID + 1);
    SlotReader slot = requests.offer(PID + 2, TICKS, WANTED, (pid, ticks) -> pid == PID + 1).slot();
    assertThat(slot.index()).isEqualTo(1);
    assertThat(requests.slotOf(PID, TICKS)).isPresent();
    assertThat(requests.slotOf(PID + 1, TICKS)).isEmpty();
  }

  @Test
  void a_request_is_one_word_that_all_processes_are_told_of() throws IOException {
    written.header().putInt(SegmentLayout.CONTROL_GENERATION, 6);
    SlotReader slot = offer(PID);

    // PGT_CONTROL(PGT_CONTROL_ON, 12, PGT_BLOCKS_ALL, PGT_PLAN_STAT_NEVER, 7)
    assertThat(written.slot(0).getLong(SlotLayout.CONTROL)).isEqualTo(0x0000_0007_0002_0c02L);
    assertThat(slot.control().describe()).isEqualTo("12 all never");
    assertThat(written.header().getInt(SegmentLayout.CONTROL_GENERATION)).isEqualTo(7);
    ControlWord asked = requests.ask(slot, WANTED);
    assertThat(written.slot(0).getLong(SlotLayout.CONTROL)).isEqualTo(0x0000_0008_0002_0c02L);
    assertThat(slot.control()).isEqualTo(asked);
    assertThat(written.header().getInt(SegmentLayout.CONTROL_GENERATION)).isEqualTo(8);
  }

  @Test
  void what_somebody_asks_meanwhile_is_left_alone() throws IOException {
    SlotReader slot = offer(PID);
    ControlWord first = requests.ask(slot, WANTED);
    ControlWord second = requests.ask(slot, ControlWord.on(1, Blocks.OFF, PlanStat.NEVER));
    assertThat(second.isLaterThan(first)).isTrue();
    assertThat(requests.putBack(slot, first, ControlWord.NONE)).isFalse();
    assertThat(requests.askInstead(slot, first, ControlWord.off())).isFalse();
    assertThat(slot.control()).isEqualTo(second);
    assertThat(requests.askInstead(slot, second, ControlWord.off())).isTrue();
    assertThat(slot.control().isOff()).isTrue();
    assertThat(slot.control().isLaterThan(second)).isTrue();
  }

  @Test
  void counters_that_have_wrapped_are_unsigned() {
    assertThat(WANTED.withCounter(-1).isLaterThan(WANTED.withCounter(1))).isTrue();
    assertThat(ControlWord.of(WANTED.withCounter(-1).word())).isEqualTo(WANTED.withCounter(-1));
  }

  @Test
  void rules_are_those_that_are_whole() {
    rule(0, Layout.RULE_APPLICATION, "psql");
    rule(3, Layout.RULE_CHANGING, "half");
    rule(29, Layout.RULE_DATABASE, "shop");
    assertThat(requests.rules().stream().map(Rule::describe))
        .containsExactly("application psql", "database shop");
    written.claim(0, new Client(1, 2, "shop", "anna", "app", ""));
    assertThat(requests.rules().stream().map(rule -> rule.isMeant(segment.slots().get(0))))
        .containsExactly(false, true);
  }

  private void rule(int place, int kind, String name) {
    int at = SegmentLayout.RULES + place * RuleLayout.SIZE;
    ByteBuffer header = written.header();
    header.putInt(at + RuleLayout.KIND, kind);
    header.putLong(at + RuleLayout.CONTROL, WANTED.withCounter(place).word());
    header.put(at + RuleLayout.NAME, name.getBytes(US_ASCII));
  }

  @Test
  void only_one_program_at_a_time_traces_a_session() throws IOException {
    SlotReader slot = offer(PID);
    try (SegmentReader other = SegmentReader.open(path, Access.ASK)) {
      Requests others = new Requests(other);
      assertThat(requests.tryLock(slot)).isTrue();
      assertThat(others.tryLock(other.slots().get(0))).isFalse();
      assertThat(others.tryLock(other.slots().get(1))).isTrue();
      requests.unlock(slot);
      assertThat(others.tryLock(other.slots().get(0))).isTrue();
    }
  }
}
