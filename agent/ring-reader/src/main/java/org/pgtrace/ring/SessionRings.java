package org.pgtrace.ring;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A session's own ring and its workers' ring, read as one stream in order of time.
 *
 * <p>A record may become visible a while after the moment that it tells, so while others may write
 * for the session what is younger than {@link #SETTLE_NS} stays in the rings, but for a ring that
 * is half full. A record that comes even later is handed over when it comes.
 */
public final class SessionRings implements AutoCloseable {
  /** How old a record has to be. */
  public static final long SETTLE_NS = 20_000_000L;

  /** After a pass that has left records in the rings: time to the next. */
  private static final long PASS_NS = 5_000_000L;

  /** Everything may be read. */
  public static final long NO_LIMIT = Long.MAX_VALUE;

  /** {@link #dueNs} where nothing is left in the rings. */
  public static final long NOT_DUE = Long.MAX_VALUE;

  private final SlotReader slot;
  private final RingReader own;
  private final int sessionNumber;
  private final int half;
  private Optional<RingReader> workers = Optional.empty();
  private long dueNs = NOT_DUE;
  private long leftNs = NOT_DUE;

  SessionRings(SlotReader slot, RingReader own) throws IOException {
    this.slot = slot;
    this.own = own;
    this.sessionNumber = slot.sessionNumber();
    this.half = slot.segment.ringSize() / 2;
    openWorkers();
  }

  /** How far the rings have been read. */
  public Positions positions() {
    return new Positions(own.position(), workersPosition());
  }

  /** Position in the session's own ring. */
  public long ownPosition() {
    return own.position();
  }

  /** Position in the workers' ring. */
  public long workersPosition() {
    return workers.isPresent() ? workers.get().position() : 0;
  }

  /** Whether everything that is in the rings now has been read, or cannot be. */
  public boolean isDrained() {
    if (workers.isEmpty() && slot.workers().isInUse(sessionNumber)) {
      return false;
    }
    return own.isDrained() && (workers.isEmpty() || workers.get().isDrained());
  }

  /** When what the last pass has left is to be read, monotonic clock; or {@link #NOT_DUE}. */
  public long dueNs() {
    return dueNs;
  }

  /**
   * The moment of the first record that the last pass has left as too young; or {@link #NOT_DUE}.
   */
  public long leftNs() {
    return leftNs;
  }

  /** Why reading has stopped, of each ring. The other one goes on. */
  public List<RingDamage> damage() {
    Optional<RingDamage> ofWorkers = workers.flatMap(RingReader::damage);
    if (own.damage().isEmpty() && ofWorkers.isEmpty()) {
      return List.of();
    }
    return Stream.concat(own.damage().stream(), ofWorkers.stream()).toList();
  }

  /**
   * Hands over the records that are due, at most {@code maxRecords}. The positions move on, the
   * writers' space does not: that is for {@link SlotReader#commit(Positions, long, long)}.
   *
   * @return how many records were handed over
   */
  public int drain(EventHandler handler, int maxRecords) throws IOException {
    return drain(handler, maxRecords, NO_LIMIT);
  }

  /**
   * The same, and leaves what is younger than a moment, but for a ring that is half full.
   *
   * @param limitNs monotonic clock
   */
  public int drain(EventHandler handler, int maxRecords, long limitNs) throws IOException {
    long begin = MonotonicClock.nowNs();
    // First, so that what comes to this ring after a worker's record is not read without it.
    long ownHead = own.head();
    if (workers.isEmpty()) {
      openWorkers();
    }
    if (workers.isEmpty()) {
      dueNs = NOT_DUE;
      leftNs = NOT_DUE;
      return limitNs == NO_LIMIT || ownHead - own.position() > half
          ? own.drain(handler, maxRecords, ownHead)
          : drainOwn(handler, maxRecords, ownHead, limitNs);
    }
    RingReader shared = workers.get();
    boolean open = slot.workers().isOpen();
    long sharedHead = shared.head();
    boolean hasRoom = ownHead - own.position() <= half && sharedHead - shared.position() <= half;
    if (open && hasRoom && dueNs != NOT_DUE && begin - dueNs < 0) {
      return 0;
    }
    dueNs = NOT_DUE;
    leftNs = NOT_DUE;
    // No record is of a later moment than now, unless its time is damaged.
    long now = MonotonicClock.nowNs();
    int count = 0;
    boolean goOn = true;
    while (goOn && count < maxRecords) {
      boolean isOwn = own.hasNext(ownHead);
      boolean isShared = shared.hasNext(sharedHead);
      if (!isOwn && !isShared) {
        break;
      }
      isOwn &= !isShared || own.nextTimeNs() - shared.nextTimeNs() <= 0;
      RingReader from = isOwn ? own : shared;
      long timeNs = from.nextTimeNs();
      boolean isYoung = (open && begin - timeNs < SETTLE_NS) || timeNs > limitNs;
      if (hasRoom && timeNs - now <= 0 && isYoung) {
        dueNs = Math.max(timeNs + SETTLE_NS, begin + PASS_NS);
        leftNs = timeNs;
        break;
      }
      EventRecord event = from.next();
      event.setPositions(own.position(), shared.position());
      count++;
      goOn = handler.onEvent(event);
    }
    return count;
  }

  private int drainOwn(EventHandler handler, int maxRecords, long head, long limitNs) {
    int count = 0;
    boolean goOn = true;
    while (goOn && count < maxRecords && own.hasNext(head)) {
      if (own.nextTimeNs() > limitNs) {
        dueNs = MonotonicClock.nowNs() + PASS_NS;
        leftNs = own.nextTimeNs();
        break;
      }
      EventRecord event = own.next();
      event.setPositions(own.position(), 0);
      count++;
      goOn = handler.onEvent(event);
    }
    return count;
  }

  @Override
  public void close() {
    own.close();
    workers.ifPresent(RingReader::close);
  }

  /** It may come into use at any moment of the session. */
  private void openWorkers() throws IOException {
    if (slot.workers().isInUse(sessionNumber)) {
      workers = Optional.of(slot.openWorkersRing());
    }
  }
}
