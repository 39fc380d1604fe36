package org.pgtrace.convert;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.pgtrace.reader.TraceReader;

class StrictConverterTest {
  private static final Path TRACES = Path.of("src/test/resources/traces");

  /** What was written of each part, by the worker's number. */
  private static final class Written implements StrictOutputs {
    private final Map<Integer, ByteArrayOutputStream> parts = new TreeMap<>();

    @Override
    public OutputStream open(int worker) {
      ByteArrayOutputStream part = new ByteArrayOutputStream();
      assertThat(parts.put(worker, part)).isNull();
      return part;
    }

    @Override
    public String path(int worker) {
      return "/var/log/pg_trace/main_" + (worker == 0 ? "pg" : "p00" + (worker - 1)) + "_4711.trc";
    }

    String text(int worker) {
      return Objects.requireNonNull(parts.get(worker)).toString(ISO_8859_1);
    }
  }

  private static Written converted(String trace) throws IOException {
    Written written = new Written();
    try (StrictConverter converter = new StrictConverter(written)) {
      TraceReader.read(new ByteArrayInputStream(trace.getBytes(ISO_8859_1)), "trace", converter);
    }
    return written;
  }

  private static String trace(String name) throws IOException {
    return Files.readString(TRACES.resolve(name), ISO_8859_1);
  }

  private static void assertIs(String text, String name) throws IOException {
    Path expected = TRACES.resolve("strict").resolve(name);
    if (Boolean.getBoolean("golden.update")) {
      Files.writeString(expected, text, ISO_8859_1);
    }
    assertThat(text).isEqualTo(Files.readString(expected, ISO_8859_1));
  }

  @Test
  void each_line_is_one_of_oracle_s_or_left_out() throws IOException {
    Written written = converted(trace("full.trc"));
    assertThat(written.parts).containsOnlyKeys(0, 1);
    assertIs(written.text(0), "session.txt");
    assertIs(written.text(1), "worker.txt");
  }

  @Test
  void what_is_strict_stays_as_it_is() throws IOException {
    String strict = trace("strict.trc");
    assertThat(converted(strict).text(0)).isEqualTo(strict);
    String again = converted(trace("full.trc")).text(0);
    assertThat(converted(again).text(0)).isEqualTo(again);
  }

  @Test
  void a_trace_of_another_program_is_not_touched() throws IOException {
    Written written = new Written();
    try (StrictConverter converter = new StrictConverter(written)) {
      TraceReader.read(TRACES.resolve("oracle_19c.trc"), converter);
      assertThat(converter.isOfPgTrace()).isFalse();
    }
    assertThat(written.parts).isEmpty();
  }

  @Test
  void damage_is_counted_and_left_out() throws IOException {
    Written written = new Written();
    String damaged =
        trace("full.trc")
            .replace("XCTEND rlbk=0,", "XCTEND rlbk=,")
            .replace("c=50,e=60", "c=50,e=");
    try (StrictConverter converter = new StrictConverter(written)) {
      TraceReader.read(new ByteArrayInputStream(damaged.getBytes(UTF_8)), "trace", converter);
      assertThat(converter.damages()).isEqualTo(2);
    }
    assertThat(written.text(0)).doesNotContain("PARSE #101").contains("XCTEND rlbk=1");
  }
}
