package org.pgtrace.it;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a newer PostgreSQL does differently, so that one golden file cannot stand for all majors.
 * There are no other differences between the traces of the golden scripts.
 */
enum MajorDifference {
  /** An external sort writes other blocks of its tapes. */
  SORT_TAPES(
      17,
      "temporary",
      "\\b(p|pr|pw)=\\d+|temp read=\\d+ written=\\d+|temp written=\\d+|Disk: \\d+kB",
      "?"),

  /** VACUUM takes a transaction id, and has not only read then. */
  VACUUM_TRANSACTION(17, "temporary", " rd_only=\\d", " rd_only=?"),

  /** A hash join takes more memory rather than many small files. */
  HASH_JOIN_BATCHES(
      18, "temporary", "Buckets: \\d+  Batches: \\d+  Memory Usage: \\d+kB", "Buckets: ?"),

  /** A hash aggregate asks for its memory in larger steps. */
  HASH_AGGREGATE_MEMORY(18, ".*", "(?m)^( +Batches: \\d+  Memory Usage: )\\d+kB", "$1?kB"),

  /** Index scans are estimated to be cheaper. */
  INDEX_COSTS(19, ".*", " cost=\\d+", " cost=?"),

  /** A row is sought in the table that a foreign key refers to without a statement of SQL. */
  FOREIGN_KEYS_WITHOUT_SQL(19, "foreign_key", "", "");

  private final int since;
  private final Pattern files;
  private final Pattern pattern;
  private final String replacement;

  /**
   * @param since the first major that differs
   * @param files names of the golden files in which it is seen
   * @param pattern what is not compared; empty: these majors have a golden file of their own, with
   *     the difference's name in the file's
   * @param replacement what stands there instead, on both sides
   */
  MajorDifference(int since, String files, String pattern, String replacement) {
    this.since = since;
    this.files = Pattern.compile(files);
    this.pattern = Pattern.compile(pattern);
    this.replacement = replacement;
  }

  /** Those that this major shows in the golden file. */
  static List<MajorDifference> of(SupportedMajor major, String file) {
    return Stream.of(values())
        .filter(d -> major.number() >= d.since && d.files.matcher(file).matches())
        .toList();
  }

  boolean hasOwnFile() {
    return pattern.pattern().isEmpty();
  }

  String blur(String trace) {
    return hasOwnFile() ? trace : pattern.matcher(trace).replaceAll(replacement);
  }
}
