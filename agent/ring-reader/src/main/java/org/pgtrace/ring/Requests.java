package org.pgtrace.ring;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is asked of a segment's sessions from outside, and asking it: what the extension's functions
 * do (segment.c), for those who have no session. To look, any {@link SegmentReader} will do; to ask
 * needs one that was opened for it.
 */
public final class Requests {
  private static final long NS_PER_S = 1_000_000_000L;

  private final SegmentReader segment;
  private final SharedMemory memory;
  private final SegmentFile file;

  /** Whether a process is over. */
  public interface Obituary {
    /** The process as its server knows it; false where that cannot be told. */
    boolean isOver(int pid, long startTicks);
  }

  /**
   * A slot that was offered, as it was then.
   *
   * @param slot may be the process's, or another one's, by now
   * @param sessionNumber of the session that it was offered for
   * @param asked what is asked of it
   */
  public record Offer(SlotReader slot, int sessionNumber, ControlWord asked) {}

  public Requests(SegmentReader segment) {
    this.segment = segment;
    this.memory = segment.memory();
    this.file = segment.file();
  }

  /** Whose sessions are to be traced by what they are. */
  public List<Rule> rules() {
    List<Rule> rules = new ArrayList<>();
    for (int i = 0; i < Layout.RULES; i++) {
      int at = SegmentLayout.RULES + i * RuleLayout.SIZE;
      int kind = memory.getIntAcquire(at + RuleLayout.KIND);
      if (kind == Layout.RULE_APPLICATION
          || kind == Layout.RULE_ROLE
          || kind == Layout.RULE_DATABASE) {
        rules.add(
            new Rule(
                kind,
                Texts.fixed(memory, at + RuleLayout.NAME, RuleLayout.NAME_LENGTH),
                ControlWord.of(memory.getLongAcquire(at + RuleLayout.CONTROL))));
      }
    }
    return rules;
  }

  /** The slot that the process has; else the one that it is offered. */
  public Optional<SlotReader> slotOf(int pid, long startTicks) {
    Optional<SlotReader> offered = Optional.empty();
    for (SlotReader slot : segment.slots()) {
      int state = slot.state();
      boolean used = state == Layout.SLOT_ACTIVE || state == Layout.SLOT_OFFERED;
      if (used && slot.pid() == pid && slot.startTicks() == startTicks) {
        if (state == Layout.SLOT_ACTIVE) {
          return Optional.of(slot);
        }
        offered = offered.or(() -> Optional.of(slot));
      }
    }
    return offered;
  }

  /**
   * Makes a free slot ready for the process, which takes it when it notices, with what is asked of
   * it. Its ring has its memory.
   *
   * @throws RequestRefusedException where there is no slot, or no room for its ring
   */
  public Offer offer(int pid, long startTicks, ControlWord asked, Obituary obituary)
      throws IOException {
    withdrawStaleOffers(obituary);
    for (SlotReader slot : segment.slots()) {
      if (take(slot, Layout.SLOT_FREE)) {
        try {
          reserveRing(slot);
        } catch (IOException e) {
          giveBack(slot, Layout.SLOT_FREE);
          throw e;
        }
        fillIn(slot, pid, startTicks);
        // Before it can be taken: a process that finds nothing to do may sleep for long.
        Offer offer = new Offer(slot, slot.sessionNumber(), latest(asked));
        memory.putLong(at(slot) + SlotLayout.CONTROL, offer.asked().word());
        giveBack(slot, Layout.SLOT_OFFERED);
        tellAll();
        return offer;
      }
    }
    throw new RequestRefusedException(
        segment.path()
            + ": all "
            + segment.slots().size()
            + " trace rings are in use; a ring is free again when its session has ended and the"
            + " daemon has read it: "
            + (segment.isDrained()
                ? "end a traced session, or raise pg_trace.rings and restart the server"
                : "no daemon is attached, start \"pgtrace daemon\""));
  }

  /** Takes a slot back that its process has not taken; false where it has. */
  public boolean withdraw(SlotReader slot, int sessionNumber) throws IOException {
    if (!take(slot, Layout.SLOT_OFFERED)) {
      return false;
    }
    if (slot.sessionNumber() != sessionNumber) {
      giveBack(slot, Layout.SLOT_OFFERED);
      return false;
    }
    try {
      segment.releaseRing(slot.index());
    } finally {
      memory.putInt(at(slot) + SlotLayout.PID, 0);
      giveBack(slot, Layout.SLOT_FREE);
    }
    return true;
  }

