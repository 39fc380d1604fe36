package org.pgtrace.profile;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PendingWaitsTest {
  private final PendingWaits pending = new PendingWaits();
  private final StatementProfile statement = new StatementProfile(1, "s", true);

  private void add(long begin, long end) {
    pending.add(end, end - begin, 0, "w", statement);
  }

  @Test
  void a_wait_is_inside_of_a_call_that_began_before_it() {
    add(900, 950);
    add(1000, 1010);
    add(1020, 1030);

    assertThat(pending.firstInside(1000)).isEqualTo(1);
    assertThat(pending.firstInside(1001)).isEqualTo(1);
    assertThat(pending.firstInside(1021)).isEqualTo(2);
    assertThat(pending.firstInside(1025)).isEqualTo(3);
    assertThat(pending.firstInside(800)).isZero();
  }

  @Test
  void figures_cut_to_microseconds_do_not_put_a_wait_outside_of_its_call() {
    add(998, 1100);

    assertThat(pending.firstInside(1000)).isZero();
    assertThat(pending.firstInside(1001)).isEqualTo(1);
  }

  @Test
  void a_short_wait_before_a_call_is_not_drawn_into_it() {
    add(998, 1000);

    assertThat(pending.firstInside(1000)).isEqualTo(1);
    assertThat(pending.firstInside(999)).isEqualTo(1);
  }

  @Test
  void what_is_decided_is_forgotten_and_the_rest_keeps_its_order() {
    for (int i = 0; i < 1000; i++) {
      add(10L * i, 10L * i + i % 7);
    }
    pending.cutBefore(400);
    pending.cutFrom(500);

    assertThat(pending.size()).isEqualTo(500);
    assertThat(pending.elapsedUs(0)).isEqualTo(400 % 7);
    assertThat(pending.firstInside(8000)).isEqualTo(400);
  }
}
