package org.pgtrace.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.pgtrace.format.TraceForm;
import org.pgtrace.ring.Body;
import org.pgtrace.ring.Layout;
import org.pgtrace.ring.NativeSegment;
import org.pgtrace.ring.NativeSegment.Client;
import org.pgtrace.ring.NativeSegment.Session;
import org.pgtrace.ring.SegmentLayout;
import org.pgtrace.ring.SlotLayout;

/** Files, commits, slots and segments: a real daemon against the real writer. */
class DaemonTest {
  private static final long T0 = NativeSegment.MONO_NS;
  private static final int SLOT = 1;

  private final Workplace place;

  DaemonTest(@TempDir Path folder) {
    place = new Workplace(folder);
  }

  @AfterEach
  void close() {
    place.close();
  }

  @Test
  void a_line_is_visible_soon_after_its_event() {
    place.startDaemon();
    Session session = place.segment.claim(SLOT, place.clientSession(""));
    session.flood(1, 1, T0);
    Workplace.awaitText(place.traceFile(""), "r=1,");
    // What else the machine does may delay any one of them.
    long soonestNs = Long.MAX_VALUE;
    for (int i = 2; i < 12; i++) {
      long begin = System.nanoTime();
      session.flood(i, 1, T0);
      Workplace.awaitText(place.traceFile(""), "r=" + i + ",");
      soonestNs = Math.min(soonestNs, System.nanoTime() - begin);
    }
    assertThat(soonestNs).isLessThan(100_000_000);
  }

  @Test
  void files_can_be_read_by_the_group_alone() throws IOException {
    place.segment.claim(SLOT, place.clientSession("")).flood(1, 1, T0);
    place.runOnce();
    assertThat(permissions(place.traceFile(""))).isEqualTo("rw-r-----");
    assertThat(permissions(place.traces)).isEqualTo("rwxr-x---");
  }

  @Test
  void the_slot_names_the_file() {
    place.segment.claim(SLOT, place.clientSession("slow")).flood(1, 1, T0);
    place.runOnce();
    assertThat(slotText(SlotLayout.TRACE_FILE)).isEqualTo(place.traceFile("_slow").toString());
  }

  @Test
  void a_daemon_says_that_it_is_there_and_that_it_left() {
    place.startDaemon();
    ByteBuffer header = place.segment.header();
    Workplace.await(() -> header.getInt(SegmentLayout.DAEMON_PID) != 0);
    assertThat(header.getInt(SegmentLayout.DAEMON_PID))
        .isEqualTo((int) ProcessHandle.current().pid());
    assertThat(header.getInt(SegmentLayout.DAEMON_GENERATION)).isEqualTo(1);
    // The machine may stop the daemon at any of them.
    long soonestNs = Long.MAX_VALUE;
    for (int i = 0; i < 10; i++) {
      long beat = header.getLong(SegmentLayout.DAEMON_HEARTBEAT_NS);
      long begin = System.nanoTime();
      Workplace.await(() -> header.getLong(SegmentLayout.DAEMON_HEARTBEAT_NS) != beat);
      soonestNs = Math.min(soonestNs, System.nanoTime() - begin);
    }
    assertThat(soonestNs).isLessThan(200_000_000L);
    place.stopDaemon();
    assertThat(header.getInt(SegmentLayout.DAEMON_PID)).isZero();
  }

  @Test
  void a_new_daemon_goes_on_in_the_same_file() throws IOException {
    Session session = place.segment.claim(SLOT, place.clientSession(""));
    session.flood(0, 10, T0);
    place.runOnce();
    session.flood(10, 10, T0);
    place.runOnce();

    assertThat(rows(place.traceFile(""))).isEqualTo(count(0, 20));
    assertThat(place.trace()).containsOnlyOnce("Trace file ");
    assertThat(place.segment.slot(SLOT).getInt(SlotLayout.RESEND)).isZero();
  }

  @Test
  void what_was_written_but_not_committed_is_written_once() throws IOException {
    Session session = place.segment.claim(SLOT, place.clientSession(""));
    session.flood(0, 10, T0);
    place.runOnce();
    byte[] before = commitOf(SLOT);
    session.flood(10, 10, T0);
    place.runOnce();
    // As if the daemon had been killed after the write and before the commit.
    place.segment.slot(SLOT).put(SlotLayout.READ_POS, before);
    Files.writeString(place.traceFile(""), "FETCH #101:c=", StandardOpenOption.APPEND);
    session.flood(20, 10, T0);
    place.runOnce();

    assertThat(rows(place.traceFile(""))).isEqualTo(count(0, 30));
    assertThat(place.trace()).containsOnlyOnce("Trace file ").doesNotContain("c=\n");
  }

