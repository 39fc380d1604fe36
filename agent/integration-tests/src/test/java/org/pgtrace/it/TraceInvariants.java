package org.pgtrace.it;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.pgtrace.it.Trace.Entry;
import org.pgtrace.it.Trace.Kind;

/** What holds for every trace file, whatever was traced. */
final class TraceInvariants {
  /** Starts and ends are rounded to microseconds each. */
  private static final long ROUNDING_US = 1;

  /** A line of several processes' comes as late as its writer was kept from writing it. */
  private static final long LATE_US = 20_000;

  /** The clocks of CPU and of time are read one after the other, at each wait. */
  private static final long CLOCKS_US = 10;

  private static final long CLOCKS_PART = 1000;

  private static final Pattern SPAN =
      Pattern.compile("(?<first>\\d{1,10})(-(?<last>\\d{1,10}))?|~\\d{1,10}|\\?");

  private final Set<Long> cursors = new HashSet<>();

  /** The session itself, and each of its parallel workers by number. */
  private final Map<String, Traced> processes = new HashMap<>();

  private final List<String> problems = new ArrayList<>();
  private long lastTim;
  private int lastStat;
  private boolean separated;
  private boolean gap;
  private boolean beganInside;

  private final long late;
  private final boolean isOfWorker;

  /** What one process has done. */
  private static final class Traced {
    private final List<Entry> children = new ArrayList<>();
    private long lastWaitEnd;
  }

  private TraceInvariants(Trace trace) {
    boolean workers = trace.entries().stream().anyMatch(Trace.Entry::isOfWorker);
    isOfWorker = trace.file().getFileName().toString().matches(".+_p\\d{3}_\\d+.*\\.trc");
    late = workers || isOfWorker ? LATE_US : ROUNDING_US;
  }

  /** Fails with all that is wrong. */
  static void check(Trace trace) {
    List<String> problems = new TraceInvariants(trace).problems(trace);
    if (!problems.isEmpty()) {
      throw new AssertionError(
          trace.file()
              + ":\n"
              + String.join("\n", problems.subList(0, Math.min(20, problems.size()))));
    }
  }

  private List<String> problems(Trace trace) {
    for (Entry entry : trace.entries()) {
      timNeverDecreases(entry);
      statementsAreSeparated(entry);
      switch (entry.kind()) {
        case PARSING, PARSE_ERROR -> cursors.add(entry.field("c"));
        case CALL, CLOSE -> {
          known(entry);
          call(entry);
        }
        case BINDS, PLAN -> known(entry);
        case ERROR -> knownUnlessNone(entry);
        case WAIT -> {
          knownUnlessNone(entry);
          waited(entry);
        }
        case HIT -> {
          knownUnlessNone(entry);
          hit(entry);
        }
        case SUMMARY -> {
          knownUnlessNone(entry);
          summary(entry);
        }
        case OS, KERNEL_SUM, SYSCALL -> knownUnlessNone(entry);
        case STAT -> {
          known(entry);
          stat(entry);
        }
        case LOST -> gap = true;
        case KEY -> beganInside = beganInside || entry.line().startsWith("*** SESSION ");
        default -> {}
      }
    }
    return problems;
  }

  private void problem(Entry entry, String what) {
    problems.add("line " + entry.number() + ": " + what + ": " + entry.line());
  }

  private void timNeverDecreases(Entry entry) {
    long tim = entry.tim().orElse(lastTim);
    if (tim < lastTim) {
      problem(entry, "tim is " + (lastTim - tim) + " us before that of the line above");
    }
    lastTim = Math.max(tim, lastTim);
  }

  private void statementsAreSeparated(Entry entry) {
    boolean needs = entry.kind() == Kind.PARSING || entry.kind() == Kind.PARSE_ERROR;
    if (needs != separated) {
      problem(entry, "a separator and a statement belong together");
    }
    separated = entry.kind() == Kind.SEPARATOR;
  }

  private void known(Entry entry) {
    // Where events are missing, the text may be one of them.
    if (!gap && !cursors.contains(entry.field("c"))) {
      problem(entry, "no PARSING IN CURSOR before");
    }
  }

  private void knownUnlessNone(Entry entry) {
    if (entry.field("c") != 0) {
      known(entry);
    }
  }

  private Traced processOf(Entry entry) {
    return processes.computeIfAbsent(entry.worker(), number -> new Traced());
  }

