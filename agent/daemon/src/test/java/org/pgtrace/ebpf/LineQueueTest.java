package org.pgtrace.ebpf;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LineQueueTest {
  private final LineQueue queue = new LineQueue(4);
  private final long[] line = new long[ProbeLines.WIDTH];

  private boolean offer(long number, String text) {
    line[ProbeLines.NUMBER] = number;
    return queue.offer(line, text);
  }

  @Test
  void what_finds_no_room_is_counted() {
    for (int i = 0; i < 4; i++) {
      assertThat(offer(i, "")).isTrue();
    }
    assertThat(offer(4, "")).isFalse();
    assertThat(offer(5, "")).isFalse();
    assertThat(queue.refused()).isEqualTo(2);
    assertThat(queue.poll(line)).isEmpty();
    assertThat(line[ProbeLines.NUMBER]).isZero();
    assertThat(offer(6, "")).isTrue();
  }

  @Test
  void lines_come_in_order_with_their_text() {
    for (int i = 0; i < 1000; i++) {
      offer(2L * i, "");
      offer(2L * i + 1, "text " + i);
      assertThat(queue.poll(line)).isEmpty();
      assertThat(line[ProbeLines.NUMBER]).isEqualTo(2L * i);
      assertThat(queue.poll(line)).isEqualTo("text " + i);
      assertThat(line[ProbeLines.NUMBER]).isEqualTo(2L * i + 1);
      assertThat(queue.poll(line)).isNull();
    }
  }
}
