package org.pgtrace.proc;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.pgtrace.proc.Trees.valueIn;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgtrace.proc.PressureReader.Resource;

/** What is the machine's and no process's: units, pressure, disks, mounts. */
class MachineTest {
  private static final Path RECORDED = Trees.named("recorded").resolve("proc");
  private static final Device DISK = new Device(254, 0);
  private static final Path ROOT = Path.of("/");

  private final Path proc;

  MachineTest(@TempDir Path proc) {
    this.proc = proc;
  }

  @Test
  void units_are_those_of_the_auxiliary_vector() throws IOException {
    auxv(6, 16384, 17, 250, 0, 0);

    assertThat(KernelUnits.read(proc)).isEqualTo(new Reading.Value<>(new KernelUnits(250, 16384)));
    assertThat(new KernelUnits(250, 16384).ticksToMicros(251)).isEqualTo(1_004_000);
    assertThat(new KernelUnits(1024, 4096).ticksToMicros(1)).isEqualTo(976);
    assertThat(new KernelUnits(100, 4096).ticksToMicros(Long.MAX_VALUE)).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void units_of_this_machine_are_those_that_getconf_says() throws IOException {
    assertThat(valueIn(KernelUnits.read(Path.of("/proc"))))
        .isEqualTo(new KernelUnits(getconf("CLK_TCK"), getconf("PAGESIZE")));
  }

  @Test
  void a_vector_without_the_units_is_unreadable() throws IOException {
    auxv(6, 4096, 3, 17);
    assertThat(KernelUnits.read(proc)).isInstanceOf(Reading.Unreadable.class);
    Files.write(proc.resolve("self/auxv"), new byte[] {6, 0, 0});
    assertThat(KernelUnits.read(proc)).isInstanceOf(Reading.Unreadable.class);
    Files.delete(proc.resolve("self/auxv"));
    assertThat(KernelUnits.read(proc)).isInstanceOf(Reading.NotThere.class);
  }

  @Test
  void reads_how_long_the_machine_was_short_of_something() {
    try (PressureReader cpu = PressureReader.open(RECORDED, Resource.CPU);
        PressureReader io = PressureReader.open(RECORDED, Resource.IO);
        PressureReader memory = PressureReader.open(RECORDED, Resource.MEMORY)) {
      assertThat(valueIn(cpu.read()).someUs()).isEqualTo(11266691843L);
      assertThat(valueIn(cpu.read()).fullUs()).isZero();
      assertThat(valueIn(io.read()).someUs()).isEqualTo(1353360115);
      assertThat(valueIn(io.read()).fullUs()).isEqualTo(965637158);
      assertThat(valueIn(memory.read()).someUs()).isZero();
    }
  }

  @Test
  void an_older_kernel_has_no_full_pressure_of_the_cpu() throws IOException {
    pressure("some avg10=0.00 avg60=0.04 avg300=2.01 total=18446744073709551615\n");
    try (PressureReader reader = PressureReader.open(proc, Resource.CPU)) {
      assertThat(valueIn(reader.read()).someUs()).isEqualTo(Long.MAX_VALUE);
      assertThat(valueIn(reader.read()).fullUs()).isZero();
    }
  }

  @Test
  void a_kernel_without_pressure_accounting_says_what_it_lacks() throws IOException {
    try (PressureReader reader = PressureReader.open(proc, Resource.CPU)) {
      assertThat(reader.read())
          .isInstanceOfSatisfying(
              Reading.NotThere.class, not -> assertThat(not.missing()).contains("psi=1"));
    }
    Files.createDirectories(proc.resolve("pressure/cpu")); // can be opened, not read
    try (PressureReader reader = PressureReader.open(proc, Resource.CPU)) {
      assertThat(reader.read()).isInstanceOf(Reading.NotThere.class);
    }
  }

  @Test
  void a_pressure_file_that_is_cut_off_is_unreadable() throws IOException {
    String whole = Files.readString(RECORDED.resolve("pressure/io"));
    int firstLine = whole.indexOf('\n') + 1;
    pressure("");
    try (PressureReader reader = PressureReader.open(proc, Resource.CPU)) {
      for (int length = 0; length < whole.length(); length++) {
        pressure(whole.substring(0, length));
        assertThat(reader.read())
            .as("%s bytes", length)
            .isInstanceOf(length == firstLine ? Reading.Value.class : Reading.Unreadable.class);
      }
    }
  }

  @Test
  void reads_the_disk_of_a_device() {
    try (DiskReader reader = DiskReader.open(RECORDED, DISK, ROOT)) {
      DiskCounters disk = valueIn(reader.read());

      assertThat(disk.device()).isEqualTo(DISK);
      assertThat(disk.reads()).isEqualTo(2882990);
      assertThat(disk.readBytes()).isEqualTo(90195946L * 512);
      assertThat(disk.readMs()).isEqualTo(57952975);
      assertThat(disk.writes()).isEqualTo(4479985);
      assertThat(disk.writtenBytes()).isEqualTo(654605840L * 512);
      assertThat(disk.writeMs()).isEqualTo(10553941);
      assertThat(disk.inFlight()).isZero();
      assertThat(disk.busyMs()).isEqualTo(2292668);
    }
  }

  @Test
  void a_folder_that_is_on_no_disk_of_its_own_says_on_what_it_is() {
    Path unified = Trees.named("unified").resolve("proc");
    Path folder = Path.of("/srv/My Data/base");
    assertThat(MountTable.read(unified).holding(folder).orElseThrow().type()).isEqualTo("btrfs");
    try (DiskReader reader = DiskReader.open(RECORDED, new Device(0, 50), folder)) {
      assertThat(reader.read())
          .isInstanceOfSatisfying(
              Reading.NotThere.class,
              not -> assertThat(not.missing()).contains("0:50", "ext4 of /dev/vda"));
    }
  }

  @Test
  void damaged_disk_statistics_are_unreadable() throws IOException {
    String line = " 254 0 vda 1 2 3 4 5 6 7 8 9 10 11 12\n";
    Path file = proc.resolve("diskstats");
    Files.writeString(file, line);
    try (DiskReader reader = DiskReader.open(proc, DISK, ROOT)) {
      assertThat(valueIn(reader.read()).busyMs()).isEqualTo(10);
      for (int length = 1; length < line.length(); length++) {
        Files.writeString(file, line.substring(0, length));
        assertThat(reader.read()).as("%s bytes", length).isInstanceOf(Reading.Unreadable.class);
      }
      Files.writeString(file, "x\n" + line);
      assertThat(reader.read()).isInstanceOf(Reading.Unreadable.class);
      Files.writeString(file, " 8 0 sda 1\n".repeat(100_000) + line);
      assertThat(reader.read()).as("more than is read").isInstanceOf(Reading.Unreadable.class);
      Files.writeString(file, " 8 0 sda 1\n".repeat(10_000) + line);
      assertThat(valueIn(reader.read()).reads()).isEqualTo(1);
    }
  }

  @Test
  void the_disk_of_a_real_folder_is_found_or_it_is_said_why() throws IOException {
    try (DiskReader reader = DiskReader.open(Path.of("/proc"), proc)) {
      boolean isDisk = Files.exists(Path.of("/sys/dev/block/" + Device.of(proc)));
      assertThat(reader.read()).isInstanceOf(isDisk ? Reading.Value.class : Reading.NotThere.class);
    }
    try (DiskReader reader = DiskReader.open(Path.of("/proc"), proc.resolve("none"))) {
      assertThat(reader.read()).isInstanceOf(Reading.NotThere.class);
    }
  }

  @Test
  void a_device_number_is_put_together_as_the_c_library_does() {
    assertThat(Device.ofNumber(0xfe00)).isEqualTo(DISK);
    assertThat(Device.ofNumber(0x0000_1000_0ff0_0812L)).isEqualTo(new Device(0x1008, 0xff12));
    assertThat(new Device(259, 3)).hasToString("259:3");
  }

  @Test
  void lines_of_the_mount_table_that_are_cut_off_do_not_count() throws IOException {
    byte[] whole = Files.readAllBytes(RECORDED.resolve("self/mountinfo"));
    Files.createDirectories(proc.resolve("self"));
    for (int length = 0; length < whole.length; length += 7) {
      Files.write(proc.resolve("self/mountinfo"), Arrays.copyOf(whole, length));
      assertThat(MountTable.read(proc).mounts()).hasSizeLessThanOrEqualTo(19);
    }
    Files.writeString(
        proc.resolve("self/mountinfo"), "1 2 3:4 /\\000 /\\04 rw - ext4 /dev/x\\ rw\n- - - -\n");
    assertThat(MountTable.read(proc).holding(ROOT)).isEmpty();
  }

  private void pressure(String text) throws IOException {
    Files.createDirectories(proc.resolve("pressure"));
    Files.writeString(proc.resolve("pressure/cpu"), text);
  }

  private void auxv(long... words) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(words.length * Long.BYTES);
    bytes.order(ByteOrder.nativeOrder()).asLongBuffer().put(words);
    Files.createDirectories(proc.resolve("self"));
    Files.write(proc.resolve("self/auxv"), bytes.array());
  }

  private static long getconf(String name) throws IOException {
    Process getconf = new ProcessBuilder("getconf", name).start();
    return Long.parseLong(new String(getconf.getInputStream().readAllBytes(), US_ASCII).strip());
  }
}
