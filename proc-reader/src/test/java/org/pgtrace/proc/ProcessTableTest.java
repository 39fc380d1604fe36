package org.pgtrace.proc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessTableTest {
  private static final String AFTER_NAME =
      " S 1 77 77 0 -1 4194560 120 0 0 0 3 1 0 0 20 0 1 0 987654 220000000 900 18446744073709551615"
          + " 1 1 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n";

  private final Path proc;

  ProcessTableTest(@TempDir Path proc) {
    this.proc = proc;
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
    assertThat(new ProcessTable(proc).isOver(79, 1)).isFalse();
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
    stat(77, "77 (postgres)" + AFTER_NAME);
    ProcessTable table = new ProcessTable(proc);

    assertThat(table.isOver(77, 987654)).isFalse();
    assertThat(table.isOver(77, 987653)).isTrue();
    assertThat(table.isOver(77, 0)).as("start time not known").isFalse();
    assertThat(table.isOver(78, 0)).isTrue();
  }

  @Test
  void a_process_that_is_only_not_collected_yet_is_gone() throws IOException {
    stat(77, "77 (postgres)" + AFTER_NAME.replace(" S ", " Z "));

    assertThat(new ProcessTable(proc).find(77)).isEqualTo(new ProcessLookup.Gone(77));
  }

  @Test
  void the_boot_id_is_the_kernel_s_line() throws IOException {
    assertThat(new ProcessTable(proc).bootId()).isEmpty();
    Path file = proc.resolve("sys/kernel/random/boot_id");
    Files.createDirectories(proc.resolve("sys/kernel/random"));
    Files.writeString(file, "0b1c-9\n");

    assertThat(new ProcessTable(proc).bootId()).isEqualTo("0b1c-9");
  }

  @Test
  void reads_the_real_proc() throws Exception {
    ProcessTable table = ProcessTable.system();
    Process child = new ProcessBuilder("sleep", "60").start();
    try {
      int pid = (int) child.pid();
      assertThat(table.find(pid)).isInstanceOf(ProcessLookup.Found.class);
      long ticks = ((ProcessLookup.Found) table.find(pid)).identity().startTicks();
      assertThat(table.isOver(pid, ticks)).isFalse();
      child.destroyForcibly().waitFor();
      assertThat(table.isOver(pid, ticks)).isTrue();
    } finally {
      child.destroyForcibly();
    }
    assertThat(table.bootId()).hasSize(36);
  }

  private void stat(int pid, String text) throws IOException {
    Path folder = Files.createDirectories(proc.resolve(Integer.toString(pid)));
    Files.writeString(folder.resolve("stat"), text, StandardCharsets.UTF_8);
  }
}
