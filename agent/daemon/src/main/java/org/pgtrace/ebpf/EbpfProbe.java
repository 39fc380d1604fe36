package org.pgtrace.ebpf;

import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pgtrace.ring.MonotonicClock;
import org.pgtrace.ring.SystemCalls;

/**
 * Asks the kernel what traced processes do. One thread calls it all; nothing here blocks for long.
 *
 * <p>Which processes are traced is told to the running program by calls of getpriority, which it
 * watches.
 */
public final class EbpfProbe implements AutoCloseable {
  private static final int QUEUE_LINES = 64 * 1024;
  private static final int LINES_AT_ONCE = 8192;
  private static final long CHECK_NS = 50_000_000L;

  private final Path proc;
  private final LineQueue queue;
  private final ProbeChild child;
  private final IoEvent event = new IoEvent();
  private final long[] line = new long[ProbeLines.WIDTH];
  private final Map<Integer, FollowedProcess> processes = new LinkedHashMap<>();
  private boolean isReady;
  private boolean anyToTell;

  /** When bpftrace was last heard before it ended; empty where it runs, or never did. */
  private Optional<Long> gapFromNs = Optional.empty();

  private long checkedNs;
  private long kernelLost;
  private long queueRefused;
  private long damaged;

  private EbpfProbe(EbpfSupport support, int queueLines) {
    this.proc = Path.of("/proc");
    this.queue = new LineQueue(queueLines);
    this.child = new ProbeChild(support, support.program(ProcessHandle.current().pid()), queue);
  }

  /** Starts bpftrace; it is ready some seconds later. */
  public static EbpfProbe start(EbpfSupport support) {
    return start(support, QUEUE_LINES);
  }

  static EbpfProbe start(EbpfSupport support, int queueLines) {
    EbpfProbe probe = new EbpfProbe(support, queueLines);
    probe.child.start();
    return probe;
  }

  /** Whether the probes listen, as far as {@link #poll} has seen. */
  public boolean isReady() {
    return isReady;
  }

  /** bpftrace's process here, or 0. */
  public long childPid() {
    return child.pid();
  }

  /**
   * Traces a process: {@link KernelEventHandler#began} says from when on.
   *
   * @param pid as this machine numbers it
   */
  public void trace(int pid) {
    if (!processes.containsKey(pid)) {
      FollowedProcess process = new FollowedProcess(proc, pid, event);
      processes.put(pid, process);
      if (isReady) {
        announce(process);
      }
    }
  }

  /** Traces it no more. What it has done before is not told either. */
  public void leave(int pid) {
    if (processes.remove(pid) != null && isReady) {
      order(KernelProgram.ORDER_LEAVE, pid);
    }
  }

  /** Whether it is traced, or will be when the probes listen. */
  public boolean isTraced(int pid) {
    return processes.containsKey(pid);
  }

  /**
   * Asks for {@link KernelEventHandler#upTo}: that all which has ended before now has been told.
   * There is no answer where the probes do not listen, or where it is lost.
   *
   * @return false where there will be none
   */
  public boolean ask(int pid) {
    if (!isReady || !processes.containsKey(pid)) {
      return false;
    }
    order(KernelProgram.ORDER_ASK, pid);
    return true;
  }

  /**
   * Gives the handler what has come.
   *
   * @return how many lines there were; more wait where it is not 0
   */
  public int poll(KernelEventHandler handler) {
    long now = MonotonicClock.nowNs();
    tellBegins(handler);
    int lines = 0;
    String text;
    while (lines < LINES_AT_ONCE && (text = queue.poll(line)) != null) {
      handle(text, now, handler);
      lines++;
    }
    if (now - checkedNs >= CHECK_NS) {
      checkedNs = now;
      for (FollowedProcess process : processes.values()) {
        process.check(now, handler);
      }
      tellLosses(now, handler);
    }
    return lines;
  }

  private void handle(String text, long now, KernelEventHandler handler) {
    switch ((char) line[ProbeLines.KIND]) {
      case 'R' -> ready(handler);
      case ProbeChild.ENDED -> {
        if (isReady) {
          isReady = false;
          gapFromNs = Optional.of(line[ProbeLines.PLAIN_TIME]);
        }
      }
      case 'B' -> request(text, handler);
      case 'Y' -> {
        FollowedProcess process = process(ProbeLines.PID);
        if (process != null) {
          process.answer(line[ProbeLines.NUMBER], line[ProbeLines.TIME], now, handler);
        }
      }
      default -> {
        FollowedProcess process = process(ProbeLines.PID);
        if (process != null) {
          process.line(line, text, now, handler);
          if (process.isExited()) {
            processes.remove(process.pid());
          }
        }
      }
    }
  }

  private @Nullable FollowedProcess process(int field) {
    return processes.get((int) line[field]);
  }

  private void request(String kind, KernelEventHandler handler) {
    FollowedProcess process = process(ProbeLines.BLOCK_PID);
    if (process != null) {
      handler.blockRequest(
          process.pid(),
          line[ProbeLines.BLOCK_DEVICE],
          line[ProbeLines.BLOCK_SECTOR],
          line[ProbeLines.BLOCK_BYTES],
          !kind.startsWith("R"),
          line[ProbeLines.BLOCK_BEGIN],
          line[ProbeLines.BLOCK_TIME],
          line[ProbeLines.BLOCK_CALL]);
    }
  }

  private void ready(KernelEventHandler handler) {
    isReady = true;
    for (FollowedProcess process : processes.values()) {
      announce(process);
    }
    if (gapFromNs.isPresent()) {
      handler.gap(gapFromNs.get(), MonotonicClock.nowNs());
      gapFromNs = Optional.empty();
      // Who has ended in the meantime is not seen to end.
      forgetGone(handler);
    }
    tellBegins(handler);
  }

  private void forgetGone(KernelEventHandler handler) {
    for (Iterator<FollowedProcess> all = processes.values().iterator(); all.hasNext(); ) {
      int pid = all.next().pid();
      if (!java.nio.file.Files.exists(proc.resolve(String.valueOf(pid)))) {
        order(KernelProgram.ORDER_LEAVE, pid);
        all.remove();
        handler.exited(pid, MonotonicClock.nowNs());
      }
    }
  }

  /** Its descriptors are followed before those that it has are read: none is missed in between. */
  private void announce(FollowedProcess process) {
    process.follow(MonotonicClock.nowNs());
    order(KernelProgram.ORDER_FOLLOW, process.pid());
    process.readFiles();
    order(KernelProgram.ORDER_TELL, process.pid());
    process.begin(MonotonicClock.nowNs());
    anyToTell = true;
  }

  private static void order(int order, int pid) {
    SystemCalls.getPriority(order, pid);
  }

  private void tellBegins(KernelEventHandler handler) {
    if (anyToTell) {
      anyToTell = false;
      for (FollowedProcess process : processes.values()) {
        process.tellBegin(handler);
      }
    }
  }

  private void tellLosses(long now, KernelEventHandler handler) {
    kernelLost = tellLoss(LossCause.KERNEL_BUFFER, kernelLost, child.lost(), now, handler);
    queueRefused = tellLoss(LossCause.QUEUE, queueRefused, queue.refused(), now, handler);
    damaged = tellLoss(LossCause.DAMAGED_LINE, damaged, child.damaged(), now, handler);
  }

  private static long tellLoss(
      LossCause cause, long before, long all, long now, KernelEventHandler handler) {
    if (all != before) {
      handler.lostBy(cause, all - before, now);
    }
    return all;
  }

  /** Ends bpftrace. */
  @Override
  public void close() {
    child.close();
  }
}
