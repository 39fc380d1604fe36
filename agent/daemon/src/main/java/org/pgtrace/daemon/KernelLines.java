package org.pgtrace.daemon;

import java.util.EnumMap;
import java.util.Map;
import org.pgtrace.daemon.KernelSession.Entry;
import org.pgtrace.ebpf.IoCall;
import org.pgtrace.ebpf.PgFile;
import org.pgtrace.format.ForkNames;
import org.pgtrace.format.KernelSumRecord;
import org.pgtrace.format.ReadTier;
import org.pgtrace.format.SystemCallRecord;
import org.pgtrace.format.TraceWriter;
import org.pgtrace.format.WaitCall;
import org.pgtrace.format.WaitEvent;
import org.pgtrace.format.WaitKind;
import org.pgtrace.format.WaitRecord;

/**
 * Turns what the kernel's probes have seen of a session into lines. Where the server's own waits
 * are recorded, a system call is a line of its own kind; where they are not, it is the wait.
 */
final class KernelLines {
  private static final long NS_PER_US = 1000;
  private static final long SEGMENT_BYTES = 1L << 30;

  /** Any but 0, which stands for none. */
  private static final int EVENT_NUMBER = 1;

  private static final WaitEvent DATA_READ = event("DataFileRead");
  private static final WaitEvent DATA_WRITE = event("DataFileWrite");
  private static final WaitEvent DATA_SYNC = event("DataFileSync");
  private static final WaitEvent TEMPORARY_READ = event("BufFileRead");
  private static final WaitEvent TEMPORARY_WRITE = event("BufFileWrite");
  private static final WaitEvent WAL_READ = event("WALRead");
  private static final WaitEvent WAL_WRITE = event("WALWrite");
  private static final WaitEvent WAL_SYNC = event("WALSync");

  /** Of files that tell nothing of why they are read. */
  private static final Map<IoCall, WaitEvent> OTHERS = others();

  private final KernelSession session;
  private final SessionClock clock;
  private final NameBook names;
  private final SessionFacts facts;
  private final KernelSums sums = new KernelSums();
  private final SystemCallRecord call = new SystemCallRecord();
  private final WaitRecord wait = new WaitRecord();
  private final KernelSumRecord sum = new KernelSumRecord();

  KernelLines(KernelSession session, SessionClock clock, NameBook names, SessionFacts facts) {
    this.session = session;
    this.clock = clock;
    this.names = names;
    this.facts = facts;
    wait.isByKernel = true;
  }

  private static WaitEvent event(String name) {
    return WaitEvent.named(EVENT_NUMBER, "IO", name);
  }

  private static Map<IoCall, WaitEvent> others() {
    Map<IoCall, WaitEvent> events = new EnumMap<>(IoCall.class);
    for (IoCall each : IoCall.values()) {
      events.put(each, event(each.syscall()));
    }
    return events;
  }

  /** Whether something that ended before that moment has no line yet. */
  boolean isDue(long untilNs) {
    Entry next = session.peek();
    return next != null && next.endNs - untilNs <= 0;
  }

  /** As {@link KernelSession#passed}. */
  void passed(long ns) {
    session.passed(ns);
  }

  /** The moment of the next entry, which there is, monotonic clock. */
  long nextNs() {
    Entry next = session.peek();
    return next == null ? 0 : next.endNs;
  }

  /** The execution that is at work; 0: none. */
  int cursor() {
    return sums.cursor();
  }

  /** As {@link KernelSums#runs}. */
  void runs(int cursor, int depth, boolean isClose, long ns) {
    sums.runs(cursor, depth, isClose, ns);
  }

  void beginSession(long ns) {
    sums.beginSession(ns);
  }

  /** Writes the sums of an execution that has ended, or of the session. */
  void end(int cursor, int depth, long tim, TraceWriter writer) {
    if (sums.end(cursor, depth, session.missedNs(), sum)) {
      sum.cursor = cursor;
      sum.tim = tim;
      writer.kernelSum(sum);
    }
  }

  /** Writes the next entry, which there is. */
  void writeNext(long tim, TraceWriter writer) {
    Entry entry = session.peek();
    if (entry == null) {
      return;
    }
    session.remove();
    switch (entry.kind) {
      case BEGAN ->
          writer.keyedLine("EBPF", session.source() + " sees the process from here on", tim);
      case GAP ->
          writer.keyedLine(
              "EBPF", "the process was not seen since tim=" + clock.tim(entry.beginNs), tim);
      case LOST -> writer.lostOfKernel(entry.lost, Math.min(clock.tim(entry.beginNs), tim), tim);
      case OFF_CPU -> offCpu(entry);
      case CALL -> call(entry, tim, writer);
    }
  }

  private void offCpu(Entry entry) {
    KernelCounts all = sums.all();
    long ns = entry.endNs - entry.beginNs;
    if (entry.isPreempted) {
      all.preemptions++;
      all.runQueueNs += ns;
    } else {
      all.sleeps++;
      all.sleepNs += ns - entry.runQueueNs;
      all.runQueueNs += entry.runQueueNs;
    }
  }

