package org.pgtrace.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SqlStateTest {
  @ParameterizedTest
  @ValueSource(strings = {"00000", "42P01", "22012", "XX000", "P0001", "40P01", "ZZZZZ"})
  void isTheBase36NumberAndBack(String state) {
    int number = SqlState.toNumber(state);
    assertThat(number).isEqualTo(Integer.parseInt(state, 36));
    assertThat(SqlState.toText(number)).isEqualTo(state);
    assertThat(SqlState.toNumber(Text.bytes("." + state), 1)).isEqualTo(number);
  }

  @Test
  void refusesTextThatIsNoState() {
    assertThatIllegalArgumentException().isThrownBy(() -> SqlState.toNumber("42P0"));
    assertThatIllegalArgumentException().isThrownBy(() -> SqlState.toNumber("42 01"));
  }

  @Test
  void readsBytesThatAreNoStateAsZero() {
    assertThat(SqlState.toNumber(new byte[5], 0)).isZero();
  }
}
