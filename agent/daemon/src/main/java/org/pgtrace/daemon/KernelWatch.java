package org.pgtrace.daemon;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.pgtrace.ebpf.EbpfProbe;
import org.pgtrace.ebpf.EbpfSupport;
import org.pgtrace.ebpf.EbpfUnavailableException;
import org.pgtrace.ebpf.IoEvent;
import org.pgtrace.ebpf.KernelEventHandler;
import org.pgtrace.ebpf.LossCause;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The kernel's probes of one daemon: gives each session what was seen of its process. */
final class KernelWatch implements KernelEventHandler, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KernelWatch.class);

  private final EbpfProbe probe;
  private final String source;
  private final Map<Integer, KernelSession> sessions = new HashMap<>();
  private final Map<LossCause, Long> lost = new EnumMap<>(LossCause.class);

  private KernelWatch(EbpfProbe probe, String source) {
    this.probe = probe;
    this.source = source;
  }

  /** Starts bpftrace where that is possible; where it is not, says why and what helps. */
  static Optional<KernelWatch> start() {
    try {
      EbpfSupport support = EbpfSupport.check();
      support.reductions().forEach(line -> LOG.warn("--ebpf: {}", line));
      LOG.info("--ebpf: {} starts", support);
      return Optional.of(new KernelWatch(EbpfProbe.start(support), support.toString()));
    } catch (EbpfUnavailableException e) {
      LOG.warn("{}", e.getMessage());
      return Optional.empty();
    }
  }

  /**
   * Begins to watch a process.
   *
   * @param pid as this machine numbers it
   * @param blockSize of its server, bytes
   */
  KernelSession follow(int pid, int blockSize) {
    KernelSession session = new KernelSession(probe, source, pid, blockSize);
    sessions.put(pid, session);
    probe.trace(pid);
    return session;
  }

  /** Ends to watch it. */
  void leave(KernelSession session) {
    if (sessions.remove(session.pid(), session)) {
      probe.leave(session.pid());
    }
  }

  /** Takes in what has been seen. */
  void poll() {
    probe.poll(this);
  }

  @Override
  public void close() {
    probe.close();
    lost.forEach((cause, lines) -> LOG.warn("--ebpf: {} lines were lost: {}", lines, cause));
  }

  @Override
  public void began(int pid, long ns) {
    KernelSession session = sessions.get(pid);
    if (session != null) {
      session.began(ns);
    }
  }

  @Override
  public void io(IoEvent event) {
    KernelSession session = sessions.get(event.pid());
    if (session != null) {
      session.call(event);
    }
  }

  @Override
  public void offCpu(int pid, long beginNs, long endNs, long runQueueNs, Sleep sleep) {
    KernelSession session = sessions.get(pid);
    if (session != null) {
      session.offCpu(beginNs, endNs, runQueueNs, sleep == Sleep.NONE);
    }
  }

  /** The calls for which they were made have their figures. */
  @Override
  public void blockRequest(
      int pid,
      long device,
      long sector,
      long bytes,
      boolean write,
      long beginNs,
      long endNs,
      long callBeginNs) {}

  @Override
  public void upTo(int pid, long ns) {
    KernelSession session = sessions.get(pid);
    if (session != null) {
      session.upTo(ns);
    }
  }

  @Override
  public void exited(int pid, long ns) {
    KernelSession session = sessions.get(pid);
    if (session != null) {
      session.over();
    }
  }

  @Override
  public void lost(int pid, long events, long fromNs, long toNs) {
    KernelSession session = sessions.get(pid);
    if (session != null) {
      session.lost(events, fromNs, toNs);
    }
  }

  @Override
  public void lostBy(LossCause cause, long lines, long atNs) {
    Long before = lost.put(cause, lines + lost.getOrDefault(cause, 0L));
    if (before == null) {
      LOG.warn("--ebpf: lines are lost: {}", cause);
    }
  }

  @Override
  public void gap(long fromNs, long toNs) {
    sessions.values().forEach(session -> session.gap(fromNs, toNs));
  }
}
