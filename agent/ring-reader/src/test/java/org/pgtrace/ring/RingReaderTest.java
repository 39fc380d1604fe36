package org.pgtrace.ring;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.pgtrace.ring.NativeSegment.Client;
import org.pgtrace.ring.NativeSegment.Session;
import org.pgtrace.ring.RingDamage.Reason;

/** The reader against the extension's own writer. */
class RingReaderTest {
  private static final int RING_SIZE = 64 * 1024;
  private static final long T0 = NativeSegment.MONO_NS;

  /** A call is 136 bytes; as many as fit before the ring's end, which leaves 120 bytes. */
  private static final int CALLS_IN_RING = RING_SIZE / EventLayout.Call.SIZE;

  private final NativeSegment written;
  private final SegmentReader segment;
  private final SlotReader slot;
  private final Session session;
  private final RingReader ring;
  private final long ringOffset;
  private final Path path;

  RingReaderTest(@TempDir Path folder) throws IOException {
    path = folder.resolve("pg_trace.test.1");
    written = NativeSegment.create(path, 4, RING_SIZE, new NativeSegment.Server("test", 1, 1, ""));
    session = written.claim(1, new Client(4711, 9, "shop", "anna", "app", ""));
    segment = SegmentReader.open(path, SegmentReader.Access.DRAIN);
    slot = segment.slots().get(1);
    ring = slot.openRing();
    ringOffset = written.header().getLong(SegmentLayout.RINGS_OFFSET) + RING_SIZE;
  }

  @AfterEach
  void close() throws IOException {
    ring.close();
    segment.close();
    written.close();
  }

  @Test
  void an_empty_ring_has_nothing_to_read() {
    assertThat(rows(10)).isEmpty();
    assertThat(ring.isDrained()).isTrue();
  }

  @Test
  void records_come_in_order_and_at_most_as_many_as_asked_for() {
    session.flood(0, 10, T0);

    assertThat(rows(4)).containsExactly(0L, 1L, 2L, 3L);
    assertThat(ring.isDrained()).isFalse();
    assertThat(rows(100)).containsExactly(4L, 5L, 6L, 7L, 8L, 9L);
    assertThat(ring.isDrained()).isTrue();
  }

  @Test
  void a_handler_can_end_the_drain_after_a_record() {
    session.flood(0, 10, T0);

    assertThat(ring.drain(event -> false, 100)).isEqualTo(1);
    assertThat(ring.position()).isEqualTo(EventLayout.Call.SIZE);
  }

  @Test
  void reading_moves_no_writer_space_until_it_is_committed() {
    session.flood(0, CALLS_IN_RING, T0);
    rows(Integer.MAX_VALUE);
    assertThat(session.flood(0, 1, T0)).as("dropped").isEqualTo(1);

    slot.commit(new Positions(ring.position(), 0), 77, 1);

    assertThat(session.flood(1, 1, T0)).as("dropped").isZero();
    assertThat(slot.commit()).isEqualTo(new Commit(new Positions(ring.position(), 0), 77, 1));
  }

  @Test
  void a_padded_end_is_passed_over() {
    for (int round = 0; round < 5; round++) {
      session.flood(round * 1000L, CALLS_IN_RING - 1, T0);
      List<Long> rows = rows(Integer.MAX_VALUE);
      assertThat(rows).hasSize(CALLS_IN_RING - 1).startsWith(round * 1000L);
      slot.commit(new Positions(ring.position(), 0), 0, 0);
    }
    assertThat(ring.position()).isGreaterThan(4L * RING_SIZE);
    assertThat(ring.damage()).isEmpty();
  }

