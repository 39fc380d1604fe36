package org.pgtrace.daemon;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.pgtrace.ring.Layout;
import org.pgtrace.ring.SegmentReader;
import org.pgtrace.ring.SlotReader;

/**
 * The traced sessions of all segments, as a table.
 *
 * @param lines the table, or a sentence where there is none
 * @param problems segments that cannot be read
 */
public record SessionList(List<String> lines, List<String> problems) {
  private static final String[] STATES = {
    "free", "claimed", "active", "closed", "freeing", "offered"
  };

  /** Copies the lists. */
  public SessionList {
    lines = List.copyOf(lines);
    problems = List.copyOf(problems);
  }

  /** Looks at each segment once, without changing it. */
  public static SessionList read(List<Path> segments) {
    List<String> rows = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    for (Path path : segments) {
      try (SegmentReader segment = SegmentReader.open(path, SegmentReader.Access.READ)) {
        for (SlotReader slot : segment.slots()) {
          int state = slot.state();
          if (state != Layout.SLOT_FREE) {
            rows.add(row(segment, slot, state));
          }
        }
      } catch (IOException e) {
        problems.add("pgtrace: " + e.getMessage());
      }
    }
    if (rows.isEmpty()) {
      return new SessionList(List.of("no session is being traced"), problems);
    }
    rows.add(
        0,
        line("CLUSTER", "SLOT", "PID", "STATE", "LEVEL", "EVENTS", "LOST", "FILL", "TRACE FILE"));
    return new SessionList(rows, problems);
  }

  private static String row(SegmentReader segment, SlotReader slot, int state) {
    boolean paused = state == Layout.SLOT_ACTIVE && !slot.enabled();
    long unread = Math.max(0, slot.head() - slot.readPosition());
    return line(
        segment.cluster(),
        slot.index(),
        slot.pid(),
        paused ? "paused" : name(state),
        slot.level(),
        slot.events(),
        slot.lostFull() + slot.lostTooBig(),
        Math.min(100, unread * 100 / segment.ringSize()) + "%",
        slot.traceFile());
  }

  private static String name(int state) {
    return state >= 0 && state < STATES.length ? STATES[state] : "state " + state;
  }

  private static String line(Object... values) {
    return String.format(Locale.ROOT, "%-16s %4s %8s %-8s %5s %12s %10s %5s  %s", values)
        .stripTrailing();
  }
}
