package org.pgtrace.proc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pgtrace.proc.Trees.PROCESS;
import static org.pgtrace.proc.Trees.valueIn;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CgroupReaderTest {
  private static final Device NVME = new Device(259, 0);

  @Test
  void reads_a_service_of_version_2() {
    try (CgroupReader reader = open("unified", Optional.empty())) {
      assertThat(valueIn(reader.readCpu()).usageUs()).isEqualTo(8123456);
      CgroupThrottling throttling = valueIn(reader.readThrottling());
      assertThat(throttling.periods()).isEqualTo(1200);
      assertThat(throttling.throttledPeriods()).isEqualTo(37);
      assertThat(throttling.throttledUs()).isEqualTo(1850000);
      CgroupIo io = valueIn(reader.readIo());
      assertThat(io.readBytes()).isEqualTo(1048576 + 1000);
      assertThat(io.writtenBytes()).isEqualTo(4194304 + 200);
      assertThat(valueIn(reader.readIo())).as("read again").isSameAs(io);
      assertThat(io.readBytes()).isEqualTo(1048576 + 1000);
      assertThat(io.writtenBytes()).isEqualTo(4194304 + 200);
    }
  }

  @Test
  void reads_and_writes_may_be_those_of_one_device() {
    try (CgroupReader reader = open("unified", Optional.of(NVME))) {
      assertThat(valueIn(reader.readIo()).readBytes()).isEqualTo(1048576);
      assertThat(valueIn(reader.readIo()).writtenBytes()).isEqualTo(4194304);
    }
    try (CgroupReader reader = open("container", Optional.of(new Device(253, 1)))) {
      assertThat(valueIn(reader.readIo()).readBytes()).isEqualTo(100);
      assertThat(valueIn(reader.readIo()).writtenBytes()).isEqualTo(50);
    }
  }

  @Test
  void reads_a_container_of_version_1_from_inside() {
    try (CgroupReader reader = open("container", Optional.empty())) {
      assertThat(valueIn(reader.readCpu()).usageUs()).isEqualTo(7123456);
      CgroupThrottling throttling = valueIn(reader.readThrottling());
      assertThat(throttling.periods()).isEqualTo(10);
      assertThat(throttling.throttledPeriods()).isEqualTo(3);
      assertThat(throttling.throttledUs()).isEqualTo(250_000);
      assertThat(valueIn(reader.readIo()).readBytes()).isEqualTo(4196);
      assertThat(valueIn(reader.readIo()).writtenBytes()).isEqualTo(8242);
    }
  }

  @Test
  void where_both_versions_are_mounted_each_controller_is_read_where_it_is() {
    try (CgroupReader reader = open("recorded", Optional.empty())) {
      assertThat(valueIn(reader.readCpu()).usageUs()).as("cpuacct").isEqualTo(45_553_310_937L);
      assertThat(valueIn(reader.readThrottling()).periods()).isZero();
      assertThat(valueIn(reader.readIo()).readBytes()).isZero();
    }
  }

  @Test
  void the_root_group_has_no_quota(@TempDir Path proc) throws IOException {
    Trees.copyOfProc("unified", proc);
    Files.writeString(cgroup(proc), "0::/\n");
    try (CgroupReader reader = open(proc, "unified")) {
      assertThat(valueIn(reader.readCpu()).usageUs()).isEqualTo(91234567);
      assertThat(reader.readThrottling())
          .isInstanceOfSatisfying(
              Reading.NotThere.class, not -> assertThat(not.missing()).contains("root group"));
      assertThat(reader.readIo())
          .isInstanceOfSatisfying(
              Reading.NotThere.class, not -> assertThat(not.missing()).contains("io controller"));
    }
  }

  @Test
  void a_group_outside_of_what_is_mounted_is_not_there(@TempDir Path proc) throws IOException {
    Trees.copyOfProc("container", proc);
    for (String path : new String[] {"/docker/77aa", "/../77aa", "/docker/2b1f/../77aa", ""}) {
      Files.writeString(cgroup(proc), "12:cpu,cpuacct:" + path + "\n0::/\n");
      try (CgroupReader reader = open(proc, "container")) {
        assertThat(reader.readCpu())
            .as(path)
            .isInstanceOfSatisfying(
                Reading.NotThere.class, not -> assertThat(not.missing()).contains("cpuacct"));
        assertThat(reader.readIo()).isInstanceOf(Reading.NotThere.class);
      }
    }
  }

  @Test
  void a_group_above_our_cgroup_namespace_is_not_the_root_group(@TempDir Path proc)
      throws IOException {
    Trees.copyOfProc("unified", proc);
    Files.writeString(cgroup(proc), "0::/..\n");
    try (CgroupReader reader = open(proc, "unified")) {
      assertThat(reader.readCpu()).isInstanceOf(Reading.NotThere.class);
    }
  }

  @Test
  void a_kernel_without_control_groups_and_a_process_that_ended_are_told_apart(@TempDir Path proc)
      throws IOException {
    Trees.copyOfProc("plain", proc);
    try (CgroupReader reader = open(proc, "unified")) {
      assertThat(reader.readCpu())
          .isEqualTo(new Reading.NotThere<>(cgroup(proc), "CONFIG_CGROUPS"));
    }
    Files.delete(proc.resolve("self/mountinfo"));
    Files.delete(proc.resolve(Trees.PID + "/stat"));
    try (CgroupReader reader = open(proc, "unified")) {
      assertThat(reader.readIo()).isEqualTo(new Reading.Gone<>(Trees.PID));
    }
  }

  @Test
  void a_damaged_list_of_groups_is_no_exception(@TempDir Path proc) throws IOException {
    Trees.copyOfProc("unified", proc);
    for (String text : new String[] {"", "0::/system.slice/post", "x", ":::\0\n", "\n:\n", "0::"}) {
      Files.writeString(cgroup(proc), text);
      try (CgroupReader reader = open(proc, "unified")) {
        assertThat(reader.readCpu()).as(text).isNotInstanceOf(Reading.Value.class);
      }
    }
  }

  @Test
  void damaged_files_of_a_group_are_unreadable(@TempDir Path folder) throws IOException {
    Path proc = Trees.copyOfProc("unified", Files.createDirectory(folder.resolve("proc")));
    Path group = folder.resolve("sys/fs/cgroup/system.slice/postgresql.service");
    Files.createDirectories(group);
    Files.writeString(group.resolve("cpu.stat"), "usage_usec 12\nnr_periods 1\nnr_thrott");
    Files.writeString(group.resolve("io.stat"), "259:0 rbytes=x wbytes=2\n");
    try (CgroupReader reader =
        CgroupReader.open(proc, folder.resolve("sys"), PROCESS, Optional.empty())) {
      assertThat(reader.readCpu()).isInstanceOf(Reading.Unreadable.class);
      assertThat(reader.readThrottling()).isInstanceOf(Reading.Unreadable.class);
      assertThat(reader.readIo()).isInstanceOf(Reading.Unreadable.class);
      Files.writeString(group.resolve("io.stat"), "");
      assertThat(valueIn(reader.readIo()).readBytes()).as("nothing done yet").isZero();
    }
  }

  @Test
  void the_real_groups_of_this_process_are_found_or_it_is_said_why() {
    ProcessLookup self = ProcessTable.system().find((int) ProcessHandle.current().pid());
    ProcessIdentity who = ((ProcessLookup.Found) self).identity();
    try (CgroupReader reader =
        CgroupReader.open(Path.of("/proc"), Path.of("/sys"), who, Optional.empty())) {
      for (Reading<?> reading :
          new Reading<?>[] {reader.readCpu(), reader.readThrottling(), reader.readIo()}) {
        assertThat(reading).isInstanceOfAny(Reading.Value.class, Reading.NotThere.class);
      }
    }
  }

  private static Path cgroup(Path proc) {
    return proc.resolve(Integer.toString(Trees.PID)).resolve("cgroup");
  }

  private static CgroupReader open(String tree, Optional<Device> device) {
    Path root = Trees.named(tree);
    return CgroupReader.open(root.resolve("proc"), root.resolve("sys"), PROCESS, device);
  }

  private static CgroupReader open(Path proc, String sysOf) {
    return CgroupReader.open(proc, Trees.named(sysOf).resolve("sys"), PROCESS, Optional.empty());
  }
}
