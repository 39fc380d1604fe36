package org.pgtrace.ring;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.pgtrace.ring.NativeSegment.Client;
import org.pgtrace.ring.NativeSegment.Session;

class SessionRingsTest {
  private static final int ATTEMPTS = 100;
  private static final int SLOT = 1;
  private static final int SLOTS = 4;
  private static final int RING_SIZE = 64 * 1024;
  private static final int CALL = EventLayout.Call.SIZE;

  /** Long ago. */
  private static final long T0 = NativeSegment.MONO_NS;

  private final Path path;
  private final NativeSegment written;
  private final SegmentReader segment;
  private final SlotReader slot;
  private final Session session;
  private final SessionRings rings;
  private final List<String> got = new ArrayList<>();

  SessionRingsTest(@TempDir Path folder) throws IOException {
    path = folder.resolve("pg_trace.test.1");
    written =
        NativeSegment.create(path, SLOTS, RING_SIZE, new NativeSegment.Server("test", 1, 1, ""));
    session = written.claim(SLOT, new Client(4711, 9, "shop", "anna", "app", ""));
    segment = SegmentReader.open(path, SegmentReader.Access.DRAIN);
    slot = segment.slots().get(SLOT);
    rings = slot.openRings();
  }

  @AfterEach
  void close() throws IOException {
    rings.close();
    segment.close();
    written.close();
  }

  @Test
  void both_rings_are_one_stream_in_order_of_time() throws IOException {
    Session first = written.worker(SLOT, 1);
    Session second = written.worker(SLOT, 2);
    call(session, 1);
    call(first, 2);
    call(second, 3);
    call(session, 4);
    call(first, 4);
    call(session, 5);

    assertThat(drain()).containsExactly("0:1", "1:2", "2:3", "0:4", "1:4", "0:5");
    assertThat(rings.isDrained()).isTrue();
    assertThat(rings.positions()).isEqualTo(new Positions(3L * CALL, 3L * CALL));
  }

  @Test
  void each_record_has_the_positions_behind_it() throws IOException {
    Session worker = written.worker(SLOT, 1);
    call(worker, 1);
    call(session, 2);
    call(worker, 3);
    List<Positions> positions = new ArrayList<>();
    rings.drain(
        event -> positions.add(new Positions(event.endPosition(), event.workersPosition())), 100);

    assertThat(positions)
        .containsExactly(
            new Positions(0, CALL), new Positions(CALL, CALL), new Positions(CALL, 2L * CALL));
  }

  @Test
  void what_is_younger_than_a_limit_is_left() throws IOException {
    call(session, 1);
    call(session, 2);
    call(session, 3);

    assertThat(drainUpTo(2)).containsExactly("0:1", "0:2");
    assertThat(rings.leftNs()).isEqualTo(T0 + 3000L);
    assertThat(rings.dueNs()).isNotEqualTo(SessionRings.NOT_DUE);
    assertThat(drain()).containsExactly("0:3");
    assertThat(rings.leftNs()).isEqualTo(SessionRings.NOT_DUE);
  }

  @Test
  void a_limit_holds_for_both_rings() throws IOException {
    Session worker = written.worker(SLOT, 1);
    call(session, 1);
    call(worker, 2);
    call(session, 4);
    call(worker, 3);

    assertThat(drainUpTo(2)).containsExactly("0:1", "1:2");
    assertThat(rings.leftNs()).isEqualTo(T0 + 3000L);
  }

  @Test
  void a_workers_ring_may_come_into_use_at_any_moment() throws IOException {
    call(session, 1);
    assertThat(drain()).containsExactly("0:1");
    Session worker = written.worker(SLOT, 3);
    call(worker, 2);
    assertThat(rings.isDrained()).isFalse();

    assertThat(drain()).containsExactly("3:2");
  }

  @Test
  void a_workers_ring_of_another_session_is_not_read() throws IOException {
    Session worker = written.worker(SLOT, 1);
    call(worker, 2);
    written
        .slot(SLOT + SLOTS)
        .putInt(
            SlotLayout.SESSION_NUMBER, written.slot(SLOT).getInt(SlotLayout.SESSION_NUMBER) + 1);

    assertThat(drain()).isEmpty();
    assertThat(rings.isDrained()).isTrue();
  }

  @Test
  void who_is_no_parallel_worker_has_no_number_and_is_not_the_session() throws IOException {
    call(written.worker(SLOT, 0), 1);
    List<Boolean> foreign = new ArrayList<>();
    rings.drain(
        event -> {
          assertThat(event.worker()).isZero();
          return foreign.add(event.isFromWorkers());
        },
        10);

    assertThat(foreign).containsExactly(true);
  }