  @Test
  void a_full_ring_loses_events_and_says_how_many() {
    long dropped = session.flood(0, CALLS_IN_RING + 7, T0);
    List<String> order = new ArrayList<>();
    long[] lost = {0};
    EventHandler handler =
        event -> {
          order.add(event.type() == Layout.EV_LOST ? "lost" : "call");
          lost[0] += event.type() == Layout.EV_LOST ? event.i64(EventLayout.Lost.FULL) : 0;
          return true;
        };
    ring.drain(handler, Integer.MAX_VALUE);
    slot.commit(new Positions(ring.position(), 0), 0, 0);
    session.flood(5000, 1, T0);
    ring.drain(handler, 10);

    assertThat(dropped).isEqualTo(7);
    assertThat(slot.lostFull()).isEqualTo(7);
    assertThat(lost[0]).isEqualTo(7);
    assertThat(order.subList(0, CALLS_IN_RING)).containsOnly("call");
    assertThat(order.subList(CALLS_IN_RING, order.size() - 1)).isNotEmpty().containsOnly("lost");
    assertThat(order.get(order.size() - 1)).isEqualTo("call");
  }

  @Test
  void a_reader_that_comes_later_begins_at_the_commit() throws IOException {
    session.flood(0, 10, T0);
    rows(4);
    slot.commit(new Positions(ring.position(), 0), 400, 1);
    rows(3);

    try (RingReader next = slot.openRing()) {
      List<Long> rows = new ArrayList<>();
      next.drain(event -> rows.add(event.i64(EventLayout.Call.ROWS)), 100);
      assertThat(rows).startsWith(4L).hasSize(6);
    }
  }

  @Test
  void a_commit_that_was_not_finished_does_not_count() {
    session.flood(0, 10, T0);
    rows(4);
    slot.commit(new Positions(ring.position(), 0), 400, 1);
    // The other half is written first; commit_seq, which makes it count, is not.
    ByteBuffer bytes = written.slot(1);
    long sequence = bytes.getLong(SlotLayout.COMMIT_SEQ);
    int other = SlotLayout.COMMIT + (int) ((sequence + 1) & 1) * CommitLayout.SIZE;
    bytes.putLong(other + CommitLayout.READ_POS, 10L * EventLayout.Call.SIZE);

    assertThat(slot.commit().read().session()).isEqualTo(4L * EventLayout.Call.SIZE);
  }

  @Test
  @Timeout(120)
  void a_concurrent_writer_s_million_records_are_each_seen_once_in_order() throws Exception {
    int count = 1_000_000;
    session.waitWhenFull(30_000_000_000L);
    segment.attach(1, 1, "/tmp", NativeSegment.clockNs());
    long[] dropped = {-1};
    Thread writer = new Thread(() -> dropped[0] = session.flood(0, count, T0));
    writer.start();
    long[] next = {0};
    while (next[0] < count && ring.damage().isEmpty()) {
      segment.heartbeat(MonotonicClock.nowNs());
      int read =
          ring.drain(
              event -> {
                assertThat(event.i64(EventLayout.Call.ROWS)).isEqualTo(next[0]);
                next[0]++;
                return true;
              },
              1000);
      if (read > 0) {
        slot.commit(new Positions(ring.position(), 0), 0, 1);
      }
    }
    writer.join();

    assertThat(ring.damage()).isEmpty();
    assertThat(dropped[0]).isZero();
    assertThat(slot.events()).isEqualTo(count);
    assertThat(ring.isDrained()).isTrue();
  }

  @Test
  void the_clock_is_the_writer_s() {
    long before = NativeSegment.clockNs();
    long now = MonotonicClock.nowNs();
    assertThat(now).isBetween(before, NativeSegment.clockNs());
  }

  @Test
  void a_length_that_is_too_small_stops_the_ring() throws IOException {
    damage(EventLayout.Record.LENGTH, 8, Reason.LENGTH_TOO_SMALL);
  }

  @Test
  void a_negative_length_stops_the_ring() throws IOException {
    damage(EventLayout.Record.LENGTH, -8, Reason.LENGTH_TOO_SMALL);
  }

  @Test
  void a_length_that_is_not_aligned_stops_the_ring() throws IOException {
    damage(EventLayout.Record.LENGTH, 137, Reason.LENGTH_NOT_ALIGNED);
  }

