package org.pgtrace.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TraceBufferTest {
  private static final int ROUNDS = 20_000;

  private final TraceBuffer buffer = new TraceBuffer(0);

  @ParameterizedTest
  @ValueSource(
      longs = {0, 9, 10, 99, 100, -1, -10, Integer.MAX_VALUE, Long.MAX_VALUE, Long.MIN_VALUE})
  void formatsLimitsAsTheJdkDoes(long v) {
    assertThat(decimal(v)).isEqualTo(String.valueOf(v));
    assertThat(unsigned(v)).isEqualTo(Long.toUnsignedString(v));
    assertThat(hex(v)).isEqualTo(Long.toHexString(v));
  }

  @Test
  void formatsEachPowerOfTenAndItsNeighbours() {
    long power = 1;
    for (int i = 0; i < 19; i++, power *= 10) {
      for (long v = power - 1; v <= power + 1; v++) {
        assertThat(decimal(v)).isEqualTo(String.valueOf(v));
      }
    }
  }

  @Test
  void formatsRandomNumbersOfEachMagnitudeAsTheJdkDoes() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < ROUNDS; i++) {
      long v = random.nextLong() >> random.nextInt(Long.SIZE);
      assertThat(decimal(v)).as("seed %d", seed).isEqualTo(String.valueOf(v));
      assertThat(unsigned(v)).as("seed %d", seed).isEqualTo(Long.toUnsignedString(v));
      assertThat(hex(v)).as("seed %d", seed).isEqualTo(Long.toHexString(v));
    }
  }

  @Test
  void padsWithZeros() {
    buffer.paddedDecimal(7, 2);
    buffer.put(' ');
    buffer.paddedDecimal(123, 2);
    buffer.put(' ');
    buffer.paddedHex(0xab, 8);
    assertThat(Text.of(buffer)).isEqualTo("07 123 000000ab");
  }

  @Test
  void growsAsNeededAndKeepsWhatItHolds() {
    StringBuilder expected = new StringBuilder();
    for (int i = 0; i < 10_000; i++) {
      buffer.decimal(i);
      buffer.ascii(",");
      expected.append(i).append(',');
    }
    assertThat(Text.of(buffer)).isEqualTo(expected.toString());
  }

  @Test
  void growsToOneAppendThatIsLongerThanTwiceItsSize() {
    byte[] big = new byte[100_000];
    big[99_999] = 1;
    buffer.append(big, 1, 99_999);
    assertThat(buffer.length()).isEqualTo(99_999);
    assertThat(buffer.array()[99_998]).isEqualTo((byte) 1);
  }

  @Test
  void keepsItsMemoryWhenItIsCleared() {
    buffer.append(new byte[1000], 0, 1000);
    byte[] before = buffer.array();
    buffer.clear();
    buffer.append(new byte[1000], 0, 1000);
    assertThat(buffer.array()).isSameAs(before);
    assertThat(buffer.length()).isEqualTo(1000);
  }

  @Test
  void writesUtf8AndAsciiText() {
    buffer.utf8("grün ");
    buffer.ascii("gr\u00fcn");
    assertThat(Text.of(buffer)).isEqualTo("grün gr?n");
  }

  @Test
  void keepsTextOnOneLine() {
    buffer.utf8Line("a\nb\tc\u007f");
    byte[] b = Text.bytes("xx\r\nyyé");
    buffer.appendLine(b, 1, b.length - 1, ' ');
    assertThat(Text.of(buffer)).isEqualTo("a?b?c?x  yyé");
  }

  private String decimal(long v) {
    buffer.clear();
    buffer.decimal(v);
    return Text.of(buffer);
  }

  private String unsigned(long v) {
    buffer.clear();
    buffer.unsignedDecimal(v);
    return Text.of(buffer);
  }

  private String hex(long v) {
    buffer.clear();
    buffer.hex(v);
    return Text.of(buffer);
  }
}
