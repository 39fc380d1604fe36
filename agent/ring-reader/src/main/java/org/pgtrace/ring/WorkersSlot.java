package org.pgtrace.ring;

import java.io.IOException;
import java.util.concurrent.locks.LockSupport;

/** The slot of a session's workers' ring: what other processes do for the session. */
public final class WorkersSlot extends RingSlot {
  /** A writer that has held the ring this long has died: it may be kept from running. */
  private static final long LOCK_LIMIT_NS = 200_000_000L;

  private static final long LOCK_NAP_NS = 100_000L;

  WorkersSlot(SegmentReader segment, SharedMemory memory, int index, int base) {
    super(segment, memory, index, base);
  }

  /** Whether the ring has memory, and is that of the session with this number. */
  public boolean isInUse(int session) {
    int state = state();
    return (state == Layout.SLOT_ACTIVE || state == Layout.SLOT_CLOSED)
        && sessionNumber() == session;
  }

  /** Whether anybody may write to the ring. */
  public boolean isOpen() {
    return state() == Layout.SLOT_ACTIVE;
  }

  /** The session is over: nobody writes to the ring any more when this returns. */
  public void closeRing() {
    if (!isOpen()) {
      return;
    }
    long begin = MonotonicClock.nowNs();
    while (!memory.compareAndSetInt(base + SlotLayout.LOCK, 0, 1)
        && MonotonicClock.nowNs() - begin < LOCK_LIMIT_NS) {
      LockSupport.parkNanos(LOCK_NAP_NS);
    }
    setState(Layout.SLOT_CLOSED);
    memory.putIntRelease(base + SlotLayout.LOCK, 0);
  }

  /** Gives the ring's memory back, and makes the slot free. */
  void free() throws IOException {
    boolean hasMemory = state() != Layout.SLOT_FREE;
    closeRing();
    try {
      if (hasMemory) {
        segment.releaseRing(index);
      }
    } finally {
      clear();
      setState(Layout.SLOT_FREE);
    }
  }
}
