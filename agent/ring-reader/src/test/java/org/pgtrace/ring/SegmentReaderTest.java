package org.pgtrace.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgtrace.ring.NativeSegment.Client;
import org.pgtrace.ring.SegmentException.Problem;
import org.pgtrace.ring.SegmentReader.Access;

class SegmentReaderTest {
  private static final int RING_SIZE = 64 * 1024;

  private final Path path;
  private final NativeSegment written;

  SegmentReaderTest(@TempDir Path folder) {
    path = folder.resolve("pg_trace.main.4000");
    written =
        NativeSegment.create(
            path, 3, RING_SIZE, new NativeSegment.Server("main", 4000, 12345, "boot"));
  }

  @AfterEach
  void close() {
    written.close();
  }

  @Test
  void the_header_says_whose_segment_it_is() throws IOException {
    try (SegmentReader segment = SegmentReader.open(path, Access.READ)) {
      assertThat(segment.cluster()).isEqualTo("main");
      assertThat(segment.serverPid()).isEqualTo(4000);
      assertThat(segment.serverStartTicks()).isEqualTo(12345);
      assertThat(segment.serverVersion()).isEqualTo("15.20 (test)");
      assertThat(segment.layoutVersion()).isEqualTo("1.0");
      assertThat(segment.ringSize()).isEqualTo(RING_SIZE);
      assertThat(segment.slots()).hasSize(3);
      assertThat(segment.state()).isEqualTo(Layout.SEGMENT_READY);
    }
  }

  @Test
  void a_slot_says_whose_it_is() throws IOException {
    written.claim(2, new Client(4711, 99, "shop", "anna", "app", "slow"));
    try (SegmentReader segment = SegmentReader.open(path, Access.READ)) {
      SlotReader slot = segment.slots().get(2);
      assertThat(slot.state()).isEqualTo(Layout.SLOT_ACTIVE);
      assertThat(slot.pid()).isEqualTo(4711);
      assertThat(slot.startTicks()).isEqualTo(99);
      assertThat(slot.database()).isEqualTo("shop");
      assertThat(slot.role()).isEqualTo("anna");
      assertThat(slot.application()).isEqualTo("app");
      assertThat(slot.identifier()).isEqualTo("slow");
      assertThat(slot.level()).isEqualTo(12);
      assertThat(slot.enabled()).isTrue();
    }
  }

  @Test
  void looking_at_a_segment_gives_free_rings_no_memory() throws IOException {
    long before = (long) Files.getAttribute(path, "size");
    try (SegmentReader segment = SegmentReader.open(path, Access.READ)) {
      assertThat(segment.slots()).allMatch(slot -> slot.state() == Layout.SLOT_FREE);
    }
    assertThat((long) Files.getAttribute(path, "size")).isEqualTo(before);
  }

  @Test
  void attaching_and_detaching_is_visible() throws IOException {
    try (SegmentReader segment = SegmentReader.open(path, Access.DRAIN)) {
      segment.attach(77, 88, "/var/log/pg_trace", 99);
      assertThat(written.header().getInt(SegmentLayout.DAEMON_PID)).isEqualTo(77);
      assertThat(written.header().getInt(SegmentLayout.DAEMON_GENERATION)).isEqualTo(1);
      assertThat(segment.daemonStartTicks()).isEqualTo(88);
      assertThat(segment.daemonHeartbeatNs()).isEqualTo(99);
      assertThat(segment.traceDirectory()).isEqualTo("/var/log/pg_trace");
      segment.detach();
      assertThat(segment.daemonPid()).isZero();
    }
  }

  @Test
  void what_a_daemon_asks_for_is_asked_until_it_goes() throws IOException {
    try (SegmentReader segment = SegmentReader.open(path, Access.DRAIN)) {
      segment.askFor(Layout.WANTS_RUNS);
      assertThat(written.header().getInt(SegmentLayout.DAEMON_WANTS)).isEqualTo(1);
      segment.detach();
      assertThat(written.header().getInt(SegmentLayout.DAEMON_WANTS)).isZero();
    }
  }

