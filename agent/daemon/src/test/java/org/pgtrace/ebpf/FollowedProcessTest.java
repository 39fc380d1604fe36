package org.pgtrace.ebpf;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FollowedProcessTest {
  private static final long SECOND = 1_000_000_000L;
  private final Heard heard = new Heard();
  private final FollowedProcess process =
      new FollowedProcess(Path.of("/nonexistent"), 7, new IoEvent());

  @BeforeEach
  void follow() {
    process.follow(100);
    process.begin(200);
    process.tellBegin(heard);
    process.tellBegin(heard);
  }

  private void line(char kind, long number, long ns, String text, long... rest) {
    long[] line = new long[ProbeLines.WIDTH];
    line[ProbeLines.KIND] = kind;
    line[ProbeLines.NUMBER] = number;
    line[ProbeLines.PID] = 7;
    line[ProbeLines.TIME] = ns;
    System.arraycopy(rest, 0, line, 4, rest.length);
    process.line(line, text, ns, heard);
  }

  private void call(long number, long ns) {
    line('I', number, ns, "", ns - 5, 1L << 56 | 3L << 32 | 8192, 0, 8192, 0, 0);
  }

  private void opened(long number, long ns, String path) {
    line('F', number, ns, path, 3, 4294967196L);
  }

  @Test
  void lines_come_in_the_order_of_their_numbers() {
    call(3, 330);
    opened(1, 310, "base/5/1");
    call(5, 350);
    call(2, 320);
    opened(4, 340, "base/5/2");
    assertThat(heard.all)
        .containsExactly(
            "7 began",
            "7 pread64 base/5/1 320",
            "7 pread64 base/5/1 330",
            "7 pread64 base/5/2 350");
  }

  @Test
  void a_descriptor_is_unknown_after_its_close() {
    opened(1, 310, "base/5/1");
    line('D', 2, 315, "", 3, 900);
    line('C', 3, 320, "", 3);
    call(4, 330);
    line('D', 5, 340, "", 900, 3);
    call(6, 350);
    assertThat(heard.all).containsExactly("7 began", "7 pread64  330", "7 pread64 base/5/1 350");
  }

  @Test
  void what_does_not_come_is_lost() {
    opened(1, 310, "base/5/1");
    call(2, 320);
    call(6, 360);
    process.check(360 + SECOND / 4, heard);
    assertThat(heard.lost).isZero();
    process.check(360 + SECOND, heard);
    // An opening may be among what is lost.
    assertThat(heard.all)
        .containsExactly(
            "7 began", "7 pread64 base/5/1 320", "7 lost 3 from 320 to 360", "7 pread64  360");
    call(4, 340);
    call(7, 370);
    assertThat(heard.calls).hasSize(3);
  }

  @Test
  void an_answer_waits_for_the_lines_before_it() {
    call(1, 310);
    process.answer(1, 315, 315, heard);
    process.answer(3, 335, 335, heard);
    call(3, 330);
    call(2, 320);
    assertThat(heard.all)
        .containsExactly(
            "7 began",
            "7 pread64  310",
            "7 up to 315",
            "7 pread64  320",
            "7 pread64  330",
            "7 up to 335");
  }

  @Test
  void an_answer_does_not_wait_for_ever() {
    call(1, 310);
    // bpftrace was stopped: it was given long before it is read, and the lines may come yet.
    long read = 335 + 10 * SECOND;
    process.answer(3, 335, read, heard);
    process.check(read + SECOND / 4, heard);
    assertThat(heard.lost).isZero();
    process.check(read + SECOND, heard);
    assertThat(heard.all)
        .containsExactly("7 began", "7 pread64  310", "7 lost 2 from 310 to 335", "7 up to 335");
  }

  @Test
  void lines_of_an_earlier_time_are_left_out() {
    call(1, 90);
    process.answer(0, 95, 95, heard);
    call(1, 310);
    assertThat(heard.all).containsExactly("7 began", "7 pread64  310");
  }

  @Test
  void periods_off_the_cpu_have_their_reason() {
    line('O', 1, 400, "", 300, 390, 1);
    line('O', 2, 500, "", 410, 0, 2);
    line('O', 3, 600, "", 510, 0, 0);
    line('O', 4, 700, "", 610, 650, 256);
    line('O', 5, 800, "", 710, 750, 4);
    assertThat(heard.offCpus)
        .containsExactly(
            new Heard.OffCpu(7, 300, 400, 10, KernelEventHandler.Sleep.INTERRUPTIBLE),
            new Heard.OffCpu(7, 410, 500, -1, KernelEventHandler.Sleep.UNINTERRUPTIBLE),
            new Heard.OffCpu(7, 510, 600, 90, KernelEventHandler.Sleep.NONE),
            new Heard.OffCpu(7, 610, 700, 90, KernelEventHandler.Sleep.NONE),
            new Heard.OffCpu(7, 710, 800, 50, KernelEventHandler.Sleep.OTHER));
  }
}
