package org.pgtrace.daemon;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.pgtrace.ring.Layout;
import org.pgtrace.ring.Requests;
import org.pgtrace.ring.Rule;
import org.pgtrace.ring.SegmentReader;
import org.pgtrace.ring.SlotReader;

/**
 * The traced sessions of all segments, and what is asked of them from outside, as tables.
 *
 * @param lines the tables, or a sentence where no session is traced
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
    List<String> rules = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    for (Path path : segments) {
      try (SegmentReader segment = SegmentReader.open(path, SegmentReader.Access.READ)) {
        for (SlotReader slot : segment.slots()) {
          int state = slot.state();
          if (state != Layout.SLOT_FREE) {
            rows.add(row(segment, slot, state));
          }
        }
        for (Rule rule : new Requests(segment).rules()) {
          rules.add(ruleLine(segment.cluster(), rule.describe(), rule.control().describe()));
        }
      } catch (IOException e) {
        problems.add("pgtrace: " + e.getMessage());
      }
    }
    List<String> lines = new ArrayList<>();
    if (rows.isEmpty()) {
      lines.add("no session is being traced");
    } else {
      lines.add(
          line(
              "CLUSTER",
              "SLOT",
              "PID",
              "STATE",
              "LEVEL",
              "EVENTS",
              "LOST",
              "FILL",
              "ASKED",
              "TRACE FILE"));
      lines.addAll(rows);
    }
    if (!rules.isEmpty()) {
      lines.add("");
      lines.add(ruleLine("CLUSTER", "SESSIONS OF", "ASKED"));
      lines.addAll(rules);
    }
    return new SessionList(lines, problems);
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
        slot.control().describe(),
        slot.traceFile());
  }

  private static String name(int state) {
    return state >= 0 && state < STATES.length ? STATES[state] : "state " + state;
  }

  private static String line(Object... values) {
    return String.format(Locale.ROOT, "%-16s %4s %8s %-8s %5s %12s %10s %5s  %-26s %s", values)
        .stripTrailing();
  }

  private static String ruleLine(String cluster, String sessions, String asked) {
    return String.format(Locale.ROOT, "%-16s %-40s %s", cluster, sessions, asked);
  }
}
