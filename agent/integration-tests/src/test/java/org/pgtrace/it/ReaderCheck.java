package org.pgtrace.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.pgtrace.format.TraceBuffer;
import org.pgtrace.reader.Diagnostic;
import org.pgtrace.reader.Tally;
import org.pgtrace.reader.TraceCopy;
import org.pgtrace.reader.TraceReader;

/**
 * Each trace that a test looks at is read by the program's own reader too, which has to know every
 * line of it, and what it has read is written again, byte for byte.
 */
final class ReaderCheck {
  private static final int CAPACITY = 1 << 20;

  private ReaderCheck() {}

  static void check(Path file) {
    TraceBuffer copy = new TraceBuffer(CAPACITY);
    List<Diagnostic> diagnostics = new ArrayList<>();
    byte[] bytes;
    Tally tally;
    try {
      bytes = Files.readAllBytes(file);
      tally =
          TraceReader.read(
              new ByteArrayInputStream(bytes),
              file.toString(),
              new TraceCopy(copy) {
                @Override
                public void diagnostic(Diagnostic diagnostic) {
                  diagnostics.add(diagnostic);
                }
              });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    assertThat(diagnostics).isEmpty();
    assertThat(tally.unknownLines()).as("unknown lines of %s", file).isZero();
    byte[] again = Arrays.copyOf(copy.array(), copy.length());
    int difference = Arrays.mismatch(bytes, again);
    if (difference >= 0) {
      assertThat(around(again, difference))
          .as(file.toString())
          .isEqualTo(around(bytes, difference));
    }
  }

  private static String around(byte[] bytes, int at) {
    int from = Math.max(0, at - 200);
    int to = Math.min(bytes.length, at + 200);
    return new String(bytes, from, Math.max(0, to - from), ISO_8859_1);
  }
}
