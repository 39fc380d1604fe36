package org.pgtrace.daemon;

import java.nio.file.Path;

/**
 * A process of a server with pg_trace.
 *
 * @param segment the server's
 * @param pid as the server knows it
 * @param startTicks field 22 of its stat file, which is the same everywhere
 * @param hostPid what it is called here; 0 where it cannot be seen
 */
public record ServerProcess(Path segment, int pid, long startTicks, int hostPid) {
  /** For messages. */
  String name() {
    return hostPid == 0 || hostPid == pid
        ? "process " + pid
        : "process " + hostPid + " (" + pid + " in its container)";
  }
}
