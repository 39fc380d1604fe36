package org.pgtrace.ebpf;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each with reads of several sizes. */
class ProbeLinesTest implements ProbeLines.Sink {
  private static final String RECORDED =
      """
      Attaching 52 probes...
      R 48454000000000
      F 1 13523 48456980122144 3 4294967196 /tmp/a file
      I 2 13523 48456980902231 48456980681624 144115200961576960 0 819200 0 0
      B 13523 48456981424035 48456981073125 48456981009190 266338304 83105792 819200 WS
      O 3 13523 48456981498235 48456981110741 48456981444245 2
      I 8 13523 48456981858940 48456981737831 72057606922838016 409600 -22 1099511635968 281474976775081
      D 12 13523 48456982127050 3 4
      C 13 13523 48456982127058 3
      Y 13 13523 48457580208720
      X 14 13523 48457087767528
      Lost 11862 events
      T 48457660704026


      @io_at[0]: 0
      """;

  private final List<String> heard = new ArrayList<>();
  private final ProbeLines lines = new ProbeLines(this);

  @Override
  public void line(long[] line, String text) {
    int length = line.length;
    while (line[length - 1] == 0) {
      length--;
    }
    heard.add(
        (char) line[ProbeLines.KIND]
            + Arrays.stream(line, 1, length).mapToObj(n -> " " + n).collect(Collectors.joining())
            + (text.isEmpty() ? "" : " " + text));
  }

  @Override
  public void lost(long lost) {
    heard.add("lost " + lost);
  }

  @Override
  public void damaged(String line) {
    heard.add("damaged " + line);
  }

  private void feed(String text, int size) {
    byte[] bytes = text.getBytes(UTF_8);
    byte[] buffer = new byte[size];
    for (int at = 0; at < bytes.length; at += size) {
      int length = Math.min(size, bytes.length - at);
      System.arraycopy(bytes, at, buffer, 0, length);
      lines.feed(buffer, length);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 4096})
  void what_bpftrace_has_said(int size) {
    feed(RECORDED, size);
    lines.finish();
    assertThat(heard)
        .containsExactly(
            "R 48454000000000",
            "F 1 13523 48456980122144 3 4294967196 /tmp/a file",
            "I 2 13523 48456980902231 48456980681624 144115200961576960 0 819200",
            "B 13523 48456981424035 48456981073125 48456981009190 266338304 83105792 819200 WS",
            "O 3 13523 48456981498235 48456981110741 48456981444245 2",
            "I 8 13523 48456981858940 48456981737831 72057606922838016 409600 -22 1099511635968"
                + " 281474976775081",
            "D 12 13523 48456982127050 3 4",
            "C 13 13523 48456982127058 3",
            "Y 13 13523 48457580208720",
            "X 14 13523 48457087767528",
            "lost 11862",
            "T 48457660704026");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 4096})
  void what_is_no_line_is_told_and_the_next_one_is_read(int size) {
    List<String> damaged =
        List.of(
            "Z 1",
            "T",
            "T ",
            "T x",
            "T 1 ",
            "T 1 2",
            "T  1",
            "T -",
            "T 99999999999999999999",
            "T 9999999999999999999",
            "I 2 13523 48456980902231 48456980681624 0 0 819200 0 0",
            "I 2 13523 48456980902231 48456980681624 1080863910568919040 0 819200 0 0",
            "I 2 13523 48456980902231",
            "F 1 2 3 4 5",
            "Lost x events",
            "nonsense",
            "x".repeat(4096));
    for (String line : damaged) {
      feed(line + "\nT 7\n", size);
      assertThat(heard).containsExactly("damaged " + line, "T 7");
      heard.clear();
    }
    feed("x".repeat(5000) + "\nT 7\n", size);
    assertThat(heard).hasSize(2).endsWith("T 7");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 4096})
  void a_line_that_is_cut_off_is_told(int size) {
    feed("T 7\nT 8", size);
    assertThat(heard).containsExactly("T 7");
    lines.finish();
    assertThat(heard).containsExactly("T 7", "damaged T 8");
  }
}