  @Test
  @Timeout(120)
  void what_is_young_stays_until_others_cannot_be_late_any_more() throws Exception {
    Session worker = written.worker(SLOT, 1);
    // The machine may stop the test until nothing is young any more.
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      long now = NativeSegment.clockNs();
      callAt(session, now, 2);
      final List<String> early = drain();
      final long due = rings.dueNs();
      // It began earlier, and comes later.
      callAt(worker, now - 1_000_000, 1);
      List<String> order = new ArrayList<>(drain());
      boolean inTime = order.isEmpty() && NativeSegment.clockNs() - now < SessionRings.SETTLE_NS;
      while (early.size() + order.size() < 2) {
        Thread.sleep(1);
        order.addAll(drain());
      }
      long waited = NativeSegment.clockNs() - now;
      if (inTime && waited < 5 * SessionRings.SETTLE_NS) {
        assertThat(early).isEmpty();
        assertThat(due).isGreaterThan(now);
        assertThat(order).containsExactly("1:1", "0:2");
        assertThat(waited).isGreaterThanOrEqualTo(SessionRings.SETTLE_NS);
        assertThat(rings.dueNs()).isEqualTo(SessionRings.NOT_DUE);
        return;
      }
    }
    throw new AssertionError("never in time");
  }

  @Test
  void a_session_without_others_waits_for_nobody() throws IOException {
    callAt(session, NativeSegment.clockNs(), 1);
    assertThat(drain()).containsExactly("0:1");
  }

  @Test
  void when_others_have_ended_nothing_is_young() throws IOException {
    Session worker = written.worker(SLOT, 1);
    long now = NativeSegment.clockNs();
    callAt(worker, now, 1);
    callAt(session, now, 2);
    slot.workers().closeRing();
    assertThat(worker.write(Body.idle(), 0, now)).as("after the end").isFalse();

    assertThat(drain()).containsExactly("0:2", "1:1");
  }

  @Test
  void what_comes_late_is_handed_over_when_it_comes() throws IOException {
    Session worker = written.worker(SLOT, 1);
    call(session, 5);
    assertThat(drain()).containsExactly("0:5");
    call(worker, 3);
    call(worker, 6);
    call(worker, 4);

    assertThat(drain()).containsExactly("1:3", "1:6", "1:4");
  }

  @Test
  void a_ring_that_is_half_full_does_not_wait() throws IOException {
    Session worker = written.worker(SLOT, 1);
    int half = RING_SIZE / 2 / CALL;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      long now = NativeSegment.clockNs();
      for (int i = 0; i < half; i++) {
        callAt(worker, now, i);
      }
      final int early = drain().size();
      callAt(worker, now, half);
      final int late = drain().size();
      if (NativeSegment.clockNs() - now < SessionRings.SETTLE_NS) {
        assertThat(early).isZero();
        assertThat(late).isEqualTo(half + 1);
        return;
      }
    }
    throw new AssertionError("never in time");
  }

  @Test
  void a_time_that_cannot_be_keeps_nobody_waiting() throws IOException {
    Session worker = written.worker(SLOT, 1);
    callAt(session, Long.MAX_VALUE / 2, 1);
    call(worker, 2);

    assertThat(drain()).containsExactly("1:2", "0:1");
  }

  @Test
  void damage_of_one_ring_stops_that_one() throws IOException {
    Session worker = written.worker(SLOT, 1);
    call(worker, 1);
    call(session, 2);
    written.slot(SLOT + SLOTS).putLong(SlotLayout.HEAD, 12);
    assertThat(drain()).containsExactly("0:2");
    call(session, 3);
    assertThat(drain()).containsExactly("0:3");

    assertThat(rings.damage())
        .containsExactly(new RingDamage(SLOT + SLOTS, 0, RingDamage.Reason.POSITIONS));
    assertThat(rings.isDrained()).isTrue();
  }

  @Test
  void damage_of_the_own_ring_stops_that_one() throws IOException {
    Session worker = written.worker(SLOT, 1);
    call(session, 1);
    call(worker, 2);
    written.slot(SLOT).putLong(SlotLayout.HEAD, 12);

    assertThat(drain()).containsExactly("1:2");
    assertThat(rings.damage()).hasSize(1);
  }

  @Test
  void a_reader_that_comes_later_begins_at_the_commit_of_both() throws IOException {
    Session worker = written.worker(SLOT, 1);
    for (int i = 0; i < 6; i++) {
      call(i % 2 == 0 ? session : worker, i);
    }
    rings.drain(event -> true, 3);
    slot.commit(rings.positions(), 400, 1);
    rings.drain(event -> true, 3);

    assertThat(slot.commit()).isEqualTo(new Commit(new Positions(2L * CALL, CALL), 400, 1));
    assertThat(slot.workers().readPosition()).isEqualTo(CALL);
    try (SessionRings next = slot.openRings()) {
      List<String> rest = new ArrayList<>();
      next.drain(event -> rest.add(describe(event)), 100);
      assertThat(rest).containsExactly("1:3", "0:4", "1:5");
    }
  }

  @Test
  void texts_are_asked_for_from_all() {
    written.worker(SLOT, 1);
    slot.requestTexts();
    assertThat(written.slot(SLOT).getInt(SlotLayout.RESEND)).isEqualTo(1);
    assertThat(written.slot(SLOT + SLOTS).getInt(SlotLayout.RESEND)).isEqualTo(1);
  }

  @Test
  void a_free_slot_gives_the_memory_of_both_rings_back() throws IOException {
    Session worker = written.worker(SLOT, 1);
    while (call(worker, 1)) {
      call(session, 1);
    }
    long before = blocks();
    session.close();
    assertThat(slot.workers().state()).isEqualTo(Layout.SLOT_CLOSED);

    assertThat(slot.free(Layout.SLOT_CLOSED)).isTrue();

    assertThat(before - blocks()).isGreaterThanOrEqualTo(2L * RING_SIZE / 512);
    ByteBuffer bytes = written.slot(SLOT + SLOTS);
    for (int at = 0; at < SlotLayout.SIZE; at++) {
      assertThat(bytes.get(at)).isZero();
    }
    written.claim(SLOT, new Client(4712, 10, "shop", "anna", "app", ""));
    assertThat(call(worker, 2)).as("of the session before").isFalse();
    assertThat(call(written.worker(SLOT, 1), 2)).isTrue();
  }

  @Test
  @Timeout(120)
  void a_writer_that_died_in_the_ring_is_not_waited_for() {
    Session worker = written.worker(SLOT, 1);
    assertThat(worker.dieWhileWriting(T0)).isTrue();
    assertThat(written.slot(SLOT + SLOTS).getInt(SlotLayout.LOCK)).isEqualTo(1);

    slot.workers().closeRing();

    assertThat(slot.workers().isOpen()).isFalse();
    assertThat(written.slot(SLOT + SLOTS).getInt(SlotLayout.LOCK)).isZero();
    assertThat(slot.workers().reservedTo()).isGreaterThan(slot.workers().head());
  }

  @Test
  @Timeout(120)
  void nothing_is_lost_or_mixed_while_several_write() throws Exception {
    int each = 100_000;
    int writers = 3;
    segment.attach(1, 1, "/tmp", NativeSegment.clockNs());
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < writers; i++) {
      Session to = i == 0 ? session : written.worker(SLOT, i);
      to.waitWhenFull(30_000_000_000L);
      threads.add(new Thread(() -> assertThat(to.flood(0, each, T0)).isZero()));
    }
    threads.forEach(Thread::start);
    long[] next = new long[writers];
    long seen = 0;
    while (seen < (long) each * writers && rings.damage().isEmpty()) {
      segment.heartbeat(MonotonicClock.nowNs());
      int read =
          rings.drain(
              event -> {
                assertThat(event.i64(EventLayout.Call.ROWS)).isEqualTo(next[event.worker()]);
                next[event.worker()]++;
                return true;
              },
              1000);
      seen += read;
      if (read > 0) {
        slot.commit(rings.positions(), 0, 1);
      }
    }
    for (Thread thread : threads) {
      thread.join();
    }

    assertThat(rings.damage()).isEmpty();
    assertThat(next).containsOnly(each);
    assertThat(rings.isDrained()).isTrue();
  }

  private List<String> drain() throws IOException {
    got.clear();
    rings.drain(event -> got.add(describe(event)), Integer.MAX_VALUE);
    return List.copyOf(got);
  }

  private List<String> drainUpTo(int us) throws IOException {
    got.clear();
    rings.drain(event -> got.add(describe(event)), Integer.MAX_VALUE, T0 + us * 1000L);
    return List.copyOf(got);
  }

  /** Who wrote it, and its rows. */
  private static String describe(EventRecord event) {
    return event.worker() + ":" + event.i64(EventLayout.Call.ROWS);
  }

  private static boolean call(Session to, int us) {
    return callAt(to, T0 + us * 1000L, us);
  }

  private static boolean callAt(Session to, long timeNs, long rows) {
    return to.write(Body.call(101, Layout.CALL_FETCH, 0, T0, rows), 0, timeNs);
  }

  private long blocks() throws IOException {
    Process stat = new ProcessBuilder("stat", "-c", "%b", path.toString()).start();
    String out = new String(stat.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return Long.parseLong(out.strip());
  }
}
