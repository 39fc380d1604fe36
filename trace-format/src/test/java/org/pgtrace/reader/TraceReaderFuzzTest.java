package org.pgtrace.reader;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import org.pgtrace.format.TraceBuffer;

/**
 * Anything at all may be called a trace. An ordinary run tries the inputs that were found once, in
 * the folder {@code TraceReaderFuzzTestInputs}; {@code JAZZER_FUZZ=1 mvn test -pl trace-format
 * -Dtest=TraceReaderFuzzTest} looks for new ones.
 */
class TraceReaderFuzzTest {
  private static final int RECORD_MAX = 1 << 12;

  /** Nothing is thrown, all bytes are read, and the size of reads makes no difference. */
  @FuzzTest(maxDuration = "10m")
  void any_bytes_can_be_read(byte[] trace) throws IOException {
    List<String> whole = RecordDump.of(trace, TraceReader.READ_SIZE, RECORD_MAX).lines();
    List<String> inPieces = RecordDump.of(trace, 3, RECORD_MAX).lines();
    assertThat(whole.get(whole.size() - 1)).contains("bytes=" + trace.length + ",");
    assertThat(inPieces).isEqualTo(whole);
  }

  /** What was understood can be written. */
  @FuzzTest(maxDuration = "10m")
  void what_was_read_can_be_written(byte[] trace) throws IOException {
    TraceBuffer out = new TraceBuffer(trace.length);
    Tally tally = TraceReader.read(new ByteArrayInputStream(trace), "trace", new TraceCopy(out));
    assertThat(tally.bytes()).isEqualTo(trace.length);
  }
}
