package org.pgtrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.TypeConversionException;

class FileSizeTest {
  @Test
  void sizes_are_read_as_the_server_s_settings_are() {
    assertThat(FileSize.parse("100MB").bytes()).isEqualTo(100L << 20);
    assertThat(FileSize.parse("64kB").bytes()).isEqualTo(64L << 10);
    assertThat(FileSize.parse("2 GB").bytes()).isEqualTo(2L << 30);
    assertThat(FileSize.parse("1TB").bytes()).isEqualTo(1L << 40);
    assertThat(FileSize.parse("77").bytes()).isEqualTo(77);
    assertThat(FileSize.parse("77B").bytes()).isEqualTo(77);
  }

  @Test
  void what_is_no_size_is_refused() {
    for (String text : new String[] {"", "MB", "1.5MB", "-1MB", "1XB", "99999999999999999999"}) {
      assertThatThrownBy(() -> FileSize.parse(text)).isInstanceOf(TypeConversionException.class);
    }
    assertThatThrownBy(() -> FileSize.parse("9999999999TB"))
        .isInstanceOf(TypeConversionException.class);
  }

  @Test
  void durations_are_read_as_the_server_s_settings_are() {
    assertThat(Durations.parse("30s")).isEqualTo(Duration.ofSeconds(30));
    assertThat(Durations.parse("10min")).isEqualTo(Duration.ofMinutes(10));
    assertThat(Durations.parse("8h")).isEqualTo(Duration.ofHours(8));
    assertThat(Durations.parse("7d")).isEqualTo(Duration.ofDays(7));
    assertThatThrownBy(() -> Durations.parse("soon")).isInstanceOf(TypeConversionException.class);
    assertThatThrownBy(() -> Durations.parse("7")).isInstanceOf(TypeConversionException.class);
  }
}
