package org.pgtrace.it;

import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.pgtrace.it.Trace.Entry;
import org.pgtrace.it.Trace.Kind;

/** What HIT lines say, and what the server has counted. */
final class Hits {
  private static final String UNKNOWN = "?";

  private Hits() {}

  /** The blocks of a line, in order; -1 for one that is not known. */
  static LongStream blocks(Entry hit) {
    return spans(hit).flatMapToLong(Hits::blocks);
  }

  static Stream<String> spans(Entry hit) {
    return Stream.of(hit.text("blocks").split(",", -1));
  }

  static LongStream blocks(String span) {
    int dash = span.indexOf('-');
    if (span.equals(UNKNOWN)) {
      return LongStream.of(-1);
    }
    return dash < 0
        ? LongStream.of(Long.parseLong(span.replace("~", "")))
        : LongStream.rangeClosed(
            Long.parseLong(span.substring(0, dash)), Long.parseLong(span.substring(dash + 1)));
  }

  /** Is the block a guess, or not known at all? */
  static boolean isGuess(String span) {
    return span.startsWith("~") || span.equals(UNKNOWN);
  }

  /** Hits in lines of statements, all of them. */
  static long inStatements(Trace trace) {
    return trace.of(Kind.HIT).stream()
        .filter(hit -> hit.field("c") != 0)
        .mapToLong(hit -> blocks(hit).count())
        .sum();
  }

  /** Hits that the server counted in the client's own statements, which contain all others. */
  static long counted(Trace trace) {
    return trace.of(Kind.CALL).stream()
        .filter(call -> call.field("dep") == 0)
        .mapToLong(call -> call.field("cr") - call.field("p"))
        .sum();
  }
}
