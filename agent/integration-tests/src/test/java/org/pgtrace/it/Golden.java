package org.pgtrace.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.pgtrace.it.Trace.Entry;
import org.pgtrace.it.Trace.Kind;

/**
 * Golden files: a trace without what differs from run to run. Kept are the order of lines, cursor
 * numbers, depths, rows, plan hashes, texts and their hashes, costs, and the buffers of executions.
 * Masked are times, process ids, OIDs that the server gave, and buffers where catalogs are read.
 * Waits are left out: how often and for what a session waits differs too.
 */
final class Golden {
  private static final boolean UPDATE = Boolean.getBoolean("golden.update");
  private static final int FIRST_NORMAL_OID = 16384;

  /** Statements that put rows into a table which they make themselves. */
  private static final Pattern CREATES = Pattern.compile("CREATE |REFRESH ");

  private static final Pattern OID = Pattern.compile("\\b(obj#?|file#)=(\\d+)");

  private Golden() {}

  /** Compares a trace with its golden file, or writes that file. */
  static void compare(Platform platform, Trace trace, String name) {
    compare(platform, masked(trace), name);
  }

  /** The same for what ran with cold caches: all buffers of calls and nodes are masked. */
  static void compareCold(Platform platform, Trace trace, String name) {
    compare(
        platform,
        masked(trace)
            .replaceAll("\\b(p|cr|cu|pr|pw|hit|read)=\\d+", "$1=?")
            .replaceAll("(?m)^ +Buffers: .*\n", ""),
        name);
  }

  private static void compare(Platform platform, String actual, String name) {
    List<MajorDifference> differences = MajorDifference.of(platform.major(), name);
    Path file = file(name, differences);
    try {
      if (UPDATE) {
        Files.writeString(file, actual, UTF_8);
        return;
      }
      firstDifference(
              blurred(Files.readString(file, UTF_8), differences), blurred(actual, differences))
          .ifPresent(
              difference -> {
                throw new AssertionError("trace of " + name + ", " + file + difference);
              });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path file(String name, List<MajorDifference> differences) {
    String suffix =
        differences.stream()
            .filter(MajorDifference::hasOwnFile)
            .map(d -> "." + d.name().toLowerCase(Locale.ROOT))
            .findAny()
            .orElse("");
    return Sources.resource("golden/" + name + suffix + ".trc");
  }

  private static List<String> blurred(String trace, List<MajorDifference> differences) {
    String text = trace;
    for (MajorDifference difference : differences) {
      text = difference.blur(text);
    }
    return text.lines().toList();
  }

  private static Optional<String> firstDifference(List<String> expected, List<String> actual) {
    int at = 0;
    while (at < expected.size() && at < actual.size() && expected.get(at).equals(actual.get(at))) {
      at++;
    }
    if (at == expected.size() && at == actual.size()) {
      return Optional.empty();
    }
    return Optional.of(
        String.format(
            "%nline %d%nexpected:%n%s%nbut was:%n%s%n",
            at + 1, excerpt(expected, at), excerpt(actual, at)));
  }

  private static String excerpt(List<String> lines, int at) {
    return lines.stream().skip(at).limit(4).collect(Collectors.joining("\n"));
  }

  /** The trace's lines after its head, without stamps. */
  static String masked(Trace trace) {
    List<String> lines = new ArrayList<>();
    boolean inHead = true;
    for (Entry entry : trace.entries()) {
      boolean head =
          entry.kind() == Kind.HEAD
              || entry.kind() == Kind.KEY
              || entry.kind() == Kind.EMPTY
              || entry.kind() == Kind.STAMP;
      if ((inHead && head) || dependsOnTheRun(entry)) {
        continue;
      }
      inHead = false;
      if (entry.kind() != Kind.STAMP && entry.kind() != Kind.EMPTY) {
        lines.add(mask(trace, entry));
        entry.more().stream().map(Golden::utf8).forEach(lines::add);
        if (entry.kind() == Kind.PARSING) {
          lines.add("END OF STMT");
        }
      }
    }
    return lines.stream().map(line -> line + "\n").collect(Collectors.joining());
  }

  /** Whether another run may have the line or not. */
  private static boolean dependsOnTheRun(Entry entry) {
    return switch (entry.kind()) {
      case WAIT, OBJECT -> true;
      case OS -> entry.text("src").equals("proc");
      case PLAN_LINE -> entry.line().stripLeading().startsWith("Waits: ");
      default -> false;
    };
  }

  private static String utf8(String latin) {
    return new String(latin.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1), UTF_8);
  }

  private static String mask(Trace trace, Entry entry) {
    String line = utf8(entry.line());
    return switch (entry.kind()) {
      case KEY -> line.replaceAll("\\) \\d{4}-.*", ") ?");
      case LOST -> line.replaceAll("\\d+", "?");
      case CALL -> call(trace, entry, line);
      case CLOSE -> line.replaceAll("([:,])(c|e|tim)=-?\\d+", "$1$2=?");
      case SUMMARY -> summary(trace, entry, line);
      case OS -> line.replaceAll("=\\d+", "=?");
      case HIT -> oids(line.replaceAll(" tim=\\d+", " tim=?"));
      case STAT -> oids(line.replaceAll(" time=\\d+ us", " time=? us"));
      case PLAN_LINE -> planLine(line);
      default -> line.replaceAll("tim=\\d+", "tim=?");
    };
  }

  private static String call(Trace trace, Entry entry, String line) {
    String masked = line.replaceAll("([:,])(c|e|tim)=-?\\d+", "$1$2=?");
    return entry.text("call").equals("PARSE") || readsCatalogs(trace, entry)
        ? masked.replaceAll(",(p|cr|cu)=\\d+", ",$1=?")
        : masked;
  }

  /** Blocks as in the lines of the execution's calls. */
  private static String summary(Trace trace, Entry entry, String line) {
    String masked =
        line.replaceAll("([:,])(e|c|waits|unaccounted|disk|cache|think|tim)=-?\\d+", "$1$2=?");
    boolean isOfCatalogs =
        trace.entries().stream()
            .limit(trace.entries().indexOf(entry))
            .filter(e -> e.kind() == Kind.CALL && e.text("call").equals("EXEC"))
            .filter(e -> e.field("c") == entry.field("c"))
            .reduce((first, second) -> second)
            .map(exec -> readsCatalogs(trace, exec))
            .orElse(true);
    return isOfCatalogs ? masked.replaceAll(",(cr|hit|read)=\\d+", ",$1=?") : masked;
  }

  /** Whether the call is a utility command's, or one that makes its table. */
  private static boolean readsCatalogs(Trace trace, Entry call) {
    return call.field("plh") == 0
        || CREATES.matcher(trace.statementOf(call.field("c"))).lookingAt();
  }

  private static String oids(String line) {
    return OID.matcher(line)
        .replaceAll(
            m -> Long.parseLong(m.group(2)) < FIRST_NORMAL_OID ? m.group() : m.group(1) + "=?");
  }

  private static String planLine(String line) {
    return line.replaceAll("(time=|self=|First row: )(~?)\\d+us", "$1$2?us")
        .replaceAll("bytes=\\d+", "bytes=?");
  }
}
