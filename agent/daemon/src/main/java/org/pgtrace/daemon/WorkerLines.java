package org.pgtrace.daemon;

import org.pgtrace.format.TraceBuffer;
import org.pgtrace.format.TraceForm;
import org.pgtrace.format.TraceWriter;

/** The lines of a parallel worker that go to a file of its own: in strict form. */
final class WorkerLines {
  private static final int INITIAL_BYTES = 8 * 1024;

  final TraceBuffer out = new TraceBuffer(INITIAL_BYTES);
  final KnownCursors known = new KnownCursors();
  TraceWriter writer = new TraceWriter(out, TraceForm.STRICT);
  private int safeLength;
  private long beginTim;

  /** As {@link SessionTranslator#safeLength}. */
  int safeLength() {
    return safeLength;
  }

  /** The first moment of the file's lines. */
  long beginTim() {
    return beginTim;
  }

  /** A record of this moment is written next. */
  void takes(long tim) {
    if (beginTim == 0) {
      beginTim = tim;
    }
  }

  void markSafe() {
    safeLength = out.length();
  }

  /** The lines are in the file. */
  void removeWritten() {
    safeLength -= out.length();
    out.clear();
  }

  /** The lines that follow go to another file. */
  void beginFile() {
    known.clear();
    writer = new TraceWriter(out, TraceForm.STRICT);
    safeLength = 0;
    beginTim = 0;
  }
}
