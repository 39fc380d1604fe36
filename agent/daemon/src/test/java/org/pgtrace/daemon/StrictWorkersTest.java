package org.pgtrace.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgtrace.daemon.Writers.Written;
import org.pgtrace.format.TraceForm;
import org.pgtrace.ring.Body;
import org.pgtrace.ring.EventLayout.Node;
import org.pgtrace.ring.EventLayout.Wait;
import org.pgtrace.ring.Layout;
import org.pgtrace.ring.NativeSegment;
import org.pgtrace.ring.SlotLayout;

/** In strict form each parallel worker has a file of its own. */
class StrictWorkersTest {
  private static final int OWN = Writers.OWN;
  private static final long T0 = NativeSegment.MONO_NS;

  private final Path folder;
  private final Workplace place;
  private final Writers writers;

  StrictWorkersTest(@TempDir Path folder) {
    this.folder = folder;
    place = new Workplace(folder.resolve("one"));
    writers = new Writers(place);
  }

  @AfterEach
  void close() {
    place.close();
  }

  @Test
  void a_worker_s_lines_are_in_its_own_file_alone() throws IOException {
    statement().forEach(writers::write);
    runOnce(place, 0);

    assertThat(place.traceFileNames())
        .containsExactly(
            "." + leader(place) + ".workers",
            "main_p000_" + pid(place) + ".trc",
            "main_p001_" + pid(place) + ".trc",
            leader(place) + ".trc");
    assertThat(lines(place.traceFile("")))
        .extracting(line -> line.replaceAll("( len|:| cnt).*", ""))
        .containsExactly(
            "PARSING IN CURSOR #101",
            "select 1",
            "END OF STMT",
            "WAIT #101",
            "FETCH #101",
            "STAT #101 id=1",
            "STAT #101 id=2",
            "STAT #101 id=3",
            "XCTEND rlbk=0, rd_only=1, tim=1700000000000060");
    assertThat(lines(worker(place, 0, "")))
        .extracting(line -> line.replaceAll("( len|:| cnt).*", ""))
        .containsExactly(
            "PARSING IN CURSOR #101",
            "select 1",
            "END OF STMT",
            "WAIT #101",
            "WAIT #101",
            "FETCH #101",
            "STAT #101 id=3");
    assertThat(lines(worker(place, 0, "")))
        .anyMatch(line -> line.startsWith("STAT #101 id=3 cnt=300 pid=0 pos=1 "));
    assertThat(lines(worker(place, 1, ""))).contains("select :1", "END OF STMT");
  }

  @Test
  void a_worker_s_file_says_whose_it_is_and_has_only_oracle_s_lines() throws IOException {
    statement().forEach(writers::write);
    runOnce(place, 0);

    Path file = worker(place, 0, "");
    assertThat(Workplace.read(file))
        .startsWith("Trace file " + file + "\nOracle Database 19c compatible")
        .contains("Unix process pid: " + pid(place) + ", image: postgres@")
        .contains(" (P000)\n")
        .containsSubsequence(
            "*** SESSION ID:(", "2023-11-14T22:13:20.000010+00:00\n", "PARSING IN CURSOR")
        .contains("\n*** SESSION ID:(" + pid(place) + ".")
        .doesNotContain("px=", "pg=", "node=", "PLAN", "SUMMARY");
  }

  @Test
  void a_daemon_that_is_killed_after_any_record_repeats_and_loses_no_line() throws IOException {
    statement().forEach(writers::write);
    runOnce(place, 0);
    try (Workplace other = new Workplace(folder.resolve("two"))) {
      Writers restarted = new Writers(other);
      ByteBuffer slot = other.segment.slot(Writers.SLOT);
      ByteBuffer workers = other.segment.slot(Writers.SLOT + Workplace.SLOTS);
      byte[] commit = new byte[SlotLayout.RESEND - SlotLayout.READ_POS];
      boolean first = true;
      for (Written record : statement()) {
        restarted.write(record);
        slot.get(SlotLayout.READ_POS, commit);
        long read = workers.getLong(SlotLayout.READ_POS);
        runOnce(other, 0);
        if (!first) {
          // As if the daemon had been killed after the write and before the commit.
          slot.put(SlotLayout.READ_POS, commit);
          workers.putLong(SlotLayout.READ_POS, read);
          runOnce(other, 0);
        }
        first = false;
      }

      assertThat(lines(other.traceFile(""))).isEqualTo(lines(place.traceFile("")));
      for (int worker = 0; worker < 2; worker++) {
        // Nobody sends the texts again here, which a daemon that goes on does not know.
        assertThat(withoutTexts(lines(worker(other, worker, ""))))
            .isEqualTo(withoutTexts(lines(worker(place, worker, ""))));
      }
      assertThat(other.traceFileNames()).hasSize(4);
    }
  }

