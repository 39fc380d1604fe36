package org.pgtrace.daemon;

import java.util.ArrayList;
import java.util.List;
import org.pgtrace.format.OsRecord;
import org.pgtrace.format.OsSource;
import org.pgtrace.proc.ProcessSample;
import org.pgtrace.proc.ProcessSampler;
import org.pgtrace.proc.Reading;
import org.pgtrace.ring.EventLayout.Charge;
import org.pgtrace.ring.EventRecord;
import org.pgtrace.ring.MonotonicClock;
import org.pgtrace.ring.SlotReader;

/**
 * Samples of the process of one session, and what lies between two of them: a line for a client's
 * statement that lasts longer than the interval, and one each interval while it runs.
 *
 * <p>Nothing is counted for a process that waits for its client. So any sample of the silence
 * before a statement is as good as one of the moment at which it began, and one that nothing has
 * happened since need not be taken again. Where a statement follows another without a pause, its
 * samples are not of its ends, and its line says so.
 */
final class StatementSamples implements AutoCloseable {
  private static final long NS_PER_MS = 1_000_000;

  /** A process may be kept from writing what it has done by so long. */
  private static final long SETTLED_NS = 20 * NS_PER_MS;

  /**
   * How much the activity grows between a sample in silence and the beginning of the client's next
   * execution: its own call's beginning, and before it a PARSE.
   */
  private static final int CALLS_BEFORE = 3;

  /** The same after its end: the end of its last call, or a CLOSE. */
  private static final int CALLS_AFTER = 3;

  private final SlotReader slot;
  private final ProcessSampler sampler;
  private final SharedResources shared;
  private final SessionClock clock;
  private final long intervalNs;
  private final ProcessFigures now = new ProcessFigures();

  /** The last sample. */
  private final ProcessFigures last = new ProcessFigures();

  /** The one from which the statement's figures are counted. */
  private final ProcessFigures base = new ProcessFigures();

  private final OsRecord running = new OsRecord();
  private final OsRecord ended = new OsRecord();

  /** The statement that base belongs to, by {@link SlotReader#statement}; 0: none. */
  private int statement;

  private boolean baseIsExact;
  private boolean isPending;
  private boolean isOver;
  private long dueNs;

  /**
   * Takes the readers over.
   *
   * @param shared of what the process shares with others
   * @param intervalMs between two samples of a process that works, milliseconds
   */
  StatementSamples(
      SlotReader slot,
      ProcessSampler sampler,
      SharedResources shared,
      SessionClock clock,
      long intervalMs) {
    this.slot = slot;
    this.sampler = sampler;
    this.shared = shared;
    this.clock = clock;
    this.intervalNs = intervalMs * NS_PER_MS;
    running.source = OsSource.PROC;
    running.isRunning = true;
    ended.source = OsSource.PROC;
    take();
    last.copy(now);
    dueNs = MonotonicClock.nowNs() + intervalNs;
  }

  /** What cannot be read, and what helps, as a capability that is missing. */
  List<String> missing() {
    List<String> all = new ArrayList<>();
    Reading<ProcessSample> reading = sampler.sample();
    if (reading instanceof Reading.Value<ProcessSample> value) {
      addMissing(all, "proc_io", value.value().io());
      addMissing(all, "proc_status", value.value().status());
      addMissing(all, "proc_schedstat", value.value().schedstat());
      addMissing(all, "proc_statm", value.value().statm());
    } else {
      addMissing(all, "proc", reading);
    }
    return all;
  }

  private static void addMissing(List<String> all, String name, Reading<?> reading) {
    if (reading instanceof Reading.NotPermitted<?> denied) {
      all.add(name + ": " + denied.file() + ": " + denied.remedy());
    } else if (reading instanceof Reading.NotThere<?> absent) {
      all.add(name + ": " + absent.file() + ": " + absent.missing());
    } else if (reading instanceof Reading.Unreadable<?> unreadable) {
      all.add(name + ": " + unreadable.file() + ": " + unreadable.reason());
    }
  }

