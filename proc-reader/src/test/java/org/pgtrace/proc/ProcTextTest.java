package org.pgtrace.proc;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProcTextTest {
  private static final byte[] SECOND = ProcText.key("second:");

  @Test
  void reads_numbers_of_a_line() {
    ProcText text = text("1 -22\t0\n4\n");

    assertThat(text.number()).isEqualTo(1);
    assertThat(text.number()).isEqualTo(-22);
    assertThat(text.number()).isZero();
    assertThat(text.hasMore()).isFalse();
    assertThat(text.isUnderstood()).isTrue();
    text.number();
    assertThat(text.isUnderstood()).as("the next line is another one").isFalse();
  }

  @Test
  void a_number_that_does_not_fit_is_the_largest_that_does() {
    ProcText text = text("9223372036854775807 9223372036854775808 18446744073709551615 -99e\n");

    assertThat(text.number()).isEqualTo(Long.MAX_VALUE);
    assertThat(text.number()).isEqualTo(Long.MAX_VALUE);
    assertThat(text.number()).isEqualTo(Long.MAX_VALUE);
    assertThat(text.isUnderstood()).isTrue();
    text.number();
    assertThat(text.isUnderstood()).isFalse();
  }

  @Test
  void what_is_no_number_is_not_understood() {
    for (String word : new String[] {"", "x", "-", "1x", "--1", "+1", "1.5"}) {
      ProcText text = text(word + "\n");
      text.number();
      assertThat(text.isUnderstood()).as(word).isFalse();
    }
  }

  @Test
  void a_text_that_ends_within_a_line_is_cut_off() {
    ProcText text = text("12");

    assertThat(text.number()).isEqualTo(12);
    assertThat(text.isUnderstood()).isFalse();
  }

  @Test
  void a_line_is_found_by_its_beginning_wherever_it_is() {
    ProcText text = text("a second: 1\nsecond: 2\nthird: 3\n");

    assertThat(text.numberOf(SECOND)).isEqualTo(2);
    assertThat(text.numberOf(ProcText.key("third:"))).isEqualTo(3);
    assertThat(text.numberOf(SECOND)).as("before").isEqualTo(2);
    assertThat(text.isUnderstood()).isTrue();
    assertThat(text.seekLine(ProcText.key("fourth:"))).isFalse();
    assertThat(text.isUnderstood()).isTrue();
    text.line(ProcText.key("third: 33"));
    assertThat(text.isUnderstood()).isFalse();
  }

  @Test
  void a_word_is_found_in_its_own_line_only() {
    ProcText text = text("a=1 b=2\nc=3\n");

    assertThat(text.seekInLine(ProcText.key("b="))).isTrue();
    assertThat(text.number()).isEqualTo(2);
    assertThat(text.seekInLine(ProcText.key("c="))).isFalse();
    text.nextLine();
    assertThat(text.seekInLine(ProcText.key("c="))).isTrue();
    text.nextLine();
    assertThat(text.isAtEnd()).isTrue();
    text.nextLine();
    assertThat(text.seekLine(ProcText.key("c="))).isTrue();
  }

  private static ProcText text(String text) {
    return ProcText.of(text.getBytes(US_ASCII));
  }
}
