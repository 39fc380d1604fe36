package org.pgtrace.ebpf;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** With a shell script in place of bpftrace. */
class ProbeChildTest {
  private static final String VERSION =
      "if [ \"$1\" = --version ]; then echo bpftrace v0.17.0; exit; fi; cat >/dev/null";

  @TempDir Path folder = Path.of("");
  private final Heard heard = new Heard();
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private final Logger logger = (Logger) LoggerFactory.getLogger(ProbeChild.class);

  @BeforeEach
  void listen() {
    log.start();
    logger.addAppender(log);
  }

  @AfterEach
  void stop() {
    logger.detachAppender(log);
  }

  private EbpfSupport support(String... script) throws IOException, EbpfUnavailableException {
    FakeMachine machine = new FakeMachine(folder);
    machine.bpftrace(VERSION + "\n" + String.join("\n", script));
    return EbpfSupport.check(machine.machine());
  }

  private void await(EbpfProbe probe, BooleanSupplier condition) throws InterruptedException {
    for (int i = 0; i < 3000 && !condition.getAsBoolean(); i++) {
      probe.poll(heard);
      Thread.sleep(10);
    }
    assertThat(condition.getAsBoolean()).as("%s", heard.all).isTrue();
  }

  private List<String> warnings() {
    return List.copyOf(log.list).stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  @Test
  void a_start_that_fails_is_one_line_of_the_log() throws Exception {
    EbpfSupport support =
        support(
            "echo \"ERROR: Unknown error -1: couldn't set RLIMIT_MEMLOCK for bpftrace. Try\" >&2",
            "echo 'stdin:1: ERROR: tracepoint not found: a:b' >&2",
            "exit 1");
    try (EbpfProbe probe = EbpfProbe.start(support)) {
      await(probe, () -> warnings().stream().anyMatch(w -> w.contains("has ended")));
      assertThat(probe.isReady()).isFalse();
      assertThat(warnings().stream().filter(w -> w.contains("has ended")))
          .containsExactly(
              folder
                  + "/bin/bpftrace has ended before it was ready: exit code 1, stdin:1: ERROR:"
                  + " tracepoint not found: a:b; starts it again in 1 s");
    }
  }

  @Test
  void it_is_started_again_after_growing_pauses_and_the_gap_is_told() throws Exception {
    EbpfSupport support = support("echo R 1000000", "echo T 3000000", "sleep 0.2", "exit 3");
    try (EbpfProbe probe = EbpfProbe.start(support)) {
      await(probe, probe::isReady);
      await(probe, () -> warnings().stream().anyMatch(w -> w.contains("in 2 s")));
      assertThat(warnings().stream().filter(w -> w.contains("has ended")))
          .containsExactly(
              folder + "/bin/bpftrace has ended: exit code 3; starts it again in 1 s",
              folder + "/bin/bpftrace has ended: exit code 3; starts it again in 2 s");
      assertThat(heard.seldom).hasSize(1).allMatch(e -> e.startsWith("gap of "));
    }
  }

  @Test
  void losses_are_told_by_cause() throws Exception {
    Path told = folder.resolve("told");
    EbpfSupport support =
        support(
            "echo R 1",
            "echo Lost 5 events",
            "echo Lost 6 events >&2",
            "echo nonsense",
            "i=0; while [ $i -lt 30 ]; do echo C 1 7 1 1; i=$((i+1)); done",
            ": >" + told,
            "exec sleep 60");
    long pid;
    try (EbpfProbe probe = EbpfProbe.start(support, 16)) {
      for (int i = 0; i < 3000 && !Files.exists(told); i++) {
        Thread.sleep(10);
      }
      // What it has written is read by then, and the queue has no room for it.
      Thread.sleep(500);
      await(probe, () -> heard.seldom.size() >= 3);
      assertThat(heard.seldom).containsExactly("KERNEL_BUFFER 11", "QUEUE 15", "DAMAGED_LINE 1");
      pid = probe.childPid();
      assertThat(ProcessHandle.of(pid)).isPresent();
    }
    for (int i = 0; i < 1000 && ProcessHandle.of(pid).isPresent(); i++) {
      Thread.sleep(10);
    }
    assertThat(ProcessHandle.of(pid)).isEmpty();
  }
}
