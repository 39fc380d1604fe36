package org.pgtrace.daemon;

import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.pgtrace.proc.ProcessIdentity;
import org.pgtrace.proc.ProcessLookup;
import org.pgtrace.proc.ProcessTable;
import org.pgtrace.ring.ControlWord;
import org.pgtrace.ring.Layout;
import org.pgtrace.ring.RequestRefusedException;
import org.pgtrace.ring.Requests;
import org.pgtrace.ring.SegmentReader;
import org.pgtrace.ring.SlotReader;

/**
 * The trace of one process, asked for from outside: switched on, watched, and switched off again.
 * It needs the segment and nothing else of the server. One thread runs it; {@link #stop} may be
 * called from any.
 */
public final class OutsideTrace implements AutoCloseable {
  private static final long POLL_NS = 50_000_000L;
  private static final long NOT_NOTICED_NS = 2_000_000_000L;
  private static final long END_LIMIT_NS = 1_000_000_000L;
  private static final double NS_PER_S = 1e9;

  private final ServerProcess process;
  private final ProcessTable processes;
  private final Listener listener;
  private final SegmentReader segment;
  private final Requests requests;
  private volatile boolean stopping;
  private volatile Optional<Thread> thread = Optional.empty();

  /** Hears what happens. */
  public interface Listener {
    /** A trace file's path, as soon as it is known, and again where another one follows. */
    void traceFile(String path);

    /** Something that the user should know. */
    void said(String message);

    /** How it stands now; said often. */
    void progress(String state);
  }

  /**
   * Opens the segment.
   *
   * @throws RequestRefusedException where this user may not, or it cannot be read
   */
  public OutsideTrace(ServerProcess process, ProcessTable processes, Listener listener)
      throws IOException {
    this.process = process;
    this.processes = processes;
    this.listener = listener;
    try {
      segment = SegmentReader.open(process.segment(), SegmentReader.Access.ASK);
    } catch (IOException e) {
      throw new RequestRefusedException(e.getMessage() + ServerProcesses.remedy(process.segment()));
    }
    requests = new Requests(segment);
  }

  /** Asks {@link #run} to end the trace. */
  public void stop() {
    stopping = true;
    thread.ifPresent(LockSupport::unpark);
  }

  @Override
  public void close() throws IOException {
    segment.close();
  }

  /**
   * Traces until the time is over, it is told to stop, or the process has ended.
   *
   * @return whether the process was seen to be traced
   * @throws RequestRefusedException where it cannot be traced
   */
  public boolean run(ControlWord wanted, Optional<Duration> limit) throws IOException {
    thread = Optional.of(Thread.currentThread());
    if (!segment.noRequests().isEmpty()) {
      throw new RequestRefusedException(
          segment.path()
              + ": a session of this server cannot be switched on from outside: "
              + segment.noRequests()
              + "; it can trace itself: SET pg_trace.enabled = on");
    }
    Optional<SlotReader> known = requests.slotOf(process.pid(), process.startTicks());
    Optional<Requests.Offer> offer = Optional.empty();
    if (known.isEmpty()) {
      offer =
          Optional.of(requests.offer(process.pid(), process.startTicks(), wanted, this::isOver));
      known = insteadOf(offer.get());
    }
    SlotReader slot = known.isPresent() ? known.get() : offer.orElseThrow().slot();
    if (!requests.tryLock(slot)) {
      throw new RequestRefusedException(
          process.name()
              + " is being traced by another \"pgtrace trace\": wait for its end, or end it ("
              + segment.path()
              + ", slot "
              + slot.index()
              + ")");
    }
    Run run =
        new Run(
            known.isPresent()
                ? new AskedSlot(requests, slot)
                : new AskedSlot(requests, offer.orElseThrow()));
    run.begin(wanted);
    try {
      run.watch(limit.map(Duration::toNanos).orElse(Long.MAX_VALUE));
    } finally {
      run.end();
    }
    return run.report();
  }

  /**
   * Ends the trace of the process, whoever has asked for it.
   *
   * @return whether it was traced, or was to be
   */
  public boolean switchOff() throws IOException {
    Optional<SlotReader> found = requests.slotOf(process.pid(), process.startTicks());
    if (found.isEmpty()) {
      return false;
    }
    SlotReader slot = found.get();
    boolean wasOn = slot.enabled() || slot.control().isOn();
    requests.ask(slot, ControlWord.off());
    if (!requests.withdraw(slot, slot.sessionNumber())) {
      awaitEnd(slot);
    }
    return wasOn;
  }

  /** Two who ask at the same moment offer a slot each: the first one is for both. */
  private Optional<SlotReader> insteadOf(Requests.Offer mine) throws IOException {
    Optional<SlotReader> first =
        requests
            .slotOf(process.pid(), process.startTicks())
            .filter(slot -> slot.index() != mine.slot().index());
    return first.isPresent() && requests.withdraw(mine.slot(), mine.sessionNumber())
        ? first
        : Optional.empty();
  }

  /** Whether any process of the server is over; its processes may not be seen from here. */
  private boolean isOver(int pid, long startTicks) {
    return processes.resolve(segment.serverPid(), segment.serverStartTicks(), segment.path())
            instanceof ProcessLookup.Found
        && processes.resolve(pid, startTicks, segment.path()) instanceof ProcessLookup.Gone;
  }

  /** Whether the process that is asked is over. */
  private boolean isOver() {
    ProcessLookup same =
        new ProcessLookup.Found(new ProcessIdentity(process.hostPid(), process.startTicks()));
    return process.hostPid() == 0
        ? !segment.isServerAlive()
        : !processes.find(process.hostPid()).equals(same);
  }