  @Test
  void a_first_batch_that_was_not_committed_is_written_once() throws IOException {
    Session session = place.segment.claim(SLOT, place.clientSession(""));
    session.flood(0, 10, T0);
    place.runOnce();
    // As if the daemon had been killed between the first write and its commit: the commit before
    // it says that the file is there, and empty.
    ByteBuffer slot = place.segment.slot(SLOT);
    slot.putLong(SlotLayout.COMMIT_SEQ, slot.getLong(SlotLayout.COMMIT_SEQ) - 1);
    slot.putLong(SlotLayout.READ_POS, 0);
    place.runOnce();

    assertThat(rows(place.traceFile(""))).isEqualTo(count(0, 10));
    assertThat(place.trace()).containsOnlyOnce("Trace file ");
    assertThat(place.traceFileNames()).hasSize(1);
  }

  @Test
  void an_empty_file_that_a_killed_daemon_left_is_used() throws IOException {
    Files.createDirectories(place.traces);
    Files.createFile(place.traceFile(""));
    place.segment.claim(SLOT, place.clientSession("")).flood(0, 10, T0);
    place.runOnce();

    assertThat(place.trace()).startsWith("Trace file ");
    assertThat(rows(place.traceFile(""))).isEqualTo(count(0, 10));
  }

  @Test
  void a_group_that_is_not_whole_is_not_committed() throws IOException {
    Session session = place.segment.claim(SLOT, place.clientSession(""));
    session.flood(0, 1, T0);
    session.write(Body.bind(101, 0, 23, "integer", "41"), Layout.RF_MORE, T0);
    place.runOnce();
    session.write(Body.bind(101, 1, 23, "integer", "42"), 0, T0);
    place.runOnce();

    assertThat(place.trace())
        .containsOnlyOnce("BINDS #101")
        .containsSubsequence("r=0,", "BINDS", "value=41", "value=42");
  }

  @Test
  void the_same_process_in_another_slot_goes_on_in_its_file() throws IOException {
    Session first = place.segment.claim(SLOT, place.clientSession(""));
    first.flood(0, 5, T0);
    first.close();
    place.startDaemon();
    Workplace.await(() -> state(SLOT) == Layout.SLOT_FREE);
    place.segment.claim(SLOT + 1, place.clientSession("")).flood(5, 5, T0);
    Workplace.awaitText(place.traceFile(""), "r=9,");

    assertThat(rows(place.traceFile(""))).isEqualTo(count(0, 10));
    assertThat(place.trace()).containsOnlyOnce("Trace file ");
  }

  @Test
  void a_pid_used_again_gets_a_file_of_its_own() throws IOException {
    Files.createDirectories(place.traces);
    String other = "Trace file x\n\n*** SESSION ID:(" + place.client.pid() + ".1) 2023\nold\n";
    Files.writeString(place.traceFile(""), other);
    place.segment.claim(SLOT, place.clientSession("")).flood(0, 5, T0);
    place.runOnce();

    assertThat(place.trace()).isEqualTo(other);
    assertThat(rows(place.traceFile("_2"))).isEqualTo(count(0, 5));
  }

  @Test
  void a_file_that_was_removed_is_begun_again() throws IOException {
    Session session = place.segment.claim(SLOT, place.clientSession(""));
    place.startDaemon();
    session.flood(0, 5, T0);
    Workplace.awaitText(place.traceFile(""), "r=4,");
    Files.delete(place.traceFile(""));
    Workplace.await(
        () -> {
          session.flood(5, 1, T0);
          return Files.exists(place.traceFile(""));
        });
    Workplace.awaitText(place.traceFile(""), "r=5,");
    assertThat(place.trace()).startsWith("Trace file ");
    assertThat(place.segment.slot(SLOT).getInt(SlotLayout.RESEND)).isEqualTo(1);
  }

  @Test
  void a_file_that_was_removed_while_no_daemon_ran_is_begun_again() throws IOException {
    Session session = place.segment.claim(SLOT, place.clientSession(""));
    session.flood(0, 5, T0);
    place.runOnce();
    Files.delete(place.traceFile(""));
    session.flood(5, 5, T0);
    place.runOnce();

    assertThat(rows(place.traceFile(""))).isEqualTo(count(5, 10));
    assertThat(place.trace()).startsWith("Trace file ");
    assertThat(place.segment.slot(SLOT).getInt(SlotLayout.RESEND)).isEqualTo(1);
  }

