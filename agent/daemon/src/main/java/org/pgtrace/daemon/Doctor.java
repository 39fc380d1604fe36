package org.pgtrace.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.pgtrace.ring.Layout;
import org.pgtrace.ring.MonotonicClock;
import org.pgtrace.ring.SegmentReader;

/** Checks what a session needs to be traced, and says what to do where something is missing. */
public final class Doctor {
  private static final long MIB = 1 << 20;
  private static final long NS_PER_MS = 1_000_000;

  private final Optional<Path> segment;
  private final List<Path> ringDirectories;
  private final Optional<Path> traceDirectory;
  private final List<String> findings = new ArrayList<>();
  private boolean healthy = true;

  public Doctor(Optional<Path> segment, List<Path> ringDirectories, Optional<Path> traceDirectory) {
    this.segment = segment;
    this.ringDirectories = List.copyOf(ringDirectories);
    this.traceDirectory = traceDirectory.map(Path::toAbsolutePath);
  }

  /** Makes all checks; returns a line for each. */
  public List<String> examine() {
    findings.clear();
    healthy = true;
    ringDirectories.forEach(this::ringDirectory);
    List<Path> segments = new SegmentFinder(segment, ringDirectories).find();
    if (segments.isEmpty()) {
      problem(
          "no segment: " + segment.map(Path::toString).orElse("no file pg_trace.* was found"),
          "start a server with shared_preload_libraries = 'pg_trace', and name its"
              + " pg_trace.ring_directory with --ring-directory where it is not /dev/shm");
    }
    segments.forEach(this::segment);
    if (segments.isEmpty()) {
      traceFolder(traceDirectory.orElseGet(TraceDirectory::ofDefault));
    }
    return List.copyOf(findings);
  }

  /** Whether the last examination found no problem. */
  public boolean isHealthy() {
    return healthy;
  }

  private void ringDirectory(Path folder) {
    if (!Files.isDirectory(folder)) {
      problem(folder + ": is no folder", "name the server's pg_trace.ring_directory");
      return;
    }
    // Of the folder itself: a container or chroot may not list the mount that it lies on.
    long free = folder.toFile().getUsableSpace();
    if (free < Layout.RING_SIZE_MIN) {
      problem(
          folder + ": " + free + " bytes free, too little for a ring",
          "make it larger (a container: --shm-size), or move pg_trace.ring_directory");
    } else {
      good(folder + ": " + free / MIB + " MB free");
    }
  }

  private void segment(Path path) {
    try (SegmentReader reader = SegmentReader.open(path, SegmentReader.Access.READ)) {
      good(
          path
              + ": layout "
              + reader.layoutVersion()
              + ", cluster "
              + reader.cluster()
              + ", PostgreSQL "
              + reader.serverVersion()
              + ", port "
              + reader.port());
      server(reader);
      daemon(reader);
    } catch (IOException e) {
      problem(
          String.valueOf(e.getMessage()),
          Files.isReadable(path)
              ? "use the pgtrace that belongs to the server's extension, or restart the server"
              : "run as the server's user");
    }
  }

  private void server(SegmentReader reader) {
    if (!reader.isServerAlive()) {
      problem(
          reader.path() + ": its server (pid " + reader.serverPid() + ") is over",
          "start a daemon: it writes what is left, then removes the file");
    } else {
      good(reader.path() + ": server runs, pid " + reader.serverPid());
    }
  }

  private void daemon(SegmentReader reader) {
    int pid = reader.daemonPid();
    long age = MonotonicClock.nowNs() - reader.daemonHeartbeatNs();
    if (!reader.isDrained()) {
      problem(
          reader.path() + ": no daemon is attached",
          "start one as the server's user: pgtrace daemon");
      traceFolder(traceDirectory.orElseGet(TraceDirectory::ofDefault));
      return;
    }
    if (age > Layout.HEARTBEAT_TIMEOUT_NS) {
      problem(
          reader.path()
              + ": daemon "
              + pid
              + " has given no sign of life for "
              + age / NS_PER_MS
              + " ms",
          "look at its log, and start it again");
    } else {
      good(reader.path() + ": daemon attached, pid " + pid);
    }
    traceFolder(Path.of(reader.traceDirectory()));
  }

  private void traceFolder(Path folder) {
    if (!folder.isAbsolute()) {
      problem("the daemon names no trace folder", "start the daemon again");
      return;
    }
    Path existing = folder;
    while (!Files.exists(existing) && existing.getParent() != null) {
      existing = existing.getParent();
    }
    if (Files.isDirectory(existing) && Files.isWritable(existing)) {
      good(folder + ": trace files can be written");
    } else {
      problem(
          folder + ": trace files cannot be written by this user",
          "give the daemon's user this folder, or start it with another --trace-dir");
    }
  }

  private void good(String what) {
    findings.add("ok       " + what);
  }

  private void problem(String what, String remedy) {
    healthy = false;
    findings.add("PROBLEM  " + what);
    findings.add("         -> " + remedy);
  }
}