  /** When the next sample is due, monotonic clock. */
  long dueNs() {
    return isOver ? Long.MAX_VALUE : dueNs;
  }

  /** Takes a sample where one is due and something has happened since the last. */
  void tick(long nowNs) {
    if (isOver || nowNs - dueNs < 0) {
      return;
    }
    dueNs = nowNs + intervalNs;
    if (last.isIdle() && last.activity() == slot.activity()) {
      return;
    }
    int which = slot.statement();
    int cursor = slot.statementCursor();
    long startNs = slot.statementStartNs();
    if (!take()) {
      return;
    }
    boolean runsOn = which != 0 && !now.isIdle() && slot.statement() == which;
    if (runsOn) {
      begin(which);
      if (now.timeNs() - startNs >= intervalNs) {
        describe(running, cursor, clock.tim(now.timeNs()));
        running.isApproximate = !baseIsExact;
        isPending = true;
      }
    }
    last.copy(now);
  }

  /** Whether there is such a line, and nothing that comes is older than it. */
  boolean isDue(long nowNs) {
    return isPending && nowNs - last.timeNs() >= SETTLED_NS;
  }

  /** Whether there is a line that says what has come of the statement so far. */
  boolean isPending() {
    return isPending;
  }

  /** Its moment, microseconds of the Unix epoch. */
  long pendingTim() {
    return running.tim;
  }

  /** The line, once. */
  OsRecord takePending() {
    isPending = false;
    return running;
  }

  /**
   * An execution of the client has ended.
   *
   * @param tim of the line that says so
   * @return whether there is a line for it, in {@link #ended}
   */
  boolean end(EventRecord charge, long tim) {
    int which = charge.i32(Charge.STATEMENT);
    long startNs = charge.i64(Charge.START_NS);
    boolean isLong = charge.timeNs() - startNs >= intervalNs;
    if (isOver || !isLong || which == 0) {
      forget(which);
      return false;
    }
    if (!take()) {
      return endAtLast(charge, tim);
    }
    begin(which);
    int calls = now.activity() - charge.i32(Charge.ACTIVITY);
    boolean endIsExact = now.isIdle() && calls >= 0 && calls <= CALLS_AFTER;
    describe(ended, charge.i32(Charge.CURSOR), tim);
    ended.isApproximate = !(baseIsExact && endIsExact);
    last.copy(now);
    forget(which);
    return true;
  }

  /** The process is over by now: what had come of the statement at the last sample. */
  private boolean endAtLast(EventRecord charge, long tim) {
    if (charge.i32(Charge.STATEMENT) != statement) {
      return false;
    }
    now.copy(last);
    describe(ended, charge.i32(Charge.CURSOR), tim);
    ended.isApproximate = true;
    return true;
  }

  /** The line of the execution that has ended. */
  OsRecord ended() {
    return ended;
  }

  @Override
  public void close() {
    isOver = true;
    isPending = false;
    sampler.close();
    shared.close();
  }

  private void forget(int which) {
    if (statement == which) {
      statement = 0;
    }
  }

  /** The figures of a statement begin with the last sample before the one in which it is seen. */
  private void begin(int begun) {
    if (statement == begun) {
      return;
    }
    statement = begun;
    int calls = begun - last.activity();
    base.copy(last);
    baseIsExact = last.isIdle() && calls > 0 && calls <= CALLS_BEFORE;
  }

  private void describe(OsRecord line, int cursor, long tim) {
    now.since(base, line);
    line.cursor = cursor;
    line.tim = tim;
  }

  /** A process that is over, or that cannot be seen any more, is not looked at again. */
  private boolean take() {
    int before = slot.activity();
    if (sampler.sample() instanceof Reading.Value<ProcessSample> sample) {
      now.set(sample.value());
      shared.read(now);
      now.setMoment(MonotonicClock.nowNs(), before, slot.activity());
      isOver = now.isEndingSince(last);
    } else {
      isOver = true;
    }
    return !isOver;
  }
}
