package org.pgtrace.ebpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EbpfSupportTest {
  @TempDir Path folder = Path.of("");
  private FakeMachine machine = unset();

  @SuppressWarnings("NullAway")
  private static FakeMachine unset() {
    return null;
  }

  @BeforeEach
  void make() throws IOException {
    machine = new FakeMachine(folder);
  }

  private void refused(String message) {
    assertThatThrownBy(() -> EbpfSupport.check(machine.machine()))
        .isInstanceOf(EbpfUnavailableException.class)
        .hasMessage("--ebpf: " + message);
  }

  private static void delete(Path path) throws IOException {
    try (Stream<Path> all = Files.walk(path)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }

  @Test
  void nothing_is_missing() throws Exception {
    EbpfSupport support = EbpfSupport.check(machine.machine());
    assertThat(support).hasToString("bpftrace 0.17 (" + folder + "/bin/bpftrace)");
    assertThat(support.reductions()).isEmpty();
  }

  @Test
  void only_root_may() throws IOException {
    machine.rights("1000", "000001ffffffffff");
    refused("only root may ask the kernel: run the daemon as root, or leave --ebpf out");
  }

  @Test
  void some_roots_may_not() throws Exception {
    machine.rights("0", "00000000a80425fb");
    refused(
        "this root may not load programs into the kernel: give it CAP_BPF and CAP_PERFMON,"
            + " or CAP_SYS_ADMIN (for a container: --privileged)");
    machine.rights("0", "000000c000000000");
    assertThat(EbpfSupport.check(machine.machine())).isNotNull();
    machine.rights("0", "0000000000200000");
    assertThat(EbpfSupport.check(machine.machine())).isNotNull();
    machine.rights("0", "0000008000000000");
    assertThatThrownBy(() -> EbpfSupport.check(machine.machine()))
        .hasMessageContaining("CAP_PERFMON");
  }

  @Test
  void processes_must_have_the_kernel_s_numbers() throws IOException {
    machine.namespace("pid:[4026532201]");
    refused(
        "processes have other numbers here than the kernel's: run the daemon on the"
            + " host, or its container with --pid=host");
  }

  @Test
  void bpftrace_must_be_there() throws IOException {
    delete(folder.resolve("bin"));
    refused(
        "there is no bpftrace on the PATH: install the package bpftrace (0.17 or later), or leave"
            + " --ebpf out");
  }

  @Test
  void bpftrace_must_be_new_enough() throws Exception {
    Path program = machine.bpftrace("echo bpftrace v0.16.4");
    refused(program + " is bpftrace 0.16: install 0.17 or later");
    machine.bpftrace("echo bpftrace v0.24.1-3-gabc");
    assertThat(EbpfSupport.check(machine.machine())).asString().startsWith("bpftrace 0.24 ");
    machine.bpftrace("echo bpftrace v1.0");
    assertThat(EbpfSupport.check(machine.machine())).asString().startsWith("bpftrace 1.0 ");
    machine.bpftrace("echo segmentation fault");
    refused(program + " --version says «segmentation fault»: not a bpftrace?");
  }

  @Test
  void tracepoints_must_be_mounted() throws IOException {
    delete(folder.resolve("tracing"));
    refused(
        "the kernel's tracepoints are not mounted: mount -t tracefs tracefs /sys/kernel/tracing");
  }

  @Test
  void system_calls_must_be_seen() throws IOException {
    delete(machine.tracepoint("syscalls"));
    refused(
        "this kernel has no tracepoint syscalls/sys_enter_getpriority (CONFIG_FTRACE_SYSCALLS):"
            + " run another kernel, or leave --ebpf out");
  }

  @Test
  void what_else_is_missing_is_said() throws Exception {
    delete(machine.tracepoint("block"));
    delete(machine.tracepoint("sched/sched_switch"));
    assertThat(EbpfSupport.check(machine.machine()).reductions())
        .containsExactly(
            "the kernel has no tracepoints block_rq_*: requests to devices are not seen",
            "the kernel has no tracepoints sched_switch and sched_wakeup: time off the CPU is not"
                + " seen");
  }
}