  @Test
  void a_path_in_the_slot_is_not_trusted() throws IOException {
    Session session = place.segment.claim(SLOT, place.clientSession(""));
    session.flood(0, 5, T0);
    place.runOnce();
    Path precious = place.rings.resolve("precious");
    Files.writeString(precious, "x".repeat(1 << 20));
    byte[] path = (precious + "\0").getBytes(StandardCharsets.UTF_8);
    place.segment.slot(SLOT).put(SlotLayout.TRACE_FILE, path);
    session.flood(5, 5, T0);
    place.runOnce();

    assertThat(Files.size(precious)).isEqualTo(1 << 20);
    assertThat(rows(place.traceFile("_2"))).isEqualTo(count(5, 10));
  }

  @Test
  void another_identifier_leads_to_another_file() throws IOException {
    Session session = place.segment.claim(SLOT, place.clientSession(""));
    place.startDaemon();
    session.flood(0, 5, T0);
    session.write(Body.attribute(Layout.ATTR_IDENTIFIER, "test 01"), 0, T0);
    session.flood(5, 5, T0);
    Path second = place.traceFile("_test_01");
    Workplace.awaitText(second, "r=9,");

    assertThat(place.trace()).endsWith("\n*** TRACE CONTINUES IN FILE " + second + " ***\n\n");
    assertThat(Workplace.read(second))
        .startsWith("Trace file " + second)
        .contains("\n*** TRACE CONTINUED FROM FILE " + place.traceFile("") + " ***\n");
    assertThat(rows(place.traceFile(""))).isEqualTo(count(0, 5));
    assertThat(rows(second)).isEqualTo(count(5, 10));
    assertThat(place.segment.slot(SLOT).getInt(SlotLayout.RESEND)).isEqualTo(1);
  }

  @Test
  void a_file_over_the_limit_goes_on_in_the_next() throws IOException {
    Session session = place.segment.claim(SLOT, place.clientSession(""));
    session.waitWhenFull(10_000_000_000L);
    place.startDaemon(place.options(TraceForm.FULL, DaemonOptions.MAX_FILE_SIZE_MIN));
    Workplace.await(() -> place.segment.header().getInt(SegmentLayout.DAEMON_PID) != 0);
    int events = 5_000;
    session.flood(0, events, T0);
    Workplace.await(() -> place.segment.slot(SLOT).getLong(SlotLayout.HEAD) == committed());
    place.stopDaemon();

    List<Long> all = new ArrayList<>(rows(place.traceFile("")));
    int number = 2;
    for (; Files.exists(place.traceFile("_" + number)); number++) {
      all.addAll(rows(place.traceFile("_" + number)));
    }
    assertThat(number).isGreaterThan(4);
    assertThat(all).isEqualTo(count(0, events));
    assertThat(place.trace()).contains("CONTINUES IN FILE " + place.traceFile("_2"));
  }

  @Test
  void a_closed_slot_becomes_free() throws IOException {
    Session session = place.segment.claim(SLOT, place.clientSession(""));
    session.flood(0, 5, T0);
    session.write(Body.sessionEnd(Layout.END_EXIT), 0, T0);
    session.close();
    place.startDaemon();
    Workplace.await(() -> state(SLOT) == Layout.SLOT_FREE);
    place.stopDaemon();

    assertThat(place.trace()).containsOnlyOnce("SESSION END").contains("(process ended)");
    assertThat(place.segment.slot(SLOT).getLong(SlotLayout.HEAD)).isZero();
  }

  @Test
  void a_paused_session_keeps_its_slot() {
    Session session = place.segment.claim(SLOT, place.clientSession(""));
    session.flood(0, 5, T0);
    session.write(Body.sessionEnd(Layout.END_DISABLED), 0, T0);
    place.segment.slot(SLOT).putInt(SlotLayout.ENABLED, 0);
    place.startDaemon();
    Workplace.awaitText(place.traceFile(""), "(tracing disabled)");
    place.stopDaemon();
    assertThat(state(SLOT)).isEqualTo(Layout.SLOT_ACTIVE);
  }

  @Test
  void a_process_that_died_ends_its_trace() throws Exception {
    Session session = place.segment.claim(SLOT, place.clientSession(""));
    session.flood(0, 5, T0);
    session.dieWhileWriting(T0);
    session.die();
    place.startDaemon();
    Workplace.await(() -> state(SLOT) == Layout.SLOT_FREE);
    place.stopDaemon();

    assertThat(rows(place.traceFile(""))).isEqualTo(count(0, 5));
    assertThat(place.trace())
        .containsOnlyOnce("*** LOST 1 EVENTS (full=0, too_big=0, writer_died=1) BETWEEN ")
        .containsOnlyOnce("*** SESSION END:(process died) ");
  }