  /** Slots that were offered to processes which have ended since. */
  private void withdrawStaleOffers(Obituary obituary) throws IOException {
    for (SlotReader slot : segment.slots()) {
      int session = slot.sessionNumber();
      if (slot.state() == Layout.SLOT_OFFERED && obituary.isOver(slot.pid(), slot.startTicks())) {
        withdraw(slot, session);
      }
    }
  }

  /**
   * Asks something of the session that has the slot, or will take it.
   *
   * @return the word with its counter
   */
  public ControlWord ask(SlotReader slot, ControlWord asked) {
    ControlWord word = latest(asked);
    memory.putLongRelease(at(slot) + SlotLayout.CONTROL, word.word());
    tellAll();
    return word;
  }

  /** The same where nobody has asked anything since {@code expected}; false where somebody has. */
  public boolean askInstead(SlotReader slot, ControlWord expected, ControlWord asked) {
    return putInstead(slot, expected, latest(asked));
  }

  /** Puts an earlier word back, with its counter, where nobody has asked anything since. */
  public boolean putBack(SlotReader slot, ControlWord expected, ControlWord earlier) {
    return putInstead(slot, expected, earlier);
  }

  /**
   * Becomes the one program that traces the slot's session from outside; false while another one
   * does. Ends with {@link #unlock}, or the segment's {@code close}.
   */
  public boolean tryLock(SlotReader slot) {
    return file.tryLock(at(slot) + SlotLayout.CONTROL);
  }

  public void unlock(SlotReader slot) {
    file.unlock(at(slot) + SlotLayout.CONTROL);
  }

  private boolean putInstead(SlotReader slot, ControlWord expected, ControlWord word) {
    boolean done =
        memory.compareAndSetLong(at(slot) + SlotLayout.CONTROL, expected.word(), word.word());
    if (done) {
      tellAll();
    }
    return done;
  }

  /** Later requests have greater counters, whatever they are of. */
  private ControlWord latest(ControlWord asked) {
    return asked.withCounter(memory.getIntAcquire(SegmentLayout.CONTROL_GENERATION) + 1);
  }

  /** Each process looks at its slot at its next call into the system. */
  private void tellAll() {
    memory.getAndAddInt(SegmentLayout.CONTROL_GENERATION, 1);
  }

  /** Takes a slot, with the lock of its byte; false where its state is another one. */
  private boolean take(SlotReader slot, int fromState) {
    if (slot.state() != fromState || !file.tryLock(at(slot))) {
      return false;
    }
    if (memory.compareAndSetInt(at(slot) + SlotLayout.STATE, fromState, Layout.SLOT_CLAIMED)) {
      return true;
    }
    file.unlock(at(slot));
    return false;
  }

  private void giveBack(SlotReader slot, int toState) {
    memory.putIntRelease(at(slot) + SlotLayout.STATE, toState);
    file.unlock(at(slot));
  }

  private void reserveRing(SlotReader slot) throws RequestRefusedException {
    int error = segment.reserveRing(slot.index());
    if (error != 0) {
      Path folder = Optional.ofNullable(segment.path().getParent()).orElse(segment.path());
      throw new RequestRefusedException(
          "could not reserve "
              + segment.ringSize()
              + " bytes for a trace ring in folder "
              + folder
              + ": "
              + LibC.message(error)
              + "; make room in that folder (a container: a larger --shm-size), lower"
              + " pg_trace.ring_size, or set pg_trace.ring_directory to a folder with more room;"
              + " the last two need a restart");
    }
  }

  /** As of a slot that was never used; what the process is called it says itself. */
  private void fillIn(SlotReader slot, int pid, long startTicks) {
    int at = at(slot);
    memory.zero(at + SlotLayout.PID, SlotLayout.SIZE - SlotLayout.PID);
    memory.putInt(at + SlotLayout.PID, pid);
    memory.putLong(at + SlotLayout.START_TICKS, startTicks);
    memory.putInt(at + SlotLayout.BACKEND_TYPE, Layout.BACKEND_CLIENT);
    memory.putInt(
        at + SlotLayout.SESSION_NUMBER, memory.getAndAddInt(SegmentLayout.SESSION_COUNTER, 1) + 1);
    long before = MonotonicClock.nowNs();
    Instant wall = Instant.now();
    long after = MonotonicClock.nowNs();
    memory.putLong(at + SlotLayout.ANCHOR_MONO_NS, before + (after - before) / 2);
    memory.putLong(
        at + SlotLayout.ANCHOR_WALL_NS, wall.getEpochSecond() * NS_PER_S + wall.getNano());
  }

  private int at(SlotReader slot) {
    return segment.slotOffset(slot.index());
  }
}
