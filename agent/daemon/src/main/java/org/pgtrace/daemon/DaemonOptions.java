package org.pgtrace.daemon;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.pgtrace.format.TraceForm;

/**
 * What a daemon is to do.
 *
 * @param segment the only segment to drain, or all that are found
 * @param ringDirectories where segments are looked for
 * @param traceDirectory where trace files are written, absolute
 * @param form full or strict
 * @param maxFileSize bytes after which a session goes on in another file, or 0
 * @param procIntervalMs between two samples of a process that works, milliseconds; 0: none are
 *     taken
 * @param ebpf whether the kernel's own probes are to be asked
 * @param keep how long files of ended sessions are kept, or for ever
 * @param version of pg_trace, for the head of trace files
 */
public record DaemonOptions(
    Optional<Path> segment,
    List<Path> ringDirectories,
    Path traceDirectory,
    TraceForm form,
    long maxFileSize,
    long procIntervalMs,
    boolean ebpf,
    Optional<Duration> keep,
    String version) {

  /** Where segments are looked for unless told otherwise. */
  public static final Path RING_DIRECTORY = Path.of("/dev/shm");

  /** Smallest limit of a trace file, bytes. */
  public static final long MAX_FILE_SIZE_MIN = 64 * 1024;

  /** Between two samples unless told otherwise, milliseconds. */
  public static final long PROC_INTERVAL_MS = 100;

  /** Smallest and greatest time between two samples, milliseconds. */
  public static final long PROC_INTERVAL_MIN_MS = 10;

  public static final long PROC_INTERVAL_MAX_MS = 60_000;

  /** Copies the list. */
  public DaemonOptions {
    ringDirectories = List.copyOf(ringDirectories);
  }
}