  @Test
  void a_gap_that_is_open_when_the_session_ends_is_shown() throws IOException {
    Session session = place.segment.claim(SLOT, place.clientSession(""));
    session.flood(0, 10_000, T0);
    session.close();
    long lost = place.segment.slot(SLOT).getLong(SlotLayout.LOST_FULL);
    place.startDaemon();
    Workplace.await(() -> state(SLOT) == Layout.SLOT_FREE);
    place.stopDaemon();

    assertThat(lost).isPositive();
    assertThat(place.eventsLost()).isEqualTo(lost);
    assertThat(place.trace()).contains("SESSION END:(process ended)");
  }

  @Test
  void a_slot_whose_claimer_died_becomes_free() {
    Session session = place.segment.claim(SLOT, place.clientSession(""));
    place.segment.slot(SLOT).putInt(SlotLayout.STATE, Layout.SLOT_CLAIMED);
    session.die();
    place.startDaemon();
    Workplace.await(() -> state(SLOT) == Layout.SLOT_FREE);
  }

  @Test
  void an_offered_slot_is_its_process_s_alone_while_there_is_a_server() throws Exception {
    Session session = place.segment.claim(SLOT, place.clientSession(""));
    session.flood(0, 5, T0);
    place.segment.slot(SLOT).putInt(SlotLayout.STATE, Layout.SLOT_OFFERED);
    session.die();
    place.startDaemon();
    Process other = new ProcessBuilder("sleep", "600").start();
    Client second =
        new Client(Workplace.pid(other), Workplace.ticks(other), "shop", "bert", "app", "");
    Session ending = place.segment.claim(3, second);
    ending.flood(100, 5, T0);
    ending.die();
    // The daemon has looked for processes that are over, and found this one alone.
    Workplace.await(() -> state(3) == Layout.SLOT_FREE);
    Workplace.end(other);
    assertThat(state(SLOT)).isEqualTo(Layout.SLOT_OFFERED);
    assertThat(place.traceFile("")).doesNotExist();
    assertThat(SessionList.read(List.of(place.segmentPath())).lines().get(1))
        .contains(" " + place.client.pid() + " offered ");

    place.segment.slot(SLOT).putInt(SlotLayout.STATE, Layout.SLOT_ACTIVE);
    Workplace.awaitText(place.traceFile(""), "r=4,");
  }

  @Test
  void an_offered_slot_keeps_no_segment_of_a_dead_server() {
    place.segment.claim(SLOT, place.clientSession("")).die();
    place.segment.slot(SLOT).putInt(SlotLayout.STATE, Layout.SLOT_OFFERED);
    place.segment.serverDies();
    place.startDaemon();
    Workplace.await(() -> !Files.exists(place.segmentPath()));
    place.stopDaemon();

    assertThat(state(SLOT)).isEqualTo(Layout.SLOT_FREE);
  }

  @Test
  void a_slot_left_half_freed_becomes_free() {
    place.segment.claim(SLOT, place.clientSession(""));
    place.segment.slot(SLOT).putInt(SlotLayout.STATE, Layout.SLOT_FREEING);
    place.startDaemon();
    Workplace.await(() -> state(SLOT) == Layout.SLOT_FREE);
  }

  @Test
  void the_segment_of_a_dead_server_is_written_and_removed() throws Exception {
    Session session = place.segment.claim(SLOT, place.clientSession(""));
    session.flood(0, 5, T0);
    session.die();
    place.segment.serverDies();
    place.startDaemon();
    Workplace.await(() -> !Files.exists(place.segmentPath()));
    place.stopDaemon();

    assertThat(rows(place.traceFile(""))).isEqualTo(count(0, 5));
    assertThat(place.trace()).contains("(process died)");
  }

  @Test
  void the_segment_of_a_living_server_stays() throws Exception {
    place.startDaemon();
    Thread.sleep(600);
    place.stopDaemon();
    assertThat(place.segmentPath()).exists();
  }

  @Test
  void several_sessions_have_a_file_each() throws Exception {
    Process other = new ProcessBuilder("sleep", "600").start();
    try {
      place.segment.claim(SLOT, place.clientSession("")).flood(0, 5, T0);
      Client second =
          new Client(Workplace.pid(other), Workplace.ticks(other), "shop", "bert", "app", "");
      place.segment.claim(3, second).flood(100, 5, T0);
      place.runOnce();
    } finally {
      Workplace.end(other);
    }
    assertThat(place.traceFileNames())
        .containsExactlyInAnyOrder(
            "main_pg_" + place.client.pid() + ".trc", "main_pg_" + other.pid() + ".trc");
    assertThat(rows(place.traceFile(""))).isEqualTo(count(0, 5));
  }

