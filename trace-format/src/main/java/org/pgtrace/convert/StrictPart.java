package org.pgtrace.convert;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.Set;
import org.pgtrace.format.TraceBuffer;
import org.pgtrace.format.TraceForm;
import org.pgtrace.format.TraceWriter;

/** The lines of a session, or of one of its parallel workers, on their way to a file. */
final class StrictPart {
  private static final int BATCH = 1 << 16;

  private final OutputStream stream;
  private final TraceBuffer out = new TraceBuffer(2 * BATCH);
  private final Set<Long> introduced = new HashSet<>();

  final TraceWriter writer = new TraceWriter(out, TraceForm.STRICT);

  StrictPart(OutputStream stream) {
    this.stream = stream;
  }

  /** Whether the text of a cursor is there already; from now on it is. */
  boolean introduce(long cursor) {
    return introduced.add(cursor);
  }

  /** Another text has come for that cursor. */
  void forget(long cursor) {
    introduced.remove(cursor);
  }

  /** An empty line. */
  void blank() {
    out.put('\n');
  }

  /** Takes lines away now and then. */
  void flushIfFull() {
    if (out.length() >= BATCH) {
      flush();
    }
  }

  void flush() {
    try {
      stream.write(out.array(), 0, out.length());
      out.clear();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void close() throws IOException {
    flush();
    stream.close();
  }
}
