package org.pgtrace.ebpf;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class KernelProgramTest {
  private static final Set<String> FEW =
      Set.of(
          "syscalls/sys_enter_getpriority",
          "syscalls/sys_enter_openat",
          "syscalls/sys_exit_openat",
          "syscalls/sys_enter_close",
          "syscalls/sys_enter_pread64",
          "syscalls/sys_exit_pread64",
          "sched/sched_process_exit",
          "block/block_rq_issue",
          "block/block_rq_complete");

  private static String program(int minor, Predicate<String> tracepoints) {
    return KernelProgram.of(4711, new BpftraceVersion(0, minor), tracepoints).text();
  }

  /** Written anew with -Dpgtrace.golden=FOLDER. */
  private static void assertGolden(String name, String text) throws IOException {
    String folder = System.getProperty("pgtrace.golden", "");
    if (!folder.isEmpty()) {
      java.nio.file.Files.writeString(java.nio.file.Path.of(folder, name), text);
    }
    try (InputStream in =
        Objects.requireNonNull(KernelProgramTest.class.getResourceAsStream(name), name)) {
      assertThat(text).isEqualTo(new String(in.readAllBytes(), UTF_8));
    }
  }

  @Test
  void an_old_bpftrace_on_a_new_kernel() throws IOException {
    assertGolden("all-0.17.bt", program(17, name -> true));
  }

  @Test
  void a_new_bpftrace_on_a_kernel_that_has_little() throws IOException {
    assertGolden("few-0.22.bt", program(22, FEW::contains));
  }

  @Test
  void without_tracepoints_of_devices_their_blocks_are_left_out() {
    assertThat(program(17, name -> !name.startsWith("block/")))
        .doesNotContain("tracepoint:block")
        .contains("sched_switch");
  }

  @Test
  void settings_have_the_names_of_their_version() {
    assertThat(KernelProgram.of(1, new BpftraceVersion(0, 19), FEW::contains).environment())
        .containsEntry("BPFTRACE_STRLEN", "96")
        .containsEntry("BPFTRACE_MAP_KEYS_MAX", "16384");
    assertThat(KernelProgram.of(1, new BpftraceVersion(0, 20), FEW::contains).environment())
        .containsEntry("BPFTRACE_MAX_STRLEN", "96")
        .containsEntry("BPFTRACE_MAX_MAP_KEYS", "16384");
  }
}
