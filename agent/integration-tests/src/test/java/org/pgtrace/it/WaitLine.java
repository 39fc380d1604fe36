package org.pgtrace.it;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A WAIT line.
 *
 * @param cursor 0 for none
 * @param elapsedUs {@code ela}
 * @param parameters the three, as {@code file#=1 block#=2 blocks=3}
 * @param object {@code obj#}, -1 for none
 * @param more what the full form has after {@code tim}
 */
record WaitLine(
    long cursor, String name, long elapsedUs, String parameters, long object, String more) {
  private static final Pattern BLOCKS = Pattern.compile("file#=(\\d+) block#=(\\d+) blocks=(\\d+)");

  static List<WaitLine> of(Trace trace) {
    return trace.of(Trace.Kind.WAIT).stream().map(WaitLine::of).toList();
  }

  /** Those of a name. */
  static List<WaitLine> of(Trace trace, String name) {
    return of(trace).stream().filter(line -> line.name().equals(name)).toList();
  }

  private static WaitLine of(Trace.Entry entry) {
    String parameters =
        IntStream.rangeClosed(1, 3)
            .mapToObj(i -> entry.text("n" + i) + "=" + entry.text("p" + i))
            .collect(Collectors.joining(" "));
    return new WaitLine(
        entry.field("c"),
        entry.text("nam"),
        entry.field("ela"),
        parameters,
        entry.field("obj"),
        entry.text("more"));
  }

  /** Reads of data files of one statement. */
  static List<WaitLine> reads(Trace trace, long cursor) {
    return of(trace).stream()
        .filter(line -> line.cursor() == cursor)
        .filter(WaitLine::isBlockRead)
        .toList();
  }

  /** Whether it is a read of a data file. */
  boolean isBlockRead() {
    return name.matches("db file (sequential|scattered) read");
  }

  /** Block number in its relation, or -1 where the line is of no blocks. */
  long block() {
    return blockField(2);
  }

  /** How many blocks, or 0. */
  long blocks() {
    return Math.max(0, blockField(3));
  }

  private long blockField(int group) {
    Matcher matcher = BLOCKS.matcher(parameters);
    return matcher.matches() ? Long.parseLong(matcher.group(group)) : -1;
  }

  /** The value of one of the three parameters. */
  long parameter(int number) {
    String text = parameters;
    for (int i = 1; i < number; i++) {
      text = text.substring(text.indexOf(' ', text.indexOf('=')) + 1);
    }
    String value = text.substring(text.indexOf('=') + 1);
    int end = value.indexOf(' ');
    return Long.parseLong(end < 0 ? value : value.substring(0, end));
  }

  static long blocks(List<WaitLine> lines) {
    return lines.stream().mapToLong(WaitLine::blocks).sum();
  }

  static long elapsedUs(List<WaitLine> lines) {
    return lines.stream().mapToLong(WaitLine::elapsedUs).sum();
  }
}
