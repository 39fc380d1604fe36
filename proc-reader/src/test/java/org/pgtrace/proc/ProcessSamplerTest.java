package org.pgtrace.proc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pgtrace.proc.Trees.PID;
import static org.pgtrace.proc.Trees.PROCESS;
import static org.pgtrace.proc.Trees.UNITS;
import static org.pgtrace.proc.Trees.valueIn;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProcessSamplerTest {
  private static final String MAX = "18446744073709551615";

  private final Path proc;

  ProcessSamplerTest(@TempDir Path proc) {
    this.proc = proc;
  }

  @Test
  void reads_each_file_in_its_units() throws IOException {
    try (ProcessSampler sampler = open("recorded")) {
      ProcessSample sample = valueIn(sampler.sample());

      ProcessStat stat = sample.stat();
      assertThat(stat.state()).isEqualTo('S');
      assertThat(stat.utimeUs()).isEqualTo(310_000);
      assertThat(stat.stimeUs()).isZero();
      assertThat(stat.minflt()).isEqualTo(4350);
      assertThat(stat.majflt()).isZero();
      assertThat(stat.threads()).isEqualTo(1);
      assertThat(stat.startTicks()).isEqualTo(4873046);
      assertThat(stat.processor()).isEqualTo(1);
      assertThat(stat.blockIoDelayUs()).isZero();

      ProcessIo io = valueIn(sample.io());
      assertThat(io.rchar()).isEqualTo(4686141);
      assertThat(io.wchar()).isEqualTo(3002000);
      assertThat(io.syscr()).isEqualTo(941);
      assertThat(io.syscw()).isEqualTo(31);
      assertThat(io.readBytes()).isZero();
      assertThat(io.writeBytes()).isEqualTo(3014656);
      assertThat(io.cancelledWriteBytes()).isZero();

      assertThat(valueIn(sample.status()).voluntarySwitches()).isEqualTo(19);
      assertThat(valueIn(sample.status()).involuntarySwitches()).isEqualTo(61);
      assertThat(valueIn(sample.schedstat()).cpuNs()).isEqualTo(324620832);
      assertThat(valueIn(sample.schedstat()).runDelayNs()).isEqualTo(23639978);
      assertThat(valueIn(sample.schedstat()).timeslices()).isEqualTo(80);
      assertThat(valueIn(sample.statm()).sizeBytes()).isEqualTo(4890 * 4096);
      assertThat(valueIn(sample.statm()).rssBytes()).isEqualTo(4113 * 4096);
      assertThat(valueIn(sample.statm()).sharedBytes()).isEqualTo(1663 * 4096);
    }
  }

  @Test
  void each_field_comes_from_its_own_place() throws IOException {
    Trees.copyOfProc("recorded", proc);
    StringBuilder stat = new StringBuilder(PID + " (x) D");
    for (int field = 4; field <= 52; field++) {
      stat.append(' ').append(field == 22 ? PROCESS.startTicks() : 100 + field);
    }
    write("stat", stat + "\n");
    write("io", ioOf("1", "2", "3", "4", "5", "6", "7"));
    try (ProcessSampler sampler = open()) {
      ProcessSample sample = valueIn(sampler.sample());

      assertThat(sample.stat().state()).isEqualTo('D');
      assertThat(sample.stat().minflt()).isEqualTo(110);
      assertThat(sample.stat().majflt()).isEqualTo(112);
      assertThat(sample.stat().utimeUs()).isEqualTo(1_140_000);
      assertThat(sample.stat().stimeUs()).isEqualTo(1_150_000);
      assertThat(sample.stat().threads()).isEqualTo(120);
      assertThat(sample.stat().processor()).isEqualTo(139);
      assertThat(sample.stat().blockIoDelayUs()).isEqualTo(1_420_000);
      assertThat(valueIn(sample.io()).readBytes()).isEqualTo(5);
      assertThat(valueIn(sample.io()).cancelledWriteBytes()).isEqualTo(7);
    }
  }

  @Test
  void the_next_sample_overwrites_the_last_one() throws IOException {
    try (ProcessSampler sampler = open("recorded")) {
      Reading<ProcessSample> first = sampler.sample();
      ProcessIo io = valueIn(valueIn(first).io());
      write("io", ioOf("11", "12", "13", "14", "15", "16", "17"));

      assertThat(sampler.sample()).isSameAs(first);
      assertThat(io.rchar()).isEqualTo(11);
      assertThat(io.writeBytes()).isEqualTo(16);
    }
  }

  @Test
  void a_name_may_hold_blanks_and_brackets() throws IOException {
    try (ProcessSampler sampler = open("container")) {
      assertThat(valueIn(sampler.sample()).stat().utimeUs()).isEqualTo(310_000);
      assertThat(new ProcessTable(proc).innermostPid(PID)).isEqualTo(31);
    }
  }

  @Test
  void a_name_cannot_pass_for_a_line_of_status() throws IOException {
    Trees.copyOfProc("recorded", proc);
    String status = Files.readString(file("status"));
    write(
        "status",
        status.replace("Name:\tpython3", "Name:\tx\\nvoluntary_ctxt_switches:\\t99 (a) b)"));
    try (ProcessSampler sampler = open()) {
      assertThat(valueIn(valueIn(sampler.sample()).status()).voluntarySwitches()).isEqualTo(19);
    }
  }

  @Test
  void accounts_that_this_kernel_does_not_keep_are_not_there() throws IOException {
    try (ProcessSampler sampler = open("plain")) {
      ProcessSample sample = valueIn(sampler.sample());

      assertThat(sample.io())
          .isEqualTo(new Reading.NotThere<>(file("io"), "CONFIG_TASK_IO_ACCOUNTING"));
      assertThat(sample.schedstat())
          .isInstanceOfSatisfying(
              Reading.NotThere.class,
              not -> assertThat(not.missing()).contains("CONFIG_SCHEDSTATS"));
      assertThat(valueIn(sample.status()).voluntarySwitches()).isEqualTo(19);
      assertThat(valueIn(sample.statm()).rssBytes()).isPositive();
    }
  }

  @Test
  void a_file_that_may_not_be_read_hides_no_other() throws IOException {
    Trees.copyOfProc("recorded", proc);
    Files.delete(file("io"));
    Files.createDirectory(file("io")); // can be opened, not read: as the kernel does it
    try (ProcessSampler sampler = open()) {
      ProcessSample sample = valueIn(sampler.sample());

      assertThat(sample.io())
          .isInstanceOfSatisfying(
              Reading.NotPermitted.class,
              not -> {
                assertThat(not.file()).isEqualTo(file("io"));
                assertThat(not.remedy()).contains("owner", "root");
              });
      assertThat(valueIn(sample.status()).voluntarySwitches()).isEqualTo(19);
      assertThat(valueIn(sample.schedstat()).cpuNs()).isPositive();
      Reading<ProcessIo> io = sample.io();
      assertThat(valueIn(sampler.sample()).io()).as("not tried again").isSameAs(io);
    }
  }

  @Test
  void without_its_stat_file_nothing_is_known_of_a_process() throws IOException {
    Trees.copyOfProc("recorded", proc);
    Files.delete(file("stat"));
    Files.createDirectory(file("stat"));
    try (ProcessSampler sampler = open()) {
      assertThat(sampler.sample()).isInstanceOf(Reading.NotPermitted.class);
    }
  }

  @Test
  void a_process_that_nobody_has_is_gone() throws IOException {
    Trees.copyOfProc("recorded", proc);
    try (ProcessSampler sampler =
        ProcessSampler.open(proc, UNITS, new ProcessIdentity(4712, 4873046))) {
      assertThat(sampler.sample()).isEqualTo(new Reading.Gone<>(4712));
    }
  }

  @Test
  void a_process_may_be_hidden_by_hidepid() throws IOException {
    Trees.copyOfProc("plain", proc);
    try (ProcessSampler sampler =
        ProcessSampler.open(proc, UNITS, new ProcessIdentity(4712, 4873046))) {
      assertThat(sampler.sample())
          .isInstanceOfSatisfying(
              Reading.NotPermitted.class, not -> assertThat(not.remedy()).contains("hidepid"));
    }
  }

  @Test
  void a_pid_used_again_is_another_process() throws IOException {
    try (ProcessSampler sampler = open("recorded")) {
      assertThat(sampler.sample()).isInstanceOf(Reading.Value.class);
      String stat = Files.readString(file("stat"));

      write("stat", stat.replace(" 4873046 ", " 4873047 "));
      assertThat(sampler.sample()).isEqualTo(new Reading.Gone<>(PID));
      write("stat", stat);
      assertThat(sampler.sample()).as("gone is gone").isEqualTo(new Reading.Gone<>(PID));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Z", "X", "x"})
  void a_process_that_is_only_not_collected_yet_is_gone(String state) throws IOException {
    Trees.copyOfProc("recorded", proc);
    write("stat", Files.readString(file("stat")).replace(" S ", " " + state + " "));
    try (ProcessSampler sampler = open()) {
      assertThat(sampler.sample()).isEqualTo(new Reading.Gone<>(PID));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"io", "status", "schedstat", "statm"})
  void a_file_that_is_cut_off_anywhere_is_unreadable(String name) throws IOException {
    Trees.copyOfProc("recorded", proc);
    byte[] whole = Files.readAllBytes(file(name));
    try (ProcessSampler sampler = open()) {
      for (int length = 0; length < whole.length; length++) {
        Files.write(file(name), Arrays.copyOf(whole, length));
        assertThat(part(valueIn(sampler.sample()), name))
            .as("%s of %s bytes", name, length)
            .isInstanceOf(Reading.Unreadable.class);
      }
      Files.write(file(name), whole);
      assertThat(part(valueIn(sampler.sample()), name)).isInstanceOf(Reading.Value.class);
    }
  }

  @Test
  void a_stat_file_that_is_cut_off_anywhere_is_unreadable() throws IOException {
    try (ProcessSampler sampler = open("recorded")) {
      byte[] whole = Files.readAllBytes(file("stat"));
      for (int length = 0; length < whole.length; length++) {
        Files.write(file("stat"), Arrays.copyOf(whole, length));
        assertThat(sampler.sample())
            .as("%s bytes", length)
            .isInstanceOfSatisfying(
                Reading.Unreadable.class, not -> assertThat(not.file()).isEqualTo(file("stat")));
      }
    }
  }

  @Test
  void senseless_files_are_unreadable() throws IOException {
    Trees.copyOfProc("recorded", proc);
    byte[] noise = "12 ) \0 \u00ff-9 (:\n)))\n\n- 4: \n".getBytes(StandardCharsets.ISO_8859_1);
    try (ProcessSampler sampler = open()) {
      for (String name : new String[] {"io", "status", "schedstat", "statm"}) {
        Files.write(file(name), noise);
        assertThat(part(valueIn(sampler.sample()), name)).isInstanceOf(Reading.Unreadable.class);
      }
      Files.write(file("stat"), noise);
      assertThat(sampler.sample()).isInstanceOf(Reading.Unreadable.class);
    }
  }

  @Test
  void numbers_of_64_bits_are_no_harm() throws IOException {
    Trees.copyOfProc("recorded", proc);
    write("io", ioOf(MAX, MAX, MAX, MAX, MAX, MAX, MAX));
    write("statm", (MAX + " ").repeat(7) + "\n");
    write("schedstat", (MAX + " ").repeat(3) + "\n");
    write("stat", Files.readString(file("stat")).replace(" 31 0 3 1 ", " " + MAX + " 0 3 1 "));
    try (ProcessSampler sampler = open()) {
      ProcessSample sample = valueIn(sampler.sample());

      assertThat(sample.stat().utimeUs()).isEqualTo(Long.MAX_VALUE);
      assertThat(valueIn(sample.io()).rchar()).isEqualTo(Long.MAX_VALUE);
      assertThat(valueIn(sample.statm()).rssBytes()).isEqualTo(Long.MAX_VALUE);
      assertThat(valueIn(sample.schedstat()).runDelayNs()).isEqualTo(Long.MAX_VALUE);
    }
  }

  @Test
  void a_file_may_be_longer_than_expected() throws IOException {
    Trees.copyOfProc("recorded", proc);
    String status = Files.readString(file("status"));
    write("status", status.replace("Groups:\t ", "Groups:\t" + "1234567 ".repeat(20_000)));
    try (ProcessSampler sampler = open()) {
      assertThat(valueIn(valueIn(sampler.sample()).status()).involuntarySwitches()).isEqualTo(61);
    }
  }

  @Test
  void an_interrupt_closes_the_files_and_is_no_process_that_ended() throws IOException {
    try (ProcessSampler sampler = open("recorded")) {
      Thread.currentThread().interrupt();
      Reading<ProcessSample> reading = sampler.sample();
      assertThat(Thread.interrupted()).isTrue();

      assertThat(reading)
          .isInstanceOfSatisfying(
              Reading.Unreadable.class, not -> assertThat(not.reason()).contains("interrupted"));
      assertThat(sampler.sample()).isEqualTo(reading);
    }
  }

  @Test
  void a_closed_sampler_says_so() throws IOException {
    ProcessSampler sampler = open("recorded");
    sampler.close();

    assertThat(sampler.sample()).isEqualTo(new Reading.Unreadable<>(file("stat"), "closed"));
  }

  private static Reading<?> part(ProcessSample sample, String name) {
    return switch (name) {
      case "io" -> sample.io();
      case "status" -> sample.status();
      case "schedstat" -> sample.schedstat();
      case "statm" -> sample.statm();
      default -> throw new IllegalArgumentException(name);
    };
  }

  private static String ioOf(String... numbers) {
    return String.format(
        "rchar: %s\nwchar: %s\nsyscr: %s\nsyscw: %s\nread_bytes: %s\nwrite_bytes: %s\n"
            + "cancelled_write_bytes: %s\n",
        (Object[]) numbers);
  }

  private ProcessSampler open(String tree) throws IOException {
    Trees.copyOfProc(tree, proc);
    return open();
  }

  private ProcessSampler open() {
    return ProcessSampler.open(proc, UNITS, PROCESS);
  }

  private void write(String name, String text) throws IOException {
    Files.writeString(file(name), text);
  }

  private Path file(String name) {
    return proc.resolve(Integer.toString(PID)).resolve(name);
  }
}