  @Test
  void another_major_version_is_refused_with_both_numbers() {
    written.header().putShort(SegmentLayout.LAYOUT_MAJOR, (short) 7);
    assertThatThrownBy(() -> SegmentReader.open(path, Access.DRAIN))
        .isInstanceOfSatisfying(
            SegmentException.class, e -> assertThat(e.problem()).isEqualTo(Problem.OTHER_LAYOUT))
        .hasMessageContaining("layout 7")
        .hasMessageContaining("layout 1")
        .hasMessageContaining(path.toString());
  }

  @Test
  void another_minor_version_is_read() throws IOException {
    written.header().putShort(SegmentLayout.LAYOUT_MINOR, (short) 9);
    try (SegmentReader segment = SegmentReader.open(path, Access.READ)) {
      assertThat(segment.layoutVersion()).isEqualTo("1.9");
    }
  }

  @Test
  void a_segment_that_is_being_filled_in_is_not_ready() {
    written.header().putInt(SegmentLayout.STATE, Layout.SEGMENT_INITIALISING);
    refused(Problem.NOT_READY);
  }

  @Test
  void another_byte_order_is_refused() {
    written.header().putInt(SegmentLayout.ENDIAN, Integer.reverseBytes(Layout.ENDIAN));
    refused(Problem.OTHER_BYTE_ORDER);
  }

  @Test
  void another_file_is_refused() throws IOException {
    written.header().putLong(SegmentLayout.MAGIC, 1);
    refused(Problem.NOT_A_SEGMENT);
    Path small = path.resolveSibling("pg_trace.small");
    Files.writeString(small, "PGTRACE1");
    assertThatThrownBy(() -> SegmentReader.open(small, Access.READ))
        .isInstanceOf(SegmentException.class);
  }

  @Test
  void sizes_that_cannot_be_are_refused() {
    impossible(SegmentLayout.SLOT_COUNT, 0);
    impossible(SegmentLayout.SLOT_COUNT, -1);
    impossible(SegmentLayout.SLOT_COUNT, Layout.SLOTS_MAX + 1);
    impossible(SegmentLayout.SLOT_SIZE, 8);
    impossible(SegmentLayout.SLOT_SIZE, 0x7ffffff8);
    impossible(SegmentLayout.HEADER_SIZE, 0);
    impossible(SegmentLayout.HEADER_SIZE, -8);
    impossible(SegmentLayout.RECORD_ALIGN, 4);
    impossibleLong(SegmentLayout.RING_SIZE, RING_SIZE + 4);
    impossibleLong(SegmentLayout.RING_SIZE, 1L << 40);
    impossibleLong(SegmentLayout.RING_SIZE, -8);
    impossibleLong(SegmentLayout.RINGS_OFFSET, 0);
    impossibleLong(SegmentLayout.RINGS_OFFSET, Long.MAX_VALUE - 7);
    impossibleLong(SegmentLayout.SEGMENT_SIZE, 1L << 40);
    impossibleLong(SegmentLayout.SEGMENT_SIZE, -1);
  }

  @Test
  void a_file_that_was_cut_is_refused() throws IOException {
    Path cut = path.resolveSibling("pg_trace.cut");
    byte[] all = Files.readAllBytes(path);
    Files.write(cut, Arrays.copyOf(all, all.length - 8));
    assertThatThrownBy(() -> SegmentReader.open(cut, Access.READ))
        .isInstanceOf(SegmentException.class)
        .hasMessageContaining("segment_size");
  }

  @Test
  void a_symbolic_link_is_not_followed() throws IOException {
    Path link = Files.createSymbolicLink(path.resolveSibling("pg_trace.link"), path);
    assertThatThrownBy(() -> SegmentReader.open(link, Access.READ))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(link.toString());
  }

  private void impossible(int field, int value) {
    int right = written.header().getInt(field);
    written.header().putInt(field, value);
    refused(Problem.IMPOSSIBLE_SIZES);
    written.header().putInt(field, right);
  }

  private void impossibleLong(int field, long value) {
    long right = written.header().getLong(field);
    written.header().putLong(field, value);
    refused(Problem.IMPOSSIBLE_SIZES);
    written.header().putLong(field, right);
  }

  private void refused(Problem problem) {
    assertThatThrownBy(() -> SegmentReader.open(path, Access.DRAIN))
        .isInstanceOfSatisfying(
            SegmentException.class, e -> assertThat(e.problem()).isEqualTo(problem));
  }
}
