package org.pgtrace.daemon;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.pgtrace.proc.KernelInfo;
import org.pgtrace.proc.ProcessLookup;
import org.pgtrace.proc.ProcessTable;
import org.pgtrace.ring.Layout;
import org.pgtrace.ring.MonotonicClock;
import org.pgtrace.ring.Positions;
import org.pgtrace.ring.SegmentException;
import org.pgtrace.ring.SegmentReader;
import org.pgtrace.ring.SessionRings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drains all segments that it finds until it is stopped. One thread runs it; {@link #stop} may be
 * called from any.
 */
public final class Daemon {
  private static final Logger LOG = LoggerFactory.getLogger(Daemon.class);
  private static final long SCAN_NS = 250_000_000L;
  private static final long FINISHED_CHECK_NS = 1_000_000_000L;
  private static final long HEARTBEAT_NS = 100_000_000L;
  private static final long RETENTION_NS = 60_000_000_000L;

  /** A stop waits so long for a record that can be written. */
  private static final long STOP_STALL_NS = 5_000_000_000L;

  /** As long as some are written, it may take so long. */
  private static final long STOP_LIMIT_NS = 30_000_000_000L;

  private static final long SLEEP_MIN_NS = 1_000_000L;
  private static final long SLEEP_MAX_NS = 50_000_000L;

  private final DaemonOptions options;
  private final ProcessTable processes = ProcessTable.system();
  private final KernelInfo kernel = KernelInfo.read(Path.of("/proc"));
  private final SegmentFinder finder;
  private final TraceFileStore files;
  private final Optional<KernelWatch> kernelWatch;
  private final SessionDrain.Context context;
  private final Optional<Retention> retention;
  private final Map<Path, SegmentDrain> segments = new HashMap<>();

  /** Segments that are done but could not be removed, and what was said of others. */
  private final Set<Path> finished = new HashSet<>();

  private final Map<Path, String> refusals = new HashMap<>();
  private volatile boolean stopping;
  private volatile Optional<Thread> thread = Optional.empty();
  private long scannedNs;
  private long finishedCheckedNs;
  private long beatNs;
  private long retentionNs;

  public Daemon(DaemonOptions options) {
    this.options = options;
    this.finder = new SegmentFinder(options.segment(), options.ringDirectories());
    this.files = new TraceFileStore(options.traceDirectory());
    this.kernelWatch = options.ebpf() ? KernelWatch.start() : Optional.empty();
    this.context = new SessionDrain.Context(files, options, new Sampling(options), kernelWatch);
    this.retention = options.keep().map(keep -> new Retention(files, keep));
  }

  /** Runs until {@link #stop}; then writes what is left and lets all segments go. */
  public void run() {
    thread = Optional.of(Thread.currentThread());
    long now = MonotonicClock.nowNs();
    scannedNs = now - SCAN_NS;
    finishedCheckedNs = now;
    beatNs = now - HEARTBEAT_NS;
    retentionNs = now - RETENTION_NS;
    createTraceFolder();
    LOG.info("writes to {}", options.traceDirectory());
    long sleep = SLEEP_MIN_NS;
    while (!stopping) {
      periodicWork();
      if (drainAll() > 0) {
        sleep = SLEEP_MIN_NS;
      } else {
        LockSupport.parkNanos(untilDue(sleep));
        sleep = Math.min(sleep + sleep / 2, SLEEP_MAX_NS);
      }
    }
    drainRest();
    for (SegmentDrain segment : segments.values()) {
      segment.close();
    }
    segments.clear();
    kernelWatch.ifPresent(KernelWatch::close);
    context.sampling().close();
    LOG.info("stopped");
  }

  /** Asks {@link #run} to end. */
  public void stop() {
    stopping = true;
    thread.ifPresent(LockSupport::unpark);
  }

  private void createTraceFolder() {
    try {
      TraceFile.createFolder(options.traceDirectory());
    } catch (IOException e) {
      LOG.error("{}: cannot be made: {}", options.traceDirectory(), e.toString());
    }
  }

  private int drainAll() {
    int records = 0;
    kernelWatch.ifPresent(KernelWatch::poll);
    for (SegmentDrain segment : segments.values()) {
      records += segment.drain(this::beat);
    }
    beat();
    return records;
  }

  /** What was in the rings when the stop was asked for, within a limit. */
  private void drainRest() {
    Map<SegmentDrain, Positions[]> heads = new HashMap<>();
    for (SegmentDrain segment : segments.values()) {
      heads.put(segment, segment.heads());
    }
    long begin = MonotonicClock.nowNs();
    long progress = begin;
    boolean written = false;
    while (!written
        && MonotonicClock.nowNs() - progress < STOP_STALL_NS
        && MonotonicClock.nowNs() - begin < STOP_LIMIT_NS) {
      int records = drainAll();
      if (records > 0) {
        progress = MonotonicClock.nowNs();
      }
      written = heads.entrySet().stream().allMatch(e -> e.getKey().isWritten(e.getValue()));
      if (!written && records == 0) {
        LockSupport.parkNanos(untilDue(SLEEP_MIN_NS));
      }
    }
    if (!written) {
      LOG.warn("not everything could be written: the rest stays in the rings");
    }
  }

  /** As long as that, or until records are due that were left in their rings. */
  private long untilDue(long sleepNs) {
    long due = SessionRings.NOT_DUE;
    for (SegmentDrain segment : segments.values()) {
      due = Math.min(due, segment.dueNs());
    }
    return due == SessionRings.NOT_DUE
        ? sleepNs
        : Math.max(SLEEP_MIN_NS, Math.min(sleepNs, due - MonotonicClock.nowNs()));
  }

  private void beat() {
    long now = MonotonicClock.nowNs();
    if (now - beatNs >= HEARTBEAT_NS) {
      beatNs = now;
      for (SegmentDrain segment : segments.values()) {
        segment.heartbeat(now);
      }
    }
  }

  private void periodicWork() {
    long now = MonotonicClock.nowNs();
    if (now - scannedNs >= SCAN_NS) {
      scannedNs = now;
      attachNew();
    }
    if (now - finishedCheckedNs >= FINISHED_CHECK_NS) {
      finishedCheckedNs = now;
      removeFinished();
    }
    if (retention.isPresent() && now - retentionNs >= RETENTION_NS) {
      retentionNs = now;
      retention.get().removeOld(Instant.now());
    }
  }

  private void removeFinished() {
    for (Iterator<SegmentDrain> all = segments.values().iterator(); all.hasNext(); ) {
      SegmentDrain segment = all.next();
      if (segment.isFinished()) {
        if (!segment.unlink()) {
          finished.add(segment.path());
        }
        segment.close();
        all.remove();
      }
    }
  }

  private void attachNew() {
    List<Path> found = finder.find();
    finished.retainAll(found);
    refusals.keySet().retainAll(found);
    for (Path path : new ArrayList<>(found)) {
      if (!segments.containsKey(path) && !finished.contains(path)) {
        try {
          attach(path);
        } catch (IOException e) {
          boolean silent =
              e instanceof SegmentException s && s.problem() == SegmentException.Problem.NOT_READY;
          if (!silent) {
            refuse(path, String.valueOf(e.getMessage()));
          }
        }
      }
    }
  }

  private void attach(Path path) throws IOException {
    SegmentReader segment = SegmentReader.open(path, SegmentReader.Access.DRAIN);
    boolean attached = false;
    try {
      if (!segment.tryLock()) {
        refuse(
            path,
            path
                + ": is drained by another daemon (pid "
                + segment.daemonPid()
                + "), waits for it");
        return;
      }
      int pid = (int) ProcessHandle.current().pid();
      long ticks =
          processes.find(pid) instanceof ProcessLookup.Found self
              ? self.identity().startTicks()
              : 0;
      segment.askFor(kernelWatch.isPresent() ? Layout.WANTS_RUNS : 0);
      segment.attach(pid, ticks, options.traceDirectory().toString(), MonotonicClock.nowNs());
      segments.put(path, new SegmentDrain(segment, context, processes, kernel));
      refusals.remove(path);
      attached = true;
      LOG.info(
          "{}: attached, server {} pid {} version {}",
          path,
          segment.cluster(),
          segment.serverPid(),
          segment.serverVersion());
    } finally {
      if (!attached) {
        segment.close();
      }
    }
  }

  /** Said once for each reason. */
  private void refuse(Path path, String reason) {
    if (!reason.equals(refusals.put(path, reason))) {
      LOG.warn("{}", reason);
    }
  }
}
