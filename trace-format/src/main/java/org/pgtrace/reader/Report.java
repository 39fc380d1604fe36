package org.pgtrace.reader;

import org.pgtrace.reader.Diagnostic.Severity;

/** Counts what is read, and tells the visitor of what is not as it should be. */
final class Report {
  private final LineSource source;
  private final TraceVisitor visitor;
  private final String file;
  private long records;
  private long unknownLines;
  private long damages;
  private long infos;
  private long lostEvents;

  Report(LineSource source, TraceVisitor visitor, String file) {
    this.source = source;
    this.visitor = visitor;
    this.file = file;
  }

  /** A record was read. */
  void record() {
    records++;
  }

  /** A line belongs to no record. */
  void unknownLine() {
    unknownLines++;
  }

  /** A LOST line speaks of so many. */
  void lost(long events) {
    lostEvents += events;
  }

  /** Something is left out. */
  void damage(int index, String message) {
    damages++;
    tell(Severity.DAMAGE, index, message);
  }

  /** Something is not as it should be, and could be read. */
  void info(int index, String message) {
    infos++;
    tell(Severity.INFO, index, message);
  }

  private void tell(Severity severity, int index, String message) {
    visitor.diagnostic(
        new Diagnostic(severity, file, source.number(), source.offsetOf(index), message));
  }

  Tally tally() {
    return new Tally(
        source.number(),
        source.offset() + source.nextStart() - source.start(),
        records,
        unknownLines,
        damages,
        infos,
        lostEvents);
  }
}
