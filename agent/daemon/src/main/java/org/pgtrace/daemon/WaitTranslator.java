package org.pgtrace.daemon;

import java.nio.charset.StandardCharsets;
import org.pgtrace.format.ByteSpan;
import org.pgtrace.format.ReadTier;
import org.pgtrace.format.TraceWriter;
import org.pgtrace.format.WaitCall;
import org.pgtrace.format.WaitKind;
import org.pgtrace.format.WaitRecord;
import org.pgtrace.ring.EventLayout;
import org.pgtrace.ring.EventLayout.FileName;
import org.pgtrace.ring.EventLayout.Wait;
import org.pgtrace.ring.EventLayout.WaitName;
import org.pgtrace.ring.EventRecord;
import org.pgtrace.ring.Layout;

/** Turns one session's waits into lines, and keeps the names that its lines need. */
final class WaitTranslator {
  private static final long NS_PER_US = 1000;

  /** The server's LockTagType of what lies in a relation: itself, its end, a page, a tuple. */
  private static final int LOCKTAG_RELATION = 0;

  private static final int LOCKTAG_EXTEND = 1;
  private static final int LOCKTAG_PAGE = 3;
  private static final int LOCKTAG_TUPLE = 4;

  /** Place of the reads by I/O workers and io_uring; before it the session's and its workers'. */
  private static final int OTHERS = 16;

  private final SessionClock clock;
  private final NameBook names;
  private final WaitSums sums = new WaitSums();
  private final WaitRecord wait = new WaitRecord();
  private final ByteSpan name = new ByteSpan();
  private final byte[] text = new byte[Layout.RECORD_MAX];

  /** By process: what is less than a microsecond of the waits so far. */
  private final long[] keptNs = new long[OTHERS + 1];

  WaitTranslator(SessionClock clock, NameBook names) {
    this.clock = clock;
    this.names = names;
  }

  /** The sums of the executions that are running. */
  WaitSums sums() {
    return sums;
  }

  /** The session's names have come to an earlier daemon. */
  void resume() {
    names.setLate();
  }

  /** Whether a name was not known since this was asked last. */
  boolean takeMissingName() {
    return names.takeMissing();
  }

  /**
   * Writes a wait.
   *
   * @param worker number of the parallel worker that waited, from 1, or 0
   * @param isPart whether it runs its leader's statement
   */
  void waited(EventRecord event, long tim, TraceWriter writer, int worker, boolean isPart) {
    wait.cursor = CursorFields.statementOf(event);
    wait.event = names.event(event.i32(Wait.EVENT));
    wait.call = call(event.u8(Wait.CALL));
    wait.elapsedUs = Math.max(0, clock.tim(event.timeNs()) - clock.tim(event.i64(Wait.START_NS)));
    wait.node = event.u16(Wait.NODE);
    wait.objectId = -1;
    wait.relation.clear();
    wait.lockMode = event.u8(Wait.LOCK_MODE);
    wait.relationFile = 0;
    wait.block = 0;
    wait.tier = tier(event.u8(Wait.TIER));
    wait.ioWorker = 0;
    wait.isByIoUring = false;
    wait.fileNumber = 0;
    wait.walSegment = 0;
    wait.offset = event.i64(Wait.OFFSET);
    wait.bytes = event.i64(Wait.BYTES);
    wait.targetPid = 0;
    wait.targetLsn = 0;
    wait.isOwnWork = (event.flags() & Layout.RF_OWN_WORK) != 0;
    wait.tim = tim;
    figures(event);
    wait.cpuUs = wait.elapsedUs - withoutCpu(event, worker);
    writer.wait(wait);
    if (wait.node > 0) {
      sums.add(wait, event.u16(Wait.DEPTH), worker, isPart);
    }
  }

  /**
   * What counts as a wait, in microseconds. What is less than one is kept for the next wait of the
   * process, so that the lines add up to what the SUMMARY lines say, however short the waits are.
   */
  private long withoutCpu(EventRecord event, int worker) {
    boolean isByOthers = wait.ioWorker > 0 || wait.isByIoUring;
    int process = isByOthers ? OTHERS : Math.min(worker, OTHERS - 1);
    long ns = event.timeNs() - event.i64(Wait.START_NS) - event.i64(Wait.CPU_NS);
    long dueNs = keptNs[process] + Math.max(0, ns);
    long us = Math.min(dueNs / NS_PER_US, wait.elapsedUs);
    keptNs[process] = dueNs - us * NS_PER_US;
    return us;
  }

  void eventName(EventRecord event) {
    int length = event.textLength();
    event.copyText(text, 0);
    event.copySecondText(text, length);
    names.putEvent(
        event.i32(WaitName.EVENT),
        new String(text, 0, length, StandardCharsets.UTF_8),
        new String(text, length, event.secondTextLength(), StandardCharsets.UTF_8));
  }