  @Test
  void a_daemon_that_goes_on_asks_for_the_texts() throws IOException {
    writers.write(new Written(OWN, 5, 0, Body.statement(101, "SELECT", "select 1")));
    runOnce(place, 0);
    writers.write(new Written(1, 10, 0, waited(101)));
    place.startDaemon(place.options(TraceForm.STRICT, 0));
    Workplace.await(() -> place.segment.slot(Writers.SLOT).getInt(SlotLayout.RESEND) == 1);
    writers.write(new Written(OWN, 20, 0, Body.statement(101, "SELECT", "select 1")));
    writers.write(new Written(1, 30, 0, waited(101)));
    writers.write(new Written(1, 40, 0, waited(101)));
    place.stopDaemon();

    assertThat(lines(worker(place, 0, "")))
        .filteredOn(line -> line.matches("(PARSING|WAIT).*"))
        .extracting(line -> line.substring(0, 4))
        .containsExactly("WAIT", "PARS", "WAIT", "WAIT");
    assertThat(place.segment.slot(Writers.SLOT).getInt(SlotLayout.RESEND)).isEqualTo(1);
  }

  @Test
  void another_identifier_begins_other_files() throws IOException {
    writers.write(new Written(OWN, 5, 0, Body.statement(101, "SELECT", "select 1")));
    writers.write(new Written(1, 10, 0, waited(101)));
    writers.write(new Written(OWN, 20, 0, Body.attribute(Layout.ATTR_IDENTIFIER, "two")));
    writers.write(new Written(1, 30, 0, waited(101)));
    writers.write(new Written(OWN, 40, 0, Body.xactEnd(false, true)));
    runOnce(place, 0);

    assertThat(lines(worker(place, 0, ""))).filteredOn(l -> l.startsWith("WAIT")).hasSize(1);
    assertThat(lines(worker(place, 0, "_two")))
        .filteredOn(line -> line.matches("(PARS|select|WAIT).*"))
        .hasSize(3);
  }

