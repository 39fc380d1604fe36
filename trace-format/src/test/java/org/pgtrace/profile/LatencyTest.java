package org.pgtrace.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class LatencyTest {
  private final Latency latency = new Latency();

  @Test
  void percentiles_are_right_to_two_digits_and_the_ends_are_exact() {
    for (int us = 1; us <= 1000; us++) {
      latency.add(us);
    }

    assertThat(latency.count()).isEqualTo(1000);
    assertThat(latency.sumUs()).isEqualTo(500_500);
    assertThat(latency.minUs()).isEqualTo(1);
    assertThat(latency.maxUs()).isEqualTo(1000);
    assertThat((double) latency.percentileUs(50)).isCloseTo(500, within(5.0));
    assertThat((double) latency.percentileUs(90)).isCloseTo(900, within(9.0));
    assertThat((double) latency.percentileUs(99)).isCloseTo(990, within(10.0));
  }

  @Test
  void skew_is_the_part_of_the_time_that_the_slowest_took() {
    for (int i = 0; i < 99; i++) {
      latency.add(100);
    }
    latency.add(10_000);

    // 1 of 100 took 10000 of 19900; the slowest 10 took 10900.
    assertThat(latency.shareOfSlowest(0.01)).isCloseTo(10_000 / 19_900.0, within(0.01));
    assertThat(latency.shareOfSlowest(0.1)).isCloseTo(10_900 / 19_900.0, within(0.01));
  }

  @Test
  void without_skew_the_slowest_have_the_part_that_they_are() {
    for (int i = 0; i < 1000; i++) {
      latency.add(250);
    }

    assertThat(latency.shareOfSlowest(0.01)).isCloseTo(0.01, within(0.0001));
  }

  @Test
  void decades_are_exact() {
    for (long us : new long[] {0, 9, 10, 99, 100, 9_999, 10_000, 99_999_999_999L}) {
      latency.add(us);
    }

    assertThat(latency.count(0)).isEqualTo(2);
    assertThat(latency.count(1)).isEqualTo(2);
    assertThat(latency.timeUs(1)).isEqualTo(109);
    assertThat(latency.count(2)).isEqualTo(1);
    assertThat(latency.count(3)).isEqualTo(1);
    assertThat(latency.count(4)).isEqualTo(1);
    // All that is longer is in the last one.
    assertThat(latency.count(Latency.DECADES - 1)).isEqualTo(1);
  }

  @Test
  void one_execution_is_all_there_is() {
    latency.add(77);

    assertThat(latency.percentileUs(50)).isEqualTo(77);
    assertThat(latency.percentileUs(99)).isEqualTo(77);
    assertThat(latency.shareOfSlowest(0.01)).isEqualTo(1);
  }

  @Test
  void the_first_execution_is_in_the_percentiles_too() {
    latency.add(1000);
    latency.add(10);
    latency.add(10);

    assertThat(latency.percentileUs(50)).isEqualTo(10);
    assertThat(latency.percentileUs(100)).isEqualTo(1000);
  }

  @Test
  void damaged_figures_take_no_memory_and_break_nothing() {
    latency.add(-5);
    latency.add(Long.MAX_VALUE);
    latency.add(5);

    assertThat(latency.minUs()).isZero();
    assertThat(latency.count()).isEqualTo(3);
  }

  @Test
  void nothing_has_no_percentiles() {
    assertThat(latency.percentileUs(99)).isZero();
    assertThat(latency.minUs()).isZero();
    assertThat(latency.shareOfSlowest(0.1)).isZero();
  }
}
