package org.pgtrace.ebpf;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.pgtrace.ring.MonotonicClock;
import org.pgtrace.ring.SystemCalls;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs bpftrace, again where it ends, and puts its lines into the queue; a thread does it. The end
 * of bpftrace is a line too: {@value #ENDED}, and the time up to which it was heard.
 */
final class ProbeChild implements AutoCloseable, ProbeLines.Sink {
  /** Kind of the line that says that bpftrace has ended. */
  static final char ENDED = 'E';

  private static final Logger LOG = LoggerFactory.getLogger(ProbeChild.class);
  private static final int BUFFER = 64 * 1024;
  private static final int COMPLAINTS_MAX = 4;
  private static final int SAID_MAX = 32;
  private static final long PAUSE_MIN_NS = 1_000_000_000L;
  private static final long PAUSE_MAX_NS = 60_000_000_000L;
  private static final long WELL_NS = 60_000_000_000L;
  private static final long ROOM_NS = 1_000_000L;
  private static final long END_S = 5;
  private static final long CLOSE_MS = 1000;

  /** bpftrace says that wherever it is not given all of root's rights, and goes on. */
  private static final String LOCKED_MEMORY = "couldn't set RLIMIT_MEMLOCK";

  private static final String LOST = "Lost ";

  private final EbpfSupport support;
  private final KernelProgram program;
  private final LineQueue queue;
  private final Thread thread;
  private final AtomicLong lost = new AtomicLong();
  private final AtomicLong damaged = new AtomicLong();

  /** What bpftrace has said last, beside lines. Guarded by itself. */
  private final ArrayDeque<String> complaints = new ArrayDeque<>();

  private final Set<String> said = new HashSet<>();
  private volatile boolean closing;
  private volatile java.util.Optional<Process> process = java.util.Optional.empty();

  // Of the thread.
  private boolean isReady;
  private boolean isDamageSaid;
  private long heardNs;

  ProbeChild(EbpfSupport support, KernelProgram program, LineQueue queue) {
    this.support = support;
    this.program = program;
    this.queue = queue;
    this.thread = new Thread(this::run, "ebpf");
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** Lines that bpftrace had no room for. */
  long lost() {
    return lost.get();
  }

  /** Lines that could not be read. */
  long damaged() {
    return damaged.get();
  }

  /** The number of bpftrace's process, or 0. */
  long pid() {
    return process.filter(Process::isAlive).map(Process::pid).orElse(0L);
  }

  private void run() {
    long pause = PAUSE_MIN_NS;
    while (!closing) {
      long startedNs = MonotonicClock.nowNs();
      String end = runOnce();
      if (closing) {
        return;
      }
      if (isReady && MonotonicClock.nowNs() - startedNs > WELL_NS) {
        pause = PAUSE_MIN_NS;
      }
      LOG.warn(
          "{} has ended{}: {}; starts it again in {} s",
          support.bpftrace(),
          isReady ? "" : " before it was ready",
          end,
          TimeUnit.NANOSECONDS.toSeconds(pause));
      putEnd();
      pause(pause);
      pause = Math.min(pause * 2, PAUSE_MAX_NS);
    }
  }

  /** Gives why it ended. */
  private String runOnce() {
    isReady = false;
    synchronized (complaints) {
      complaints.clear();
    }
    try {
      Process child = startProcess();
      process = java.util.Optional.of(child);
      if (closing) {
        child.destroyForcibly();
      }
      Thread errors = new Thread(() -> readErrors(child.getErrorStream()), "ebpf-errors");
      errors.setDaemon(true);
      errors.start();
      if (!SystemCalls.setBatch(child.pid())) {
        LOG.info("{} runs as any other process: it may disturb those that it sees", this);
      }
      try (OutputStream in = child.getOutputStream()) {
        in.write(program.text().getBytes(UTF_8));
      }
      readLines(child.getInputStream());
      boolean ended = child.waitFor(END_S, TimeUnit.SECONDS);
      if (!ended) {
        child.destroyForcibly();
      }
      errors.join(TimeUnit.SECONDS.toMillis(1));
      return describeEnd(ended ? "exit code " + child.exitValue() : "killed");
    } catch (IOException e) {
      return describeEnd(String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      return "interrupted";
    }
  }

  private Process startProcess() throws IOException {
    ProcessBuilder builder = new ProcessBuilder(support.bpftrace().toString(), "-B", "line", "-");
    Map<String, String> environment = builder.environment();
    environment.putAll(program.environment());
    return builder.start();
  }

  private void readLines(InputStream in) throws IOException {
    ProbeLines lines = new ProbeLines(this);
    byte[] buffer = new byte[BUFFER];
    int length;
    try {
      while ((length = in.read(buffer)) >= 0) {
        lines.feed(buffer, length);
      }
    } finally {
      lines.finish();
    }
  }

  @Override
  public void line(long[] line, String text) {
    char kind = (char) line[ProbeLines.KIND];
    switch (kind) {
      case 'R' -> {
        isReady = true;
        heardNs = line[ProbeLines.PLAIN_TIME];
        putSurely(line);
      }
      case 'T' -> heardNs = Math.max(heardNs, line[ProbeLines.PLAIN_TIME]);
      default -> {
        long ns = line[kind == 'B' ? ProbeLines.BLOCK_TIME : ProbeLines.TIME];
        heardNs = Math.max(heardNs, ns);
        queue.offer(line, text);
      }
    }
  }

  @Override
  public void lost(long lines) {
    lost.addAndGet(lines);
  }

  @Override
  public void damaged(String line) {
    if (closing) {
      return;
    }
    damaged.incrementAndGet();
    if (!isDamageSaid) {
      isDamageSaid = true;
      LOG.warn("{} says «{}», which is left out, as will be others", support.bpftrace(), line);
    }
  }

  private void putEnd() {
    long[] line = new long[ProbeLines.WIDTH];
    line[ProbeLines.KIND] = ENDED;
    line[ProbeLines.PLAIN_TIME] = heardNs;
    putSurely(line);
  }

  private void putSurely(long[] line) {
    while (!closing && !queue.tryPut(line, "")) {
      LockSupport.parkNanos(ROOM_NS);
    }
  }

  private void readErrors(InputStream in) {
    try (BufferedReader reader = new BufferedReader(new InputStreamReader(in, UTF_8))) {
      String line;
      while ((line = reader.readLine()) != null) {
        if (!countLost(line) && !line.isBlank()) {
          complain(line.strip());
        }
      }
    } catch (IOException e) {
      LOG.debug("stderr of bpftrace", e);
    }
  }

  private boolean countLost(String line) {
    int at = line.indexOf(LOST);
    if (at < 0 || !line.endsWith(" events")) {
      return false;
    }
    String number = line.substring(at + LOST.length(), line.length() - " events".length());
    try {
      lost(Long.parseLong(number.strip()));
      return true;
    } catch (NumberFormatException e) {
      return false;
    }
  }

  private void complain(String line) {
    if (line.contains(LOCKED_MEMORY)) {
      return;
    }
    synchronized (complaints) {
      complaints.add(line);
      if (complaints.size() > COMPLAINTS_MAX) {
        complaints.remove();
      }
    }
    if (said.size() < SAID_MAX && said.add(line)) {
      LOG.debug("{}: {}", support.bpftrace(), line);
    }
  }

  private String describeEnd(String how) {
    synchronized (complaints) {
      return complaints.isEmpty() ? how : how + ", " + String.join(" / ", complaints);
    }
  }

  private void pause(long ns) {
    long end = MonotonicClock.nowNs() + ns;
    while (!closing && MonotonicClock.nowNs() - end < 0) {
      LockSupport.parkNanos(end - MonotonicClock.nowNs());
    }
  }

  /**
   * Ends bpftrace at once: it has nothing to put in order, and letting go of its probes takes the
   * kernel seconds either way.
   */
  @Override
  public void close() {
    closing = true;
    LockSupport.unpark(thread);
    process.ifPresent(Process::destroyForcibly);
    try {
      thread.join(CLOSE_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
