package org.pgtrace.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pgtrace.format.TraceBuffer;
import org.pgtrace.format.TraceForm;
import org.pgtrace.format.TraceWriter;

class CursorTextsTest {
  private final TraceBuffer out = new TraceBuffer(1024);
  private final TraceWriter writer = new TraceWriter(out, TraceForm.FULL);
  private final CursorTexts texts = new CursorTexts();

  @BeforeEach
  void beginFile() {
    texts.beginFile();
  }

  @Test
  void the_texts_used_longest_ago_are_dropped_first() {
    int length = CursorTexts.BYTES_MAX / 4;
    for (int cursor = 101; cursor <= 104; cursor++) {
      put(cursor, "x".repeat(length));
    }
    assertThat(knows(101)).isTrue();
    put(105, "x".repeat(length));

    texts.beginFile();
    assertThat(knows(101)).isTrue();
    assertThat(knows(102)).isFalse();
    assertThat(texts.takeMissing()).isTrue();
    assertThat(texts.takeMissing()).isFalse();
    assertThat(knows(103)).isTrue();
    assertThat(knows(105)).isTrue();
  }

  @Test
  void a_text_over_the_limit_is_not_kept() {
    put(101, "select 1");
    put(102, "x".repeat(CursorTexts.BYTES_MAX + 1));

    assertThat(knows(101)).isTrue();
    assertThat(knows(102)).isFalse();
  }

  @Test
  void many_cursors_keep_the_last_ones() {
    int last = 100_000;
    for (int cursor = 101; cursor <= last; cursor++) {
      put(cursor, "select " + cursor);
    }

    assertThat(knows(101)).isFalse();
    for (int cursor = last - 4000; cursor <= last; cursor++) {
      out.clear();
      texts.introduce(cursor, 0, writer);
      assertThat(written()).contains("\nselect " + cursor + "\nEND OF STMT\n");
    }
  }

  @Test
  void cursors_of_the_same_place_are_both_introduced() {
    int other = 101 + (1 << 13);
    put(101, "select 1");
    put(other, "select 2");

    assertThat(knows(101)).isTrue();
    assertThat(knows(other)).isTrue();
    assertThat(written()).contains("select 2");
    assertThat(knows(other)).as("written again").isFalse();
  }

  @Test
  void any_number_is_a_cursor() {
    put(-1, "select 1");
    put(Integer.MAX_VALUE, "select 2");

    assertThat(knows(-1)).isTrue();
    assertThat(knows(Integer.MAX_VALUE)).isTrue();
    assertThat(knows(Integer.MIN_VALUE)).isFalse();
  }

  /** Whether the text is written at the cursor's next line. */
  private boolean knows(int cursor) {
    out.clear();
    texts.introduce(cursor, 0, writer);
    return written().contains("PARSING IN CURSOR #" + cursor + " ");
  }

  private String written() {
    return new String(out.array(), 0, out.length(), StandardCharsets.UTF_8);
  }

  private void put(int cursor, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    texts.put(cursor, bytes, bytes.length, 0, 10, 3, 10, 0);
  }
}
