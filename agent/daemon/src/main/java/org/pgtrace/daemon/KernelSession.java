package org.pgtrace.daemon;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import org.pgtrace.ebpf.EbpfProbe;
import org.pgtrace.ebpf.IoCall;
import org.pgtrace.ebpf.IoEvent;
import org.pgtrace.ebpf.PgFile;

/**
 * What the kernel's probes have seen of one session's process and is not in its trace yet, in order
 * of time. It comes later than the session's own records, so these wait for it.
 */
final class KernelSession {
  /**
   * How long a record waits for what the probes may have seen before it: a machine that is busy may
   * keep them from telling it.
   */
  private static final long LAG_MAX_NS = 2_000_000_000L;

  /** A record may become visible so late after the moment that it tells. */
  private static final long SETTLE_NS = 20_000_000L;

  private static final long ASK_NS = 5_000_000L;
  private static final int ENTRIES_MAX = 128 * 1024;

  /** What an entry tells. */
  enum Kind {
    /** From then on everything is seen. */
    BEGAN,
    /** A system call. */
    CALL,
    /** A time without a processor. */
    OFF_CPU,
    /** Events in between are lost. */
    LOST,
    /** Nothing was seen in between. */
    GAP
  }

  /** One thing that was seen. The fields that count depend on its kind. */
  static final class Entry {
    final Kind kind;

    /** Monotonic clock. */
    final long beginNs;

    final long endNs;

    IoCall call = IoCall.READ;
    PgFile file = PgFile.UNKNOWN;
    int descriptor;
    long offset;
    long result;
    long requests;
    long requestBytes;
    long deviceNs;
    long runQueueNs;
    boolean isPreempted;
    long lost;

    private Entry(Kind kind, long beginNs, long endNs) {
      this.kind = kind;
      this.beginNs = beginNs;
      this.endNs = endNs;
    }
  }

  private final EbpfProbe probe;
  private final String source;
  private final int pid;
  private final int blockSize;
  private final ArrayDeque<Entry> entries = new ArrayDeque<>();
  private boolean isSeen;
  private boolean isOver;
  private long missedNs = Long.MAX_VALUE;
  private long upToNs;
  private long askedNs;

  /**
   * Of a process that the probe has been told of.
   *
   * @param source what the probe calls itself
   * @param pid as this machine numbers it
   * @param blockSize of its server, bytes
   */
  KernelSession(EbpfProbe probe, String source, int pid, int blockSize) {
    this.probe = probe;
    this.source = source;
    this.pid = pid;
    this.blockSize = blockSize;
  }

  int pid() {
    return pid;
  }

  String source() {
    return source;
  }

  int blockSize() {
    return blockSize;
  }

  /** The next entry, or null. */
  @Nullable Entry peek() {
    return entries.peek();
  }

  void remove() {
    entries.remove();
  }

  /**
   * Up to which moment records may be read: everything that was seen before then has come, or is
   * not waited for any more.
   */
  long limitNs(long nowNs) {
    return isSeen && !isOver ? Math.max(upToNs, nowNs - LAG_MAX_NS) : Long.MAX_VALUE;
  }

  /**
   * A record of the process is written: what was seen before that moment and has not come by now is
   * too late for it.
   */
  void passed(long ns) {
    if (isSeen && !isOver && ns - upToNs > 0) {
      missedNs = Math.max(missedNs, ns);
    }
  }

  /** Up to which moment entries may be written although no record has come. */
  long settledNs(long nowNs) {
    return Math.min(limitNs(nowNs), nowNs - SETTLE_NS);
  }

  /** Whether an entry is due. */
  boolean isDue(long nowNs) {
    Entry next = entries.peek();
    return next != null && next.endNs - settledNs(nowNs) <= 0;
  }

  /**
   * The last moment at which something may have been missed, as far as is known by now: what has
   * begun later is whole.
   */
  long missedNs() {
    return probe.isReady() ? missedNs : Long.MAX_VALUE;
  }

  /** Asks the probe for {@link #upTo}, now and then. */
  void ask(long nowNs) {
    if (isSeen && !isOver && nowNs - askedNs >= ASK_NS) {
      askedNs = nowNs;
      probe.ask(pid);
    }
  }

  void began(long ns) {
    isSeen = true;
    missedNs = ns;
    upToNs = ns;
    add(new Entry(Kind.BEGAN, ns, ns));
  }

  void call(IoEvent event) {
    Entry entry = new Entry(Kind.CALL, event.beginNs(), event.endNs());
    entry.call = event.call();
    entry.file = event.file();
    entry.descriptor = event.fd();
    entry.offset = event.offset();
    entry.result = event.result();
    entry.requests = event.requests();
    entry.requestBytes = event.requestBytes();
    entry.deviceNs = event.deviceNs();
    add(entry);
  }

  void offCpu(long beginNs, long endNs, long runQueueNs, boolean preempted) {
    Entry entry = new Entry(Kind.OFF_CPU, beginNs, endNs);
    entry.runQueueNs = Math.max(0, runQueueNs);
    entry.isPreempted = preempted;
    add(entry);
  }

  void upTo(long ns) {
    upToNs = Math.max(upToNs, ns);
  }

  void lost(long events, long fromNs, long toNs) {
    missedNs = Math.max(missedNs, toNs);
    Entry entry = new Entry(Kind.LOST, fromNs, toNs);
    entry.lost = events;
    add(entry);
  }

  void gap(long fromNs, long toNs) {
    isSeen = false;
    missedNs = Long.MAX_VALUE;
    add(new Entry(Kind.GAP, fromNs, toNs));
  }

  /** Nothing more will come. */
  void over() {
    isOver = true;
  }

  /** Where the trace cannot be written for long, the rest is counted. */
  private void add(Entry entry) {
    if (entries.size() < ENTRIES_MAX) {
      entries.add(entry);
      return;
    }
    Entry last = entries.removeLast();
    long before = last.kind == Kind.LOST ? last.lost : 1;
    missedNs = Math.max(missedNs, entry.endNs);
    Entry lost = new Entry(Kind.LOST, last.beginNs, entry.endNs);
    lost.lost = before + (entry.kind == Kind.LOST ? entry.lost : 1);
    entries.add(lost);
  }
}
