package org.pgtrace.diff;

import java.io.PrintWriter;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/** The blocks of a statement by relation, in both traces. */
final class ObjectsText {
  private static final int OBJECTS_MAX = 8;
  private static final ObjectReads NONE = new ObjectReads();

  private ObjectsText() {}

  static void write(StatementDiff statement, boolean hasHits, PrintWriter out) {
    List<String> names = changed(statement, hasHits);
    if (names.isEmpty()) {
      return;
    }
    out.println();
    out.printf(
        Locale.ROOT,
        "  %-56s %12s %12s%n",
        hasHits ? "blocks by object, hit and read" : "blocks by object, physical",
        "base",
        "new");
    for (String name : names.subList(0, Math.min(OBJECTS_MAX, names.size()))) {
      out.printf(
          Locale.ROOT,
          "    %-54s %,12d %,12d%n",
          PlainText.oneLine(name),
          blocks(statement.base(), name, hasHits),
          blocks(statement.next(), name, hasHits));
    }
    if (names.size() > OBJECTS_MAX) {
      out.println("    and " + Comparison.plural(names.size() - OBJECTS_MAX, "more object"));
    }
  }

  /** The relations whose blocks are not as many in both, the greatest change first. */
  static List<String> changed(StatementDiff statement, boolean hasHits) {
    Set<String> names = names(statement);
    names.removeIf(name -> change(statement, name, hasHits) == 0);
    return names.stream()
        .sorted(Comparator.comparingLong(name -> -change(statement, name, hasHits)))
        .toList();
  }

  static Set<String> names(StatementDiff statement) {
    Set<String> names = new TreeSet<>(statement.base().objects.keySet());
    names.addAll(statement.next().objects.keySet());
    return names;
  }

  private static long change(StatementDiff statement, String name, boolean hasHits) {
    return Math.abs(
        blocks(statement.next(), name, hasHits) - blocks(statement.base(), name, hasHits));
  }

  private static long blocks(StatementStats stats, String name, boolean hasHits) {
    ObjectReads reads = reads(stats, name);
    return hasHits ? reads.hit + reads.read : reads.read;
  }

  static ObjectReads reads(StatementStats stats, String name) {
    return stats.objects.getOrDefault(name, NONE);
  }
}