  /** A process waits for one thing at a time, while others read for it. */
  private void waited(Entry entry) {
    String by = entry.text("by");
    if (by != null && by.startsWith("io")) {
      return;
    }
    Traced process = processOf(entry);
    long start = entry.field("tim") - entry.field("ela");
    if (start < process.lastWaitEnd - late) {
      problem(entry, "begins before the wait above has ended");
    }
    process.lastWaitEnd = entry.field("tim");
    if (entry.text("cpu") != null && entry.field("cpu") > entry.field("ela")) {
      problem(entry, "cpu is more than ela");
    }
  }

  /** A relation that has a name has a number. */
  private void hit(Entry entry) {
    if ((entry.text("rel") != null) != (entry.field("obj") >= 0)) {
      problem(entry, "obj# and rel belong together");
    }
    for (String span : entry.text("blocks").split(",", -1)) {
      if (!isSpan(span)) {
        problem(entry, "not a span of blocks: " + span);
      }
    }
  }

  /** A block, or two of which the first comes first. */
  private static boolean isSpan(String text) {
    Matcher matcher = SPAN.matcher(text);
    return matcher.matches()
        && (matcher.group("last") == null
            || Long.parseLong(matcher.group("first")) < Long.parseLong(matcher.group("last")));
  }

  /** Each microsecond is counted once, and each block that was read has a place it came from. */
  private void summary(Entry entry) {
    long elapsed = entry.field("e");
    long cpu = entry.field("cpu");
    long waits = entry.field("waits");
    if (elapsed != cpu + waits + entry.field("unaccounted")) {
      problem(entry, "e is not c + waits + unaccounted");
    }
    if (entry.field("cr") != entry.field("hit") + entry.field("read")) {
      problem(entry, "cr is not hit + read");
    }
    if (cpu > elapsed + ROUNDING_US) {
      problem(entry, "c is more than e");
    }
    if (entry.field("unaccounted") < -(CLOCKS_US + elapsed / CLOCKS_PART)) {
      problem(entry, "more is accounted for than passed");
    }
    if (entry.field("disk") + entry.field("cache") > entry.field("read")) {
      problem(entry, "more blocks came from disk and cache than were read");
    }
    boolean hasThink = entry.text("think") != null;
    if (hasThink != (entry.field("c") == 0)) {
      problem(entry, "think is the session's, and only the session's");
    }
    if (hasThink && entry.field("think") > waits) {
      problem(entry, "think is more than waits");
    }
  }

  private void call(Entry entry) {
    List<Entry> children = processOf(entry).children;
    long elapsed = entry.field("e");
    if (elapsed < 0) {
      problem(entry, "e is negative");
    }
    if (entry.field("cpu") < 0) {
      problem(entry, "c is negative");
    }
    if (entry.field("cpu") > elapsed + ROUNDING_US) {
      problem(entry, "c is more than e");
    }
    long depth = entry.field("dep");
    long start = entry.field("tim") - elapsed;
    long childrenUs = 0;
    for (Entry child : children) {
      if (child.field("dep") == depth + 1) {
        // Tracing began inside of a call, which is not in the trace.
        boolean orphan = beganInside && child.field("tim") <= start + late;
        if (!orphan) {
          childrenUs += child.field("e");
        }
        if (!orphan && child.field("tim") - child.field("e") < start - late) {
          problem(entry, "begins after the call inside of it in line " + child.number());
        }
      } else if (child.field("dep") > depth + 1 && !gap && !entry.isOfWorker()) {
        problem(child, "no call of one level less contains it");
      }
    }
    if (childrenUs > elapsed + ROUNDING_US * (children.size() + 1L)) {
      problem(entry, "the calls inside of it took " + childrenUs + " us");
    }
    beganInside &= depth > 0;
    children.removeIf(child -> child.field("dep") > depth);
    children.add(entry);
    if (depth == 0) {
      children.clear();
    }
  }

  private void stat(Entry entry) {
    int id = (int) entry.field("id");
    long parent = entry.field("pid");
    // In a file of its own a parallel worker's part begins in the middle of the plan.
    boolean isRoot = isOfWorker ? parent == 0 : id == 1;
    int expected = isRoot ? id : lastStat + 1;
    if (id != expected && !gap) {
      problem(entry, "id is not " + expected);
    }
    lastStat = id;
    if (parent >= id || isRoot != (parent == 0)) {
      problem(entry, "no such parent");
    }
  }
}