  @Test
  void a_full_file_is_followed_by_another() throws IOException {
    writers.write(new Written(OWN, 5, 0, Body.statement(101, "SELECT", "select 1")));
    place.startDaemon(place.options(TraceForm.STRICT, 1500));
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 10; j++) {
        writers.write(new Written(1, 10 + 10 * i + j, 0, waited(101)));
      }
      String last = "tim=" + (NativeSegment.WALL_NS / 1000 + 10L * i + 19);
      Workplace.await(() -> waits(lastOfWorker()).stream().anyMatch(line -> line.endsWith(last)));
    }
    place.stopDaemon();

    List<String> waits = new ArrayList<>();
    List<Path> files = filesOfWorker();
    // The daemon may have read in the middle of ten of them.
    assertThat(files).hasSizeGreaterThanOrEqualTo(3);
    for (Path file : files) {
      assertThat(lines(file)).first().asString().startsWith("PARSING");
      waits.addAll(waits(file));
    }
    for (Path full : files.subList(0, files.size() - 1)) {
      assertThat(Files.size(full)).isGreaterThanOrEqualTo(1500);
    }
    assertThat(waits).hasSize(30).doesNotHaveDuplicates();
  }

  /** The worker's files, the first one first. */
  private List<Path> filesOfWorker() {
    List<Path> files = new ArrayList<>();
    for (int i = 1; Files.exists(worker(place, 0, i == 1 ? "" : "_" + i)); i++) {
      files.add(worker(place, 0, i == 1 ? "" : "_" + i));
    }
    return files;
  }

  private Path lastOfWorker() {
    List<Path> files = filesOfWorker();
    return files.isEmpty() ? worker(place, 0, "") : files.get(files.size() - 1);
  }

  private static List<String> waits(Path file) {
    try {
      return Files.exists(file)
          ? lines(file).stream().filter(line -> line.startsWith("WAIT")).toList()
          : List.of();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void when_the_session_has_ended_nothing_is_left_but_traces() throws IOException {
    statement().forEach(writers::write);
    writers.write(new Written(OWN, 70, 0, Body.sessionEnd(Layout.END_EXIT)));
    writers.of(OWN, false).close();
    place.startDaemon(place.options(TraceForm.STRICT, 0));
    Workplace.await(
        () -> place.segment.slot(Writers.SLOT).getInt(SlotLayout.STATE) == Layout.SLOT_FREE);
    place.stopDaemon();

    assertThat(place.traceFileNames()).hasSize(3).allMatch(TraceFileNames::matches);
  }

  @Test
  void what_stands_beside_the_files_may_be_damaged() throws IOException {
    writers.write(new Written(OWN, 5, 0, Body.statement(101, "SELECT", "select 1")));
    writers.write(new Written(1, 10, 0, waited(101)));
    runOnce(place, 0);
    Path state = place.traces.resolve("." + leader(place) + ".workers");
    String id = Files.readAllLines(state).get(0);
    Files.writeString(state, id + "\n1\t2\n1\t0\t0\t../../etc/passwd\n1\tx\n");
    writers.write(new Written(1, 20, 0, waited(101)));
    runOnce(place, 0);

    assertThat(lines(worker(place, 0, "_2"))).anyMatch(line -> line.startsWith("WAIT #101"));
  }

  private static void runOnce(Workplace at, long maxFileSize) {
    at.runOnce(at.options(TraceForm.STRICT, maxFileSize));
  }

  private static List<Written> statement() {
    int more = Layout.RF_MORE;
    int own2 = (2 << 20) + 101;
    List<Written> all = new ArrayList<>();
    all.add(new Written(OWN, 5, 0, Body.statement(101, "SELECT", "select 1")));
    all.add(new Written(1, 10, 0, waited(101)));
    all.add(new Written(2, 12, 0, waited(101)));
    all.add(new Written(2, 14, more, Body.statementPart(own2, "SELECT", "select ", 0, 9)));
    all.add(new Written(1, 15, 0, waited(101)));
    all.add(new Written(2, 16, 0, Body.statementPart(own2, "SELECT", "$1", 7, 9)));
    all.add(new Written(OWN, 17, 0, waited(101)));
    all.add(new Written(2, 18, 0, Body.hits(101, 1, 1)));
    all.add(new Written(2, 19, 0, Body.call(own2, Layout.CALL_EXEC, 0, T0, 1)));
    all.add(new Written(1, 20, 0, Body.call(101, Layout.CALL_FETCH, 0, T0, 1)));
    all.add(new Written(1, 21, more, Body.plan(101, 77, 1)));
    all.add(new Written(1, 22, 0, node(3, 2, 300)));
    all.add(new Written(1, 23, 0, Body.summary(101, 5, 4, 1)));
    all.add(new Written(OWN, 30, 0, Body.call(101, Layout.CALL_FETCH, 0, T0, 1)));
    all.add(new Written(OWN, 31, more, Body.plan(101, 77, 3)));
    all.add(new Written(OWN, 31, more, node(1, 0, 1)));
    all.add(new Written(OWN, 31, more, node(2, 1, 500)));
    all.add(new Written(OWN, 31, 0, node(3, 2, 200).u16(Node.FLAGS, Layout.NODE_LEADER_ONLY)));
    all.add(new Written(OWN, 60, 0, Body.xactEnd(false, true)));
    return all;
  }

  private static Body waited(int cursor) {
    return Body.waited(cursor, 0, Layout.WAIT_PLAIN, T0).u8(Wait.CALL, Layout.CALLED_READ);
  }

  private static Body node(int id, int parent, long rows) {
    return Body.node(id, parent, "Node").i64(Node.ROWS, rows);
  }

  private static int pid(Workplace at) {
    return Workplace.pid(at.client);
  }

  private static String leader(Workplace at) {
    return "main_pg_" + pid(at);
  }

  private static Path worker(Workplace at, int worker, String suffix) {
    return at.traces.resolve("main_p00" + worker + "_" + pid(at) + suffix + ".trc");
  }

  /** What follows the head, without stamps. */
  private static List<String> lines(Path file) throws IOException {
    return Workplace.read(file)
        .lines()
        .dropWhile(line -> !line.startsWith("*** CLIENT IP"))
        .skip(1)
        .filter(line -> !line.isEmpty() && !line.startsWith("*** 20"))
        .filter(line -> !line.equals("====================="))
        .toList();
  }

  private static List<String> withoutTexts(List<String> lines) {
    return lines.stream().filter(line -> !line.matches("(PARSING|select|END OF).*")).toList();
  }
}