  /** Waits a while for the process to end its trace; says so where it has not. */
  private void awaitEnd(SlotReader slot) {
    long limit = System.nanoTime() + END_LIMIT_NS;
    while (slot.state() == Layout.SLOT_ACTIVE && slot.enabled() && slot.isProcessAlive()) {
      if (System.nanoTime() - limit > 0) {
        listener.said(
            "the end of the trace of "
                + process.name()
                + " is written when its statement, or its present call into the system, is over");
        return;
      }
      LockSupport.parkNanos(POLL_NS);
    }
  }

  /** The watch over one slot. */
  private final class Run {
    private final SlotReader slot;
    private final AskedSlot asked;
    private final long eventsBefore;
    private final long lostBefore;
    private final Set<String> files = new LinkedHashSet<>();
    private long beganNs;
    private long endedNs;
    private long events;
    private long lost;
    private boolean noticed;
    private boolean over;

    Run(AskedSlot asked) {
      this.slot = asked.slot();
      this.asked = asked;
      this.eventsBefore = asked.isOurs() ? 0 : slot.events();
      this.lostBefore = asked.isOurs() ? 0 : slot.lostFull() + slot.lostTooBig();
    }

    void begin(ControlWord wanted) {
      if (asked.wasTraced()) {
        listener.said(
            process.name()
                + " is being traced already, at level "
                + (slot.enabled() ? slot.level() : asked.before().level())
                + ": what is in force now will be so again at the end");
      }
      if (!segment.isDrained()) {
        listener.said(
            segment.path()
                + ": no pg_trace daemon is attached: events are kept in the ring, up to "
                + segment.ringSize()
                + " bytes, until one is, then they are dropped and counted; start \"pgtrace"
                + " daemon\"");
      }
      beganNs = System.nanoTime();
      asked.ask(wanted);
    }

    void watch(long limitNs) {
      boolean toldNotNoticed = false;
      boolean toldChanged = false;
      while (!stopping) {
        look();
        long passed = System.nanoTime() - beganNs;
        if (over || passed >= limitNs) {
          return;
        }
        if (!toldChanged && !asked.isInForce()) {
          toldChanged = true;
          listener.said(
              "somebody else has asked for something else of "
                  + process.name()
                  + ": "
                  + slot.control().describe());
          if (slot.control().isOff()) {
            return;
          }
        }
        if (!noticed && !toldNotNoticed && passed > NOT_NOTICED_NS) {
          toldNotNoticed = true;
          listener.said(
              process.name()
                  + " has not noticed the request yet: it does at its next call into the system,"
                  + " an idle session with its client's next message");
        }
        listener.progress(progress(passed / NS_PER_S));
        LockSupport.parkNanos(Math.min(POLL_NS, limitNs - passed));
      }
    }

    private String progress(double seconds) {
      return noticed
          ? String.format(
              Locale.ROOT,
              "%.0f s: %d events, %.0f a second, %d lost",
              seconds,
              events,
              events / seconds,
              lost)
          : String.format(Locale.ROOT, "%.0f s: not noticed yet", seconds);
    }

    /** What can be seen of the session now. */
    private void look() {
      int state = slot.state();
      long nowEvents = slot.events();
      long nowLost = slot.lostFull() + slot.lostTooBig();
      boolean traced = slot.enabled() && slot.level() == asked.asked().level();
      String file = slot.traceFile();
      if (asked.isAnothers()) {
        // The session's end has been written; the slot is another one's.
        over = true;
        return;
      }
      switch (state) {
        case Layout.SLOT_ACTIVE -> over = !slot.isProcessAlive();
        case Layout.SLOT_CLOSED -> over = true;
        default -> {
          over = isOver();
          return;
        }
      }
      events = nowEvents - eventsBefore;
      lost = nowLost - lostBefore;
      noticed = noticed || traced || events > 0;
      if (noticed && !file.isEmpty() && files.add(file)) {
        listener.traceFile(file);
      }
    }

    /** What was in force before is so again. */
    void end() throws IOException {
      endedNs = System.nanoTime();
      look();
      if (over) {
        asked.takeBack();
        asked.withdraw();
        listener.said(process.name() + " has ended");
      } else if (!asked.restore()) {
        if (slot.control().isOn()) {
          listener.said(
              process.name()
                  + " stays traced: somebody else has asked for it meanwhile ("
                  + slot.control().describe()
                  + ")");
        }
      } else if (asked.staysTraced()) {
        listener.said(process.name() + ": what was asked of it before is in force again");
      } else if (!asked.withdraw()) {
        awaitEnd(slot);
      }
      // The slot may be another process's soon, whom somebody else traces.
      requests.unlock(slot);
      awaitFile();
    }

    /** The daemon may be about to begin it. */
    private void awaitFile() {
      long limit = System.nanoTime() + END_LIMIT_NS;
      look();
      while (noticed
          && files.isEmpty()
          && !asked.isAnothers()
          && segment.isDrained()
          && System.nanoTime() - limit < 0) {
        LockSupport.parkNanos(POLL_NS);
        look();
      }
    }

    boolean report() {
      double seconds = (endedNs - beganNs) / NS_PER_S;
      if (!noticed) {
        listener.said(
            over
                ? process.name() + " was not seen to be traced before it ended"
                : String.format(
                    Locale.ROOT,
                    "%s has not noticed the request in %.1f s: nothing was traced",
                    process.name(),
                    seconds));
        return false;
      }
      listener.said(
          String.format(
              Locale.ROOT,
              "%s was traced for %.1f s: %d events, %d lost",
              process.name(),
              seconds,
              events,
              lost));
      if (files.isEmpty()) {
        listener.said(
            segment.isDrained()
                ? "the daemon has not begun the trace file yet: it writes to "
                    + segment.traceDirectory()
                : "there is no trace file yet: a daemon writes it when one is started");
      }
      return true;
    }
  }
}