  @Test
  void a_length_over_the_limit_stops_the_ring() throws IOException {
    damage(EventLayout.Record.LENGTH, Layout.RECORD_MAX + 8, Reason.LENGTH_TOO_BIG);
  }

  @Test
  void a_length_past_the_ring_s_end_stops_the_ring() throws IOException {
    session.flood(0, CALLS_IN_RING - 2, T0);
    rows(Integer.MAX_VALUE);
    damage(EventLayout.Record.LENGTH, 4096, Reason.LENGTH_PAST_END);
  }

  @Test
  void a_length_past_head_stops_the_ring() throws IOException {
    damage(EventLayout.Record.LENGTH, 4096, Reason.LENGTH_PAST_HEAD);
  }

  @Test
  void a_struct_that_is_cut_stops_the_ring() throws IOException {
    damage(EventLayout.Record.LENGTH, 128, Reason.STRUCT_TOO_SHORT);
  }

  @Test
  void a_text_past_its_record_stops_the_ring() throws IOException {
    session.write(Body.statement(101, "SELECT", "select 1"), 0, T0);
    poke(0, EventLayout.Statement.TEXT_LENGTH, 9);
    expectStop(Reason.TEXT_PAST_RECORD, 0);
  }

  @Test
  void a_text_length_that_would_overflow_stops_the_ring() throws IOException {
    session.write(Body.error(101, "42P01", "no"), 0, T0);
    poke(0, EventLayout.Error.TEXT_LENGTH, -1);
    expectStop(Reason.TEXT_PAST_RECORD, 0);
  }

  @Test
  void a_path_past_its_record_stops_the_ring() throws IOException {
    session.write(Body.fileName(1, "pg_xact/0000"), 0, T0);
    poke(0, EventLayout.FileName.PATH_LENGTH, 17);
    expectStop(Reason.TEXT_PAST_RECORD, 0);
  }

  @Test
  void an_object_s_name_past_its_record_stops_the_ring() throws IOException {
    session.write(Body.object(16385, 5, 16390, 'r', "public.t"), 0, T0);
    poke(0, EventLayout.Object.NAME_LENGTH, 9);
    expectStop(Reason.TEXT_PAST_RECORD, 0);
  }

  @Test
  void a_wait_s_two_names_past_their_record_stop_the_ring() throws IOException {
    session.write(Body.waitName(0x0A00_0012, "IO", "DataFileRead"), 0, T0);
    // Both lengths lie in these four bytes: 5 + 12 is more than the 16 bytes there are.
    poke(0, EventLayout.WaitName.TYPE_LENGTH, 12 << 16 | 5);
    expectStop(Reason.TEXT_PAST_RECORD, 0);
  }

  @Test
  void a_wait_that_is_cut_stops_the_ring() throws IOException {
    session.write(Body.waited(101, 0, 0, T0), 0, T0);
    poke(0, EventLayout.Record.LENGTH, EventLayout.Wait.SIZE - 8);
    expectStop(Reason.STRUCT_TOO_SHORT, 0);
  }

  @Test
  void more_spans_than_the_record_holds_stop_the_ring() throws IOException {
    session.write(Body.hits(101, 0, 276, 280, 1), 0, T0);
    poke(0, EventLayout.Hits.SPAN_COUNT, 3);
    expectStop(Reason.TEXT_PAST_RECORD, 0);
  }

  @Test
  void a_number_of_spans_that_would_overflow_stops_the_ring() throws IOException {
    session.write(Body.hits(101, 0, 276), 0, T0);
    // Times 8 it is 0 in 32 bits.
    poke(0, EventLayout.Hits.SPAN_COUNT, 0x2000_0000);
    expectStop(Reason.TEXT_PAST_RECORD, 0);
  }

  @Test
  void spans_are_read_as_many_as_were_checked() {
    session.write(Body.hits(101, 0, 276, -2, 1), 0, T0);
    List<Long> spans = new ArrayList<>();
    ring.drain(
        event -> {
          for (int i = 0; i < event.spanCount(); i++) {
            spans.add(event.spanFirst(i));
            spans.add(event.spanBlocks(i));
          }
          return true;
        },
        10);

    assertThat(spans).containsExactly(0L, 276L, 0xffff_fffeL, 1L);
  }

