package org.pgtrace.daemon;

import java.nio.file.Path;
import java.util.Optional;
import org.pgtrace.format.OsRecord;
import org.pgtrace.proc.CgroupReader;
import org.pgtrace.proc.CgroupThrottling;
import org.pgtrace.proc.DiskCounters;
import org.pgtrace.proc.DiskReader;
import org.pgtrace.proc.Pressure;
import org.pgtrace.proc.PressureReader;
import org.pgtrace.proc.PressureReader.Resource;
import org.pgtrace.proc.ProcessIdentity;
import org.pgtrace.proc.Reading;

/**
 * What a process has in common with others and may have to wait for: the CPU quota of its control
 * group, the machine's processors, memory and devices, and the disk of its server's data.
 */
final class SharedResources implements AutoCloseable {
  private static final Path SYS = Path.of("/sys");
  private static final long US_PER_MS = 1000;

  private final CgroupReader group;
  private final DiskReader disk;
  private final MachinePressure machine;

  /** Readers of the machine's pressure, one for all processes. */
  record MachinePressure(PressureReader cpu, PressureReader io, PressureReader memory)
      implements AutoCloseable {
    static MachinePressure open(Path proc) {
      return new MachinePressure(
          PressureReader.open(proc, Resource.CPU),
          PressureReader.open(proc, Resource.IO),
          PressureReader.open(proc, Resource.MEMORY));
    }

    @Override
    public void close() {
      cpu.close();
      io.close();
      memory.close();
    }
  }

  SharedResources(Path proc, ProcessIdentity who, MachinePressure machine) {
    group = CgroupReader.open(proc, SYS, who, Optional.empty());
    disk = DiskReader.ofCurrentFolder(proc, who);
    this.machine = machine;
  }

  /** What the kernel has counted for them up to now; what it does not count is not known. */
  void read(ProcessFigures figures) {
    long throttledUs =
        group.readThrottling() instanceof Reading.Value<CgroupThrottling> throttling
            ? throttling.value().throttledUs()
            : OsRecord.UNKNOWN;
    long diskBusyUs =
        disk.read() instanceof Reading.Value<DiskCounters> counters
            ? counters.value().busyMs() * US_PER_MS
            : OsRecord.UNKNOWN;
    figures.setShared(
        throttledUs,
        stalledUs(machine.cpu()),
        stalledUs(machine.io()),
        stalledUs(machine.memory()),
        diskBusyUs);
  }

  private static long stalledUs(PressureReader reader) {
    return reader.read() instanceof Reading.Value<Pressure> pressure
        ? pressure.value().someUs()
        : OsRecord.UNKNOWN;
  }

  @Override
  public void close() {
    group.close();
    disk.close();
  }
}