  private void call(Entry entry, long tim, TraceWriter writer) {
    if (!isOfFile(entry.file)) {
      return;
    }
    count(entry);
    if (facts.lacksWaits()) {
      describeWait(entry, tim);
      if (facts.wantsWaits()) {
        writer.wait(wait);
      }
    } else {
      describeCall(entry, tim);
      writer.systemCall(call);
    }
  }

  /** Sockets, pipes and the like are no files. */
  private static boolean isOfFile(PgFile file) {
    return !(file instanceof PgFile.Other other) || other.path().indexOf(':') < 0;
  }

  private void count(Entry entry) {
    KernelCounts all = sums.all();
    long ns = entry.endNs - entry.beginNs;
    long bytes = Math.max(0, entry.result);
    if (entry.call.isRead()) {
      all.reads++;
      all.readNs += ns;
      all.readBytes += bytes;
    } else if (entry.call.isWrite()) {
      all.writes++;
      all.writeNs += ns;
      all.writtenBytes += bytes;
    } else if (entry.call != IoCall.FALLOCATE) {
      all.syncs++;
      all.syncNs += ns;
    }
    all.requests += entry.requests;
    all.requestBytes += entry.requestBytes;
    all.deviceNs += entry.deviceNs;
  }

  private void describeCall(Entry entry, long tim) {
    call.name = entry.call.syscall();
    call.cursor = sums.cursor();
    call.elapsedUs = elapsedUs(entry);
    call.descriptor = entry.descriptor;
    call.offset = entry.offset;
    call.result = entry.result;
    call.path.set(entry.file.path());
    call.objectId = -1;
    call.relation.clear();
    call.block = -1;
    if (entry.file instanceof PgFile.Relation relation) {
      NameBook.Relation named = names.relationOfFile(relation.database(), relation.file());
      call.objectId = named.objectId();
      call.relation.set(named.name(), 0, named.name().length);
      call.block = entry.offset < 0 ? -1 : block(relation, entry.offset);
    }
    call.requests = entry.requests;
    call.requestBytes = entry.requestBytes;
    call.deviceUs = entry.deviceNs / NS_PER_US;
    call.tim = tim;
  }

  private void describeWait(Entry entry, long tim) {
    wait.cursor = sums.cursor();
    wait.elapsedUs = elapsedUs(entry);
    wait.call = callOf(entry.call);
    wait.tier =
        !entry.call.isRead()
            ? ReadTier.UNKNOWN
            : entry.requests > 0 ? ReadTier.DISK : ReadTier.CACHE;
    wait.objectId = -1;
    wait.relation.clear();
    wait.offset = entry.offset;
    wait.bytes = entry.result;
    wait.kind = WaitKind.FILE;
    wait.fileNumber = 0;
    wait.walSegment = 0;
    wait.tim = tim;
    wait.path.set(entry.file.path());
    if (entry.file instanceof PgFile.Relation relation) {
      relation(entry, relation);
    } else if (entry.file instanceof PgFile.Wal wal) {
      wait.walSegment = wal.log() << Integer.SIZE | wal.segment();
      wait.event = event(entry.call, WAL_READ, WAL_WRITE, WAL_SYNC);
    } else if (entry.file instanceof PgFile.Temporary temporary) {
      wait.fileNumber = temporary.number();
      wait.event = event(entry.call, TEMPORARY_READ, TEMPORARY_WRITE, other(entry.call));
    } else {
      wait.event = other(entry.call);
    }
  }

  private void relation(Entry entry, PgFile.Relation relation) {
    wait.event = event(entry.call, DATA_READ, DATA_WRITE, DATA_SYNC);
    NameBook.Relation named = names.relationOfFile(relation.database(), relation.file());
    wait.objectId = named.objectId();
    wait.relation.set(named.name(), 0, named.name().length);
    if (entry.offset >= 0 && entry.result >= 0) {
      wait.kind = WaitKind.BLOCKS;
      wait.tablespace = relation.tablespace();
      wait.database = relation.database();
      wait.relationFile = relation.file();
      wait.fork = ForkNames.number(relation.fork());
      wait.block = block(relation, entry.offset);
      wait.blocks = entry.result / session.blockSize();
    }
  }

  private static WaitEvent event(IoCall call, WaitEvent read, WaitEvent write, WaitEvent sync) {
    return call.isRead()
        ? read
        : call.isWrite() ? write : call == IoCall.FALLOCATE ? other(call) : sync;
  }

  private static WaitEvent other(IoCall call) {
    return OTHERS.getOrDefault(call, WaitEvent.unset());
  }

  private static WaitCall callOf(IoCall call) {
    return call.isRead()
        ? WaitCall.READ
        : call.isWrite()
            ? WaitCall.WRITE
            : call == IoCall.FALLOCATE ? WaitCall.ALLOCATE : WaitCall.SYNC;
  }

  private long block(PgFile.Relation relation, long offset) {
    return relation.block(offset, session.blockSize(), SEGMENT_BYTES / session.blockSize());
  }

  private static long elapsedUs(Entry entry) {
    return (entry.endNs - entry.beginNs) / NS_PER_US;
  }
}