  @Test
  void a_summary_that_is_cut_stops_the_ring() throws IOException {
    session.write(Body.summary(101, 3, 2, 1), 0, T0);
    poke(0, EventLayout.Record.LENGTH, EventLayout.Summary.SIZE - 8);
    expectStop(Reason.STRUCT_TOO_SHORT, 0);
  }

  @Test
  void a_head_more_than_a_ring_ahead_stops_the_ring() {
    written.slot(1).putLong(SlotLayout.HEAD, RING_SIZE + 8);
    expectStop(Reason.POSITIONS, 0);
  }

  @Test
  void a_head_that_goes_back_stops_the_ring() {
    session.flood(0, 2, T0);
    rows(2);
    written.slot(1).putLong(SlotLayout.HEAD, EventLayout.Call.SIZE);
    expectStop(Reason.POSITIONS, 2L * EventLayout.Call.SIZE);
  }

  @Test
  void a_head_that_is_not_aligned_stops_the_ring() {
    written.slot(1).putLong(SlotLayout.HEAD, 12);
    expectStop(Reason.POSITIONS, 0);
  }

  @Test
  void unknown_types_are_skipped_and_counted() throws IOException {
    session.flood(0, 3, T0);
    poke(EventLayout.Call.SIZE, EventLayout.Record.TYPE, 999);

    assertThat(rows(10)).containsExactly(0L, 2L);
    assertThat(ring.unknownRecords()).isEqualTo(1);
  }

  @Test
  void a_free_slot_gives_its_memory_back() throws IOException {
    session.flood(0, CALLS_IN_RING, T0);
    rows(Integer.MAX_VALUE);
    slot.commit(new Positions(ring.position(), 0), 10, 1);
    long before = blocks();
    session.close();

    assertThat(slot.free(Layout.SLOT_ACTIVE)).as("not in that state").isFalse();
    assertThat(slot.free(Layout.SLOT_CLOSED)).isTrue();

    assertThat(before - blocks()).isGreaterThanOrEqualTo(RING_SIZE / 512);
    assertThat(slot.state()).isEqualTo(Layout.SLOT_FREE);
    assertThat(slot.commit()).isEqualTo(new Commit(Positions.START, 0, 0));
    assertThat(slot.head()).isZero();
    assertThat(slot.traceFile()).isEmpty();
    Session next = written.claim(1, new Client(4712, 10, "shop", "anna", "app", ""));
    next.flood(0, 1, T0);
    next.close();
  }

  private void damage(int field, int value, Reason reason) throws IOException {
    long at = ring.position();
    session.flood(0, 1, T0);
    poke(at, field, value);
    expectStop(reason, at);
  }

  private void expectStop(Reason reason, long position) {
    assertThat(ring.drain(event -> true, 10)).isZero();
    assertThat(ring.damage()).contains(new RingDamage(1, position, reason));
    assertThat(ring.drain(event -> true, 10)).as("stopped for good").isZero();
  }

  private List<Long> rows(int max) {
    List<Long> rows = new ArrayList<>();
    ring.drain(event -> rows.add(event.i64(EventLayout.Call.ROWS)), max);
    return rows;
  }

  /** Overwrites four bytes (a type: two) of the record at a position below one ring. */
  private void poke(long position, int field, int value) throws IOException {
    try (var channel = Files.newByteChannel(path, StandardOpenOption.WRITE)) {
      int width = field == EventLayout.Record.TYPE ? Short.BYTES : Integer.BYTES;
      ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.nativeOrder());
      bytes.putInt(0, value).limit(width);
      channel.position(ringOffset + position + field);
      channel.write(bytes);
    }
  }

  private long blocks() throws IOException {
    Process stat = new ProcessBuilder("stat", "-c", "%b", path.toString()).start();
    String out = new String(stat.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return Long.parseLong(out.strip());
  }
}
