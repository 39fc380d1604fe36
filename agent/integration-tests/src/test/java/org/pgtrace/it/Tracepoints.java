package org.pgtrace.it;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;

/** The kernel's tracepoints, mounted for as long as this is open, and bpftrace to use them. */
final class Tracepoints implements AutoCloseable {
  static final Path PROGRAM = Path.of("/usr/bin/bpftrace");
  private static final Path MOUNT = Path.of("/sys/kernel/debug");

  private final boolean mounted;

  /** Skips the test where there are none, or we may not use them. */
  Tracepoints() {
    Assumptions.assumeTrue(
        Commands.isRoot() && Files.isExecutable(PROGRAM), "no bpftrace, or not root");
    mounted = !Files.isDirectory(MOUNT.resolve("tracing/events")) && mount();
    Assumptions.assumeTrue(
        Files.isDirectory(MOUNT.resolve("tracing/events/syscalls")), "no tracepoints here");
  }

  private static boolean mount() {
    return Commands.execute(
                List.of("mount", "-t", "debugfs", "none", MOUNT.toString()), Map.of(), Path.of("/"))
            .status()
        == 0;
  }

  @Override
  public void close() {
    if (mounted) {
      Commands.execute(List.of("umount", MOUNT.toString()), Map.of(), Path.of("/"));
    }
  }
}