  void fileName(EventRecord event) {
    byte[] path = new byte[event.textLength()];
    event.copyText(path, 0);
    names.putFile(event.u32(FileName.NUMBER), path);
  }

  void object(EventRecord event, long tim, TraceWriter writer) {
    int length = event.textLength();
    event.copyText(text, 0);
    long objectId = event.u32(EventLayout.Object.OBJECT);
    long file = event.u32(EventLayout.Object.FILE);
    long database = event.u32(EventLayout.Object.DATABASE);
    if (names.putRelation(database, file, objectId, text, length)) {
      name.set(text, 0, length);
      char kind = (char) event.u16(EventLayout.Object.RELKIND);
      writer.object(objectId, file, name, kind, tim);
    }
  }

  private void figures(EventRecord event) {
    switch (event.u8(Wait.KIND)) {
      case Layout.WAIT_BLOCKS -> blocks(event);
      case Layout.WAIT_FILE -> file(event);
      case Layout.WAIT_LOCK -> lock(event);
      case Layout.WAIT_CLIENT -> wait.kind = WaitKind.CLIENT;
      case Layout.WAIT_IPC -> ipc(event);
      default -> wait.kind = WaitKind.PLAIN;
    }
  }

  private void blocks(EventRecord event) {
    wait.kind = WaitKind.BLOCKS;
    wait.tablespace = number(event, 0);
    wait.database = number(event, 1);
    wait.relationFile = number(event, 2);
    wait.fork = number(event, 3);
    wait.block = event.u32(Wait.BLOCK);
    wait.blocks = event.u32(Wait.COUNT);
    wait.ioWorker = event.u32(Wait.HOLDER);
    wait.isByIoUring = wait.call == WaitCall.SUBMIT;
    named(names.relationOfFile(wait.database, wait.relationFile));
  }

  private void file(EventRecord event) {
    wait.kind = WaitKind.FILE;
    wait.fileNumber = number(event, 0);
    wait.walSegment = wait.fileNumber;
    wait.path.clear();
    if (wait.fileNumber > 0) {
      NameBook.FileName file = names.file(wait.fileNumber);
      wait.path.set(file.path, 0, file.path.length);
      wait.walSegment = file.walSegment >= 0 ? file.walSegment : wait.fileNumber;
    }
  }

  private void lock(EventRecord event) {
    wait.kind = WaitKind.LOCK;
    wait.lockType = event.i32(Wait.LOCK_TYPE);
    wait.lock1 = number(event, 0);
    wait.lock2 = number(event, 1);
    wait.lock3 = number(event, 2);
    wait.lock4 = number(event, 3);
    wait.holder = event.u32(Wait.HOLDER);
    switch (wait.lockType) {
      case LOCKTAG_RELATION, LOCKTAG_EXTEND, LOCKTAG_PAGE, LOCKTAG_TUPLE -> {
        named(names.relation(wait.lock1, wait.lock2));
        wait.objectId = wait.lock2;
      }
      default -> {}
    }
  }

  private void ipc(EventRecord event) {
    wait.kind = WaitKind.IPC;
    wait.targetPid = event.u32(Wait.HOLDER);
    wait.targetLsn = number(event, 0) << Integer.SIZE | number(event, 1);
  }

  private void named(NameBook.Relation relation) {
    wait.objectId = relation.objectId();
    wait.relation.set(relation.name(), 0, relation.name().length);
  }

  private static long number(EventRecord event, int index) {
    return event.u32(Wait.NUMBER + index * Integer.BYTES);
  }

  private static WaitCall call(int call) {
    return switch (call) {
      case Layout.CALLED_READ -> WaitCall.READ;
      case Layout.CALLED_WRITE -> WaitCall.WRITE;
      case Layout.CALLED_SYNC -> WaitCall.SYNC;
      case Layout.CALLED_PREFETCH -> WaitCall.PREFETCH;
      case Layout.CALLED_ALLOCATE -> WaitCall.ALLOCATE;
      case Layout.CALLED_TRUNCATE -> WaitCall.TRUNCATE;
      case Layout.CALLED_POLL -> WaitCall.POLL;
      case Layout.CALLED_SEMAPHORE -> WaitCall.SEMAPHORE;
      case Layout.CALLED_SLEEP -> WaitCall.SLEEP;
      case Layout.CALLED_RECEIVE -> WaitCall.RECEIVE;
      case Layout.CALLED_SEND -> WaitCall.SEND;
      case Layout.CALLED_SUBMIT -> WaitCall.SUBMIT;
      default -> WaitCall.UNKNOWN;
    };
  }

  private static ReadTier tier(int tier) {
    return switch (tier) {
      case Layout.TIER_CACHE -> ReadTier.CACHE;
      case Layout.TIER_DISK -> ReadTier.DISK;
      default -> ReadTier.UNKNOWN;
    };
  }
}
