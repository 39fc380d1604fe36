package org.pgtrace.daemon;

import java.io.IOException;
import java.util.Optional;
import org.pgtrace.ring.ControlWord;
import org.pgtrace.ring.Layout;
import org.pgtrace.ring.Requests;
import org.pgtrace.ring.Rule;
import org.pgtrace.ring.SlotReader;

/**
 * The slot of a process that is asked something, and what was asked of it before, to be in force
 * again at the end.
 */
final class AskedSlot {
  private final Requests requests;
  private final SlotReader slot;
  private final int session;
  private final boolean ours;
  private final boolean wasOffered;
  private final boolean wasTraced;
  private final ControlWord before;
  private final ControlWord ruleBefore;
  private ControlWord asked;

  /** A slot that somebody has, or was offered by somebody else. */
  AskedSlot(Requests requests, SlotReader slot) {
    this.requests = requests;
    this.slot = slot;
    this.session = slot.sessionNumber();
    this.ours = false;
    this.before = slot.control();
    this.asked = before;
    this.wasOffered = slot.state() == Layout.SLOT_OFFERED;
    this.wasTraced = wasOffered ? before.isOn() : slot.enabled();
    this.ruleBefore = rule().orElse(ControlWord.NONE);
  }

  /** A slot that this program has offered, with what it asks; it may have been taken by now. */
  AskedSlot(Requests requests, Requests.Offer offer) {
    this.requests = requests;
    this.slot = offer.slot();
    this.session = offer.sessionNumber();
    this.ours = true;
    this.before = ControlWord.NONE;
    this.asked = offer.asked();
    this.wasOffered = true;
    this.wasTraced = false;
    this.ruleBefore = ControlWord.NONE;
  }

  SlotReader slot() {
    return slot;
  }

  boolean isOurs() {
    return ours;
  }

  boolean wasTraced() {
    return wasTraced;
  }

  ControlWord before() {
    return before;
  }

  ControlWord asked() {
    return asked;
  }

  void ask(ControlWord word) {
    if (!ours) {
      asked = requests.ask(slot, word);
    }
  }

  /** Whether nobody has asked for something else since. */
  boolean isInForce() {
    return slot.control().equals(asked);
  }

  /** Whether it is traced after {@link #restore}, by what others have asked. */
  boolean staysTraced() {
    return wasTraced || (wasOffered && !ours) || hasNewRule();
  }

  /**
   * Ends what was asked: what was in force before is again; false where somebody has asked since.
   */
  boolean restore() {
    if (wasTraced && !wasOffered && lastOf(before, ruleBefore).isOff()) {
      // It was asked to end its trace, and goes on by its own setting.
      return requests.putBack(slot, asked, ControlWord.ownSettings(before.counter()));
    }
    return staysTraced()
        ? requests.putBack(slot, asked, before)
        : requests.askInstead(slot, asked, ControlWord.off());
  }

  /** Whether the slot is another session's by now. */
  boolean isAnothers() {
    return slot.sessionNumber() != session;
  }

  /** Should it have become another one's in the moment of asking, that one is left alone. */
  void takeBack() {
    requests.putBack(slot, asked, ControlWord.NONE);
  }

  /** Takes an own offer back; false where it was none, or the process has taken it. */
  boolean withdraw() throws IOException {
    return ours && requests.withdraw(slot, session);
  }

  /** A request by the session's name that it has not followed, or refused, before. */
  private boolean hasNewRule() {
    ControlWord rule = rule().orElse(ControlWord.NONE);
    return rule.isLaterThan(ruleBefore) && rule.isLaterThan(before);
  }

  /** The last request by name that the session is meant by. */
  private Optional<ControlWord> rule() {
    if (slot.state() != Layout.SLOT_ACTIVE) {
      return Optional.empty();
    }
    return requests.rules().stream()
        .filter(rule -> rule.isMeant(slot))
        .map(Rule::control)
        .reduce(AskedSlot::lastOf);
  }

  private static ControlWord lastOf(ControlWord one, ControlWord other) {
    return other.isLaterThan(one) ? other : one;
  }
}
