package org.pgtrace.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pgtrace.proc.KernelInfo;
import org.pgtrace.proc.ProcessLookup;
import org.pgtrace.proc.ProcessTable;
import org.pgtrace.ring.Layout;
import org.pgtrace.ring.Positions;
import org.pgtrace.ring.SegmentReader;
import org.pgtrace.ring.SessionRings;
import org.pgtrace.ring.SlotReader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An attached segment: looks after its slots, from the first event to giving the memory back. */
final class SegmentDrain implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SegmentDrain.class);
  private static final long LIVENESS_NS = 2_000_000_000L;

  private final SegmentReader segment;
  private final Object fileKey;
  private final SessionDrain.Context context;
  private final ProcessTable processes;
  private final KernelInfo kernel;
  private final List<SlotReader> slots;
  private final @Nullable SessionDrain[] sessions;
  private final boolean[] failed;
  private long livenessCheckedNs;

  SegmentDrain(
      SegmentReader segment,
      SessionDrain.Context context,
      ProcessTable processes,
      KernelInfo kernel) {
    this.segment = segment;
    this.context = context;
    this.processes = processes;
    this.kernel = kernel;
    this.slots = segment.slots();
    this.sessions = new SessionDrain[slots.size()];
    this.failed = new boolean[slots.size()];
    this.fileKey = fileKey(segment.path());
    this.livenessCheckedNs = System.nanoTime() - LIVENESS_NS;
  }

  Path path() {
    return segment.path();
  }

  void heartbeat(long nowNs) {
    segment.heartbeat(nowNs);
  }

  /**
   * Drains each session once, and gives back what is no longer in use.
   *
   * @param heart beats between sessions
   * @return how many records were read
   */
  int drain(Runnable heart) {
    long now = System.nanoTime();
    boolean checkLiveness = now - livenessCheckedNs >= LIVENESS_NS;
    if (checkLiveness) {
      livenessCheckedNs = now;
    }
    int records = 0;
    for (int i = 0; i < sessions.length; i++) {
      int state = slots.get(i).state();
      if (failed[i]) {
        freeFailed(i, state, checkLiveness);
      } else if (state != Layout.SLOT_FREE) {
        records += drainGuarded(i, state, checkLiveness, now);
        heart.run();
      }
    }
    return records;
  }

  private int drainGuarded(int index, int state, boolean checkLiveness, long now) {
    try {
      return drainSlot(index, state, checkLiveness, now);
    } catch (RuntimeException e) {
      LOG.error("{}: slot {}: reading stops", path(), index, e);
      closeSession(index);
      failed[index] = true;
      return 0;
    }
  }

  private void freeFailed(int index, int state, boolean checkLiveness) {
    SlotReader slot = slots.get(index);
    if (state == Layout.SLOT_CLOSED || (checkLiveness && isOver(slot))) {
      free(slot, state);
      failed[index] = false;
    }
  }

  private int drainSlot(int index, int state, boolean checkLiveness, long now) {
    SlotReader slot = slots.get(index);
    switch (state) {
      case Layout.SLOT_CLAIMED -> {
        if (checkLiveness && isOver(slot)) {
          free(slot, state);
        }
        return 0;
      }
      case Layout.SLOT_FREEING -> {
        free(slot, state);
        return 0;
      }
      case Layout.SLOT_ACTIVE, Layout.SLOT_CLOSED -> {
        SessionDrain session = session(index);
        // Asked before the last look at the ring: a process that is over writes no more.
        boolean died = state == Layout.SLOT_ACTIVE && checkLiveness && isOver(slot);
        if (died) {
          session.endWriters();
        }
        int records = session.drain(now);
        boolean over = died || state == Layout.SLOT_CLOSED;
        if (over && session.isDrained() && session.finish(died, now)) {
          closeSession(index);
          free(slot, state);
        } else if (died) {
          // Do not wait a second for the next batch of a process that is over.
          livenessCheckedNs = now - LIVENESS_NS;
        }
        return records;
      }
      default -> {
        // An offered slot is for its process to take, while there is a server.
        return 0;
      }
    }
  }

  /**
   * Whether nothing will come any more: the server is over and each slot is free. Then the file has
   * been of use.
   */
  boolean isFinished() {
    if (segment.state() != Layout.SEGMENT_STOPPED && segment.isServerAlive()) {
      return false;
    }
    for (SlotReader slot : slots) {
      int state = slot.state();
      boolean unused = state == Layout.SLOT_CLAIMED || state == Layout.SLOT_OFFERED;
      if (unused && isOver(slot)) {
        free(slot, state);
      } else if (state != Layout.SLOT_FREE) {
        return false;
      }
    }
    return true;
  }

  /** Removes the file, unless another has its name by now; false where that is not possible. */
  boolean unlink() {
    try {
      if (Files.exists(path(), LinkOption.NOFOLLOW_LINKS) && fileKey(path()).equals(fileKey)) {
        Files.delete(path());
        LOG.info("{}: its server is over and all is written, removed", path());
      }
      return true;
    } catch (IOException e) {
      LOG.warn("{}: cannot be removed: {}", path(), e.toString());
      return false;
    }
  }

  /** When records are due that were left in their rings, monotonic clock. */
  long dueNs() {
    long due = SessionRings.NOT_DUE;
    for (SessionDrain session : sessions) {
      if (session != null) {
        due = Math.min(due, session.dueNs());
      }
    }
    return due;
  }

  /** Where each session's rings end now. */
  Positions[] heads() {
    Positions[] heads = new Positions[sessions.length];
    for (int i = 0; i < heads.length; i++) {
      SlotReader slot = slots.get(i);
      int state = slot.state();
      boolean used = state == Layout.SLOT_ACTIVE || state == Layout.SLOT_CLOSED;
      heads[i] = used && !failed[i] ? slot.heads() : Positions.START;
    }
    return heads;
  }

  /** Whether everything below those positions is written. */
  boolean isWritten(Positions[] heads) {
    for (int i = 0; i < heads.length; i++) {
      SessionDrain session = sessions[i];
      boolean open =
          !heads[i].equals(Positions.START)
              && slots.get(i).state() != Layout.SLOT_FREE
              && !failed[i];
      if (open && (session == null || !(session.hasCommitted(heads[i]) || session.isDrained()))) {
        return false;
      }
    }
    return true;
  }

  /** Says that nobody drains the segment any more, and lets it go. */
  @Override
  public void close() {
    for (int i = 0; i < sessions.length; i++) {
      closeSession(i);
    }
    segment.detach();
    try {
      segment.close();
    } catch (IOException e) {
      LOG.warn("{}: {}", path(), e.getMessage());
    }
  }

  private SessionDrain session(int index) {
    SessionDrain session = sessions[index];
    if (session == null) {
      SlotReader slot = slots.get(index);
      ProcessLookup process = processes.resolve(slot.pid(), slot.startTicks(), path());
      SessionFacts facts =
          new SessionFacts(segment, slot, hostPid(process), kernel, context.options().version());
      Optional<StatementSamples> samples = context.sampling().open(process, slot, facts);
      Optional<KernelSession> watched =
          facts.hostPid() == 0
              ? Optional.empty()
              : context
                  .kernelWatch()
                  .map(watch -> watch.follow(facts.hostPid(), segment.blockSize()));
      session = new SessionDrain(context, slot, segment.ringSize(), facts, samples, watched);
      sessions[index] = session;
      LOG.debug("{}: slot {}: pid {}", path(), index, slot.pid());
    }
    return session;
  }

  /** What the session's process is called here, or 0 where it cannot be seen. */
  private static int hostPid(ProcessLookup process) {
    return process instanceof ProcessLookup.Found found ? found.identity().pid() : 0;
  }

  private void closeSession(int index) {
    SessionDrain session = sessions[index];
    if (session != null) {
      session.close();
      sessions[index] = null;
    }
  }

  private static boolean isOver(SlotReader slot) {
    return !slot.isProcessAlive();
  }

  private void free(SlotReader slot, int state) {
    try {
      slot.free(state);
    } catch (IOException e) {
      LOG.warn(
          "{}: slot {}: its memory is not given back: {}", path(), slot.index(), e.getMessage());
    }
  }

  private static Object fileKey(Path path) {
    try {
      Object key =
          Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
              .fileKey();
      return key == null ? "" : key;
    } catch (IOException e) {
      return "";
    }
  }
}
