package org.pgtrace.proc;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Reads the accounts of the control groups that a process is in when this is opened: a container's,
 * or a service's. The files are kept open; for one thread. A process that is moved to another group
 * needs another reader.
 */
public final class CgroupReader implements AutoCloseable {
  private final Source<CgroupCpu> cpu;
  private final Source<CgroupThrottling> throttling;
  private final Source<CgroupIo> io;

  private CgroupReader(
      Source<CgroupCpu> cpu, Source<CgroupThrottling> throttling, Source<CgroupIo> io) {
    this.cpu = cpu;
    this.throttling = throttling;
    this.io = io;
  }

  /**
   * Finds the groups and opens their files.
   *
   * @param proc /proc, except in tests
   * @param sys /sys, except in tests
   * @param device whose reads and writes count; none: those of all devices
   */
  public static CgroupReader open(
      Path proc, Path sys, ProcessIdentity who, Optional<Device> device) {
    Opener opener = new Opener(proc, Cgroups.of(proc, sys, who), new ReadBuffer());
    return new CgroupReader(
        opener.open(
            new Account("cpuacct", "cpu.stat", "cpuacct.usage", "the cpu accounting"),
            new CgroupCpu(),
            CgroupCpu::parseUnified,
            CgroupCpu::parseV1),
        opener.open(
            new Account(
                "cpu",
                "cpu.stat",
                "cpu.stat",
                "the cpu controller switched on for this group, which the root group has not, and"
                    + " CONFIG_CFS_BANDWIDTH"),
            new CgroupThrottling(),
            CgroupThrottling::parseUnified,
            CgroupThrottling::parseV1),
        opener.open(
            new Account(
                "blkio",
                "io.stat",
                "blkio.throttle.io_service_bytes",
                "the io controller (version 1: blkio) switched on for this group, and"
                    + " CONFIG_BLK_CGROUP (version 1: CONFIG_BLK_DEV_THROTTLING)"),
            new CgroupIo(device),
            CgroupIo::parseUnified,
            CgroupIo::parseV1));
  }

  /**
   * An account that the kernel keeps for a group.
   *
   * @param controller its name in version 1
   * @param unified its file in version 2
   * @param v1 its file in version 1
   */
  private record Account(String controller, String unified, String v1, String missing) {}

  private record Opener(Path proc, Reading<Cgroups> groups, ReadBuffer buffer) {
    <T> Source<T> open(Account account, T value, Parser<T> unified, Parser<T> v1) {
      Reading<Cgroups.Folder> place = place(account.controller());
      if (place instanceof Reading.Value<Cgroups.Folder> found) {
        Cgroups.Folder folder = found.value();
        SystemFailure failure = new SystemFailure(account.missing());
        return folder.isUnified()
            ? KeptFile.open(
                folder.path().resolve(account.unified()), failure, buffer, value, unified)
            : KeptFile.open(folder.path().resolve(account.v1()), failure, buffer, value, v1);
      }
      Reading<T> verdict = Reading.without(place);
      return () -> verdict;
    }

    private Reading<Cgroups.Folder> place(String controller) {
      if (groups instanceof Reading.Value<Cgroups> known) {
        Optional<Cgroups.Folder> folder = known.value().folder(controller);
        return folder.isPresent()
            ? new Reading.Value<>(folder.get())
            : new Reading.NotThere<>(
                proc.resolve("self/mountinfo"),
                "a mounted control group of the process with the controller " + controller);
      }
      return Reading.without(groups);
    }
  }

  /** CPU used. The value is valid until the next call. */
  public Reading<CgroupCpu> readCpu() {
    return cpu.read();
  }

  /** Times held up by the CPU quota. The value is valid until the next call. */
  public Reading<CgroupThrottling> readThrottling() {
    return throttling.read();
  }

  /** Bytes read and written. The value is valid until the next call. */
  public Reading<CgroupIo> readIo() {
    return io.read();
  }

  @Override
  public void close() {
    cpu.close();
    throttling.close();
    io.close();
  }
}
