package org.pgtrace.proc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pgtrace.proc.Trees.valueIn;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SamplerAllocationTest {
  private static final int ROUNDS = 2_000;

  /** Room for what the JVM itself does meanwhile; one object a round would be 32,000 or more. */
  private static final long ALLOWED_BYTES = 16_000;

  @Test
  void a_sample_of_the_real_proc_makes_no_garbage() {
    Path proc = Path.of("/proc");
    ProcessTable table = ProcessTable.system();
    ProcessLookup self = table.find((int) ProcessHandle.current().pid());
    KernelUnits units = valueIn(KernelUnits.read(proc));
    try (ProcessSampler sampler =
        ProcessSampler.open(proc, units, ((ProcessLookup.Found) self).identity())) {
      valueIn(sampler.sample());
      assertNoGarbage(sampler::sample);
    }
  }

  @Test
  void the_machine_and_the_control_groups_make_no_garbage() {
    Path tree = Trees.named("recorded");
    Path proc = tree.resolve("proc");
    try (DiskReader disk = DiskReader.open(proc, new Device(254, 0), Path.of("/"));
        PressureReader pressure = PressureReader.open(proc, PressureReader.Resource.IO);
        CgroupReader groups =
            CgroupReader.open(proc, tree.resolve("sys"), Trees.PROCESS, Optional.empty())) {
      valueIn(disk.read());
      assertNoGarbage(disk::read);
      valueIn(pressure.read());
      assertNoGarbage(pressure::read);
      valueIn(groups.readCpu());
      assertNoGarbage(groups::readCpu);
      valueIn(groups.readThrottling());
      assertNoGarbage(groups::readThrottling);
      valueIn(groups.readIo());
      assertNoGarbage(groups::readIo);
    }
  }

  private static void assertNoGarbage(Runnable round) {
    repeat(round);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    repeat(round);
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(ALLOWED_BYTES);
  }

  private static void repeat(Runnable round) {
    for (int i = 0; i < ROUNDS; i++) {
      round.run();
    }
  }
}
