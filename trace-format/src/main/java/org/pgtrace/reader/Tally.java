package org.pgtrace.reader;

/**
 * What reading a trace came to.
 *
 * @param lines of the file
 * @param bytes of the file
 * @param records that could be read
 * @param unknownLines that belong to no record: text of other programs, and damaged lines
 * @param damages diagnostics of {@link Diagnostic.Severity#DAMAGE}
 * @param infos diagnostics of {@link Diagnostic.Severity#INFO}
 * @param lostEvents that LOST lines speak of
 */
public record Tally(
    long lines,
    long bytes,
    long records,
    long unknownLines,
    long damages,
    long infos,
    long lostEvents) {
  /** Whether anything of it was a trace. */
  public boolean isTrace() {
    return records > 0;
  }
}