  @Test
  void a_damaged_ring_stops_alone() throws IOException {
    Session session = place.segment.claim(SLOT, place.clientSession(""));
    session.flood(0, 5, T0);
    long head = place.segment.slot(SLOT).getLong(SlotLayout.HEAD);
    place.segment.slot(SLOT).putLong(SlotLayout.HEAD, head + 8);
    Process other = new ProcessBuilder("sleep", "600").start();
    Client second =
        new Client(Workplace.pid(other), Workplace.ticks(other), "shop", "bert", "app", "");
    place.segment.claim(2, second).flood(100, 5, T0);
    place.runOnce();
    other.destroyForcibly();

    assertThat(rows(place.traceFile(""))).isEqualTo(count(0, 5));
    assertThat(rows(place.traces.resolve("main_pg_" + other.pid() + ".trc")))
        .isEqualTo(count(100, 105));
  }

  @Test
  void events_wait_in_the_ring_while_nothing_can_be_written() throws IOException {
    Files.writeString(place.traces, "a file where the folder should be");
    Session session = place.segment.claim(SLOT, place.clientSession(""));
    session.flood(0, 5, T0);
    place.startDaemon();
    Workplace.await(() -> place.segment.header().getInt(SegmentLayout.DAEMON_PID) != 0);
    session.flood(5, 5, T0);
    Files.delete(place.traces);
    Workplace.awaitText(place.traceFile(""), "r=9,");

    assertThat(rows(place.traceFile(""))).isEqualTo(count(0, 10));
  }

  @Test
  @Timeout(120)
  void a_million_events_are_each_in_the_file_once_and_in_order() throws Exception {
    int events = 1_000_000;
    Session session = place.segment.claim(SLOT, place.clientSession(""));
    session.waitWhenFull(60_000_000_000L);
    place.startDaemon();
    Workplace.await(() -> place.segment.header().getInt(SegmentLayout.DAEMON_PID) != 0);
    long dropped = session.flood(0, events, T0);
    Workplace.await(() -> place.segment.slot(SLOT).getLong(SlotLayout.HEAD) == committed());
    place.stopDaemon();

    assertThat(dropped).isZero();
    assertThat(rows(place.traceFile(""))).isEqualTo(count(0, events));
  }

  @Test
  void old_files_of_ended_sessions_are_removed() throws IOException {
    Files.createDirectories(place.traces);
    Path old = place.traces.resolve("main_pg_1.trc");
    Path young = place.traces.resolve("main_pg_2.trc");
    Path foreign = place.traces.resolve("FREE_ora_1.trc");
    for (Path file : List.of(old, young, foreign)) {
      Files.writeString(file, "x");
    }
    FileTime before = FileTime.from(Instant.now().minus(Duration.ofDays(8)));
    Files.setLastModifiedTime(old, before);
    Files.setLastModifiedTime(foreign, before);
    place.runOnce(place.keeping(Duration.ofDays(7)));

    assertThat(old).doesNotExist();
    assertThat(young).exists();
    assertThat(foreign).exists();
  }

  private long committed() {
    return place.segment.slot(SLOT).getLong(SlotLayout.READ_POS);
  }

  private int state(int slot) {
    return place.segment.slot(slot).getInt(SlotLayout.STATE);
  }

  /** read_pos, commit_seq and both commits. */
  private byte[] commitOf(int slot) {
    byte[] bytes = new byte[SlotLayout.RESEND - SlotLayout.READ_POS];
    place.segment.slot(slot).get(SlotLayout.READ_POS, bytes);
    return bytes;
  }

  private String slotText(int offset) {
    byte[] bytes = new byte[SlotLayout.TRACE_FILE_LENGTH];
    place.segment.slot(SLOT).get(offset, bytes);
    return new String(bytes, StandardCharsets.UTF_8).replace("\0", "");
  }

  /** The r= of each FETCH line, which counts events. */
  private static List<Long> rows(Path file) throws IOException {
    try (var lines = Files.lines(file)) {
      return lines
          .filter(line -> line.startsWith("FETCH #101:"))
          .map(line -> line.substring(line.indexOf(",r=") + 3, line.indexOf(",dep=")))
          .map(Long::valueOf)
          .toList();
    }
  }

  private static List<Long> count(long from, long to) {
    return LongStream.range(from, to).boxed().toList();
  }

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
