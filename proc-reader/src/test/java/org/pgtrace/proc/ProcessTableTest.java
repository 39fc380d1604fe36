package org.pgtrace.proc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessTableTest {
  private static final long TICKS = 987654;
  private static final String AFTER_NAME =
      " S 1 77 77 0 -1 4194560 120 0 0 0 3 1 0 0 20 0 1 0 987654 220000000 900 18446744073709551615"
          + " 1 1 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n";

  private final Path proc;
  private final Path segment;

  ProcessTableTest(@TempDir Path folder) {
    this.proc = folder.resolve("proc");
    this.segment = folder.resolve("pg_trace.main.1");
  }

  @Test
  void finds_the_start_time() throws IOException {
    stat(77, "77 (postgres)" + AFTER_NAME);

    assertThat(new ProcessTable(proc).find(77))
        .isEqualTo(new ProcessLookup.Found(new ProcessIdentity(77, 987654)));
  }

  @Test
  void a_name_may_hold_blanks_and_brackets() throws IOException {
    stat(77, "77 (a) R 1 2 (3) )" + AFTER_NAME);

    assertThat(new ProcessTable(proc).find(77))
        .isEqualTo(new ProcessLookup.Found(new ProcessIdentity(77, 987654)));
  }

  @Test
  void a_pid_that_nobody_has_is_gone() {
    assertThat(new ProcessTable(proc).find(78)).isEqualTo(new ProcessLookup.Gone(78));
  }

  @Test
  void a_file_that_cannot_be_read_is_not_a_process_that_ended() throws IOException {
    Files.createDirectories(proc.resolve("79/stat"));

    assertThat(new ProcessTable(proc).find(79)).isInstanceOf(ProcessLookup.NotPermitted.class);
  }

  @Test
  void a_damaged_file_is_not_a_process_that_ended() throws IOException {
    for (String text : new String[] {"", "80", "80 (x", "80 (x)", "80 (x) S 1 2", ")"}) {
      stat(80, text);
      assertThat(new ProcessTable(proc).find(80))
          .as("stat file '%s'", text)
          .isInstanceOf(ProcessLookup.NotPermitted.class);
    }
  }

  @Test
  void a_pid_used_again_is_another_process() throws IOException {
    process(77, "77");
    ProcessTable table = new ProcessTable(proc);

    assertThat(table.resolve(77, TICKS, segment)).isEqualTo(found(77));
    assertThat(table.resolve(77, TICKS - 1, segment)).isEqualTo(new ProcessLookup.Gone(77));
    assertThat(table.resolve(78, TICKS, segment)).isEqualTo(new ProcessLookup.Gone(78));
  }

  @Test
  void a_process_of_a_container_is_found_by_the_number_it_has_there() throws IOException {
    process(31, "31");
    process(4711, "4711\t1200\t31");
    ProcessTable table = new ProcessTable(proc);

    assertThat(table.resolve(31, TICKS, segment)).as("our own").isEqualTo(found(31));
    Files.delete(proc.resolve("31/stat"));
    assertThat(table.resolve(31, TICKS, segment)).as("the container's").isEqualTo(found(4711));
    assertThat(table.resolve(4711, TICKS, segment))
        .as("nobody's")
        .isEqualTo(new ProcessLookup.Gone(4711));
  }

  @Test
  void processes_of_two_containers_that_cannot_be_told_apart_are_not_guessed_at()
      throws IOException {
    process(4711, "4711\t31");
    process(4712, "4712\t31");

    assertThat(new ProcessTable(proc).resolve(31, TICKS, segment))
        .isInstanceOf(ProcessLookup.NotPermitted.class);
  }

  @Test
  void containers_that_were_started_at_the_same_moment_are_told_apart_by_the_file()
      throws IOException {
    Files.writeString(segment, "");
    process(4711, "4711\t31");
    maps(4711, inode(segment) + 1);
    process(4712, "4712\t31");
    maps(4712, inode(segment));
    ProcessTable table = new ProcessTable(proc);
    assertThat(table.resolve(31, TICKS, segment)).isEqualTo(found(4712));

    process(4713, "4713\t31");
    maps(4713, inode(segment));
    assertThat(table.resolve(31, TICKS, segment)).isInstanceOf(ProcessLookup.NotPermitted.class);
  }

  private static long inode(Path file) throws IOException {
    return (Long) Files.getAttribute(file, "unix:ino");
  }

  private void maps(int pid, long inode) throws IOException {
    Files.writeString(
        proc.resolve(pid + "/maps"),
        """
        55d0a6ea3000-55d0a6f5e000 r--p 00000000 00:2a 1234567 /usr/lib/postgresql/18/bin/postgres
        7f1c44a00000-7f1c45a00000 rw-s 00000000 00:30 %d /dev/shm/pg_trace.main.1
        """
            .formatted(inode));
  }

  @Test
  void a_process_that_is_only_not_collected_yet_is_gone() throws IOException {
    stat(77, "77 (postgres)" + AFTER_NAME.replace(" S ", " Z "));

    assertThat(new ProcessTable(proc).find(77)).isEqualTo(new ProcessLookup.Gone(77));
  }

  @Test
  void the_children_of_a_process_are_those_that_run() throws IOException {
    stat(77, "77 (a) b) S 12 77" + AFTER_NAME.substring(AFTER_NAME.indexOf(" 77 0")));
    stat(78, "78 (postgres)" + AFTER_NAME.replace(" S 1 ", " S 12 "));
    stat(79, "79 (postgres)" + AFTER_NAME.replace(" S 1 ", " Z 12 "));
    stat(80, "80 (postgres)" + AFTER_NAME);

    assertThat(new ProcessTable(proc).children(12))
        .containsExactlyInAnyOrder(new ProcessIdentity(77, TICKS), new ProcessIdentity(78, TICKS));
  }

  @Test
  void reads_the_real_proc() throws Exception {
    ProcessTable table = ProcessTable.system();
    Process child = new ProcessBuilder("sleep", "60").start();
    try {
      int pid = (int) child.pid();
      assertThat(table.find(pid)).isInstanceOf(ProcessLookup.Found.class);
      long ticks = ((ProcessLookup.Found) table.find(pid)).identity().startTicks();
      assertThat(table.resolve(pid, ticks, segment)).isEqualTo(table.find(pid));
      assertThat(table.children((int) ProcessHandle.current().pid()))
          .contains(new ProcessIdentity(pid, ticks));
      assertThat(table.title(pid)).isEqualTo("sleep 60");
      assertThat(table.innermostPid(pid)).isEqualTo(pid);
      child.destroyForcibly().waitFor();
      assertThat(table.resolve(pid, ticks, segment)).isEqualTo(new ProcessLookup.Gone(pid));
    } finally {
      child.destroyForcibly();
    }
  }

  private static ProcessLookup found(int pid) {
    return new ProcessLookup.Found(new ProcessIdentity(pid, TICKS));
  }

  /** A process that started at TICKS, with its numbers from the outermost namespace inwards. */
  private void process(int pid, String numbers) throws IOException {
    stat(pid, pid + " (postgres)" + AFTER_NAME);
    Files.writeString(
        proc.resolve(pid + "/status"), "Name:\tpostgres\nNSpid:\t" + numbers + "\nThreads:\t1\n");
  }

  private void stat(int pid, String text) throws IOException {
    Path folder = Files.createDirectories(proc.resolve(Integer.toString(pid)));
    Files.writeString(folder.resolve("stat"), text, StandardCharsets.UTF_8);
  }
}
