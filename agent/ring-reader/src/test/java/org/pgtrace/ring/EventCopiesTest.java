package org.pgtrace.ring;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgtrace.ring.NativeSegment.Client;
import org.pgtrace.ring.NativeSegment.Session;

class EventCopiesTest {
  private static final int RING_SIZE = 64 * 1024;
  private static final long T0 = NativeSegment.MONO_NS;

  private final NativeSegment written;
  private final SegmentReader segment;
  private final SlotReader slot;
  private final Session session;
  private final RingReader ring;
  private final EventCopies copies = new EventCopies();

  EventCopiesTest(@TempDir Path folder) throws IOException {
    Path path = folder.resolve("pg_trace.test.1");
    written = NativeSegment.create(path, 4, RING_SIZE, new NativeSegment.Server("test", 1, 1, ""));
    session = written.claim(1, new Client(4711, 9, "shop", "anna", "app", ""));
    segment = SegmentReader.open(path, SegmentReader.Access.DRAIN);
    slot = segment.slots().get(1);
    ring = slot.openRing();
  }

  @AfterEach
  void close() throws IOException {
    ring.close();
    segment.close();
    written.close();
  }

  @Test
  void a_copy_says_what_its_record_said_when_the_ring_has_other_records() {
    session.write(Body.bind(101, 2, 23, "integer", "42"), Layout.RF_MORE, T0);
    session.write(Body.statement(102, "SELECT", "select 1"), 0, T0 + 1);
    session.write(Body.hits(103, 0, 276, 280, 1), 0, T0 + 2);
    List<String> said = new ArrayList<>();
    ring.drain(
        event -> {
          said.add(RingDump.line(event));
          copies.add(event);
          return true;
        },
        3);
    long position = ring.position();
    for (int round = 0; round < 3; round++) {
      slot.commit(new Positions(ring.position(), 0), 0, 1);
      session.flood(0, 300, T0);
      ring.drain(event -> true, Integer.MAX_VALUE);
    }

    assertThat(said).hasSize(3).isEqualTo(lines());
    assertThat(copies.get(2).endPosition()).isEqualTo(position);
    assertThat(copies.bytes()).isEqualTo((int) position);
  }

  @Test
  void copies_stay_whole_while_their_memory_grows() {
    session.flood(0, 400, T0);
    copyAll();

    assertThat(rows()).hasSize(400).startsWith(0L, 1L).endsWith(399L).isSorted();
  }

  @Test
  void records_move_and_positions_stay() {
    session.flood(0, 5, T0);
    copyAll();

    copies.move(2, 2, 1);

    assertThat(rows()).containsExactly(0L, 2L, 3L, 1L, 4L);
    assertThat(all().map(copy -> copy.endPosition() / EventLayout.Call.SIZE))
        .containsExactly(1L, 2L, 3L, 4L, 5L);
  }

  @Test
  void fields_can_be_changed() {
    session.write(Body.waited(0, 7, Layout.WAIT_PLAIN, T0), 0, T0);
    copyAll();

    EventRecord copy = copies.get(0);
    copies.putI32(copy, EventLayout.Wait.CURSOR, 101);
    copies.putU16(copy, EventLayout.Wait.NODE, 65535);
    copies.putI64(copy, EventLayout.Record.TIME_NS, T0 + 5);

    assertThat(RingDump.line(copy)).contains(" cursor=101 depth=0 node=65535 kind=0 ");
    assertThat(copy.timeNs()).isEqualTo(T0 + 5);
  }

  @Test
  void the_memory_is_used_again() {
    session.flood(0, 400, T0);
    copyAll();
    copies.clear();
    assertThat(copies.size()).isZero();
    assertThat(copies.bytes()).isZero();
    session.write(Body.error(101, "42P01", "no"), 0, T0);
    copyAll();

    assertThat(lines()).hasSize(1).allMatch(line -> line.contains(" text=\"no\""));
  }

  private void copyAll() {
    ring.drain(
        event -> {
          copies.add(event);
          return true;
        },
        Integer.MAX_VALUE);
  }

  private Stream<EventRecord> all() {
    return IntStream.range(0, copies.size()).mapToObj(copies::get);
  }

  private List<String> lines() {
    return all().map(RingDump::line).toList();
  }

  private List<Long> rows() {
    return all().map(copy -> copy.i64(EventLayout.Call.ROWS)).toList();
  }
}
