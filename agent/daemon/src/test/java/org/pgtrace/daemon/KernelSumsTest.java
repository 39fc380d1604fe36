package org.pgtrace.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.pgtrace.format.KernelSumRecord;

/** Which execution a call is counted for. */
class KernelSumsTest {
  private final KernelSums sums = new KernelSums();
  private final KernelSumRecord line = new KernelSumRecord();

  @Test
  void an_execution_has_what_came_while_it_was_at_work() {
    read(1);
    sums.runs(101, 0, false, 10);
    read(2);
    sums.runs(0, 0, false, 11);
    read(4);

    assertThat(readsOf(101, 0)).isEqualTo(2);
    assertThat(readsOf(0, 0)).isEqualTo(7);
  }

  @Test
  void what_it_calls_is_in_it_too() {
    sums.runs(101, 0, false, 10);
    read(1);
    sums.runs(102, 1, false, 11);
    read(2);
    assertThat(sums.cursor()).isEqualTo(102);
    sums.runs(101, 0, false, 12);
    assertThat(sums.cursor()).isEqualTo(101);
    assertThat(readsOf(102, 1)).isEqualTo(2);
    read(4);
    sums.runs(0, 0, false, 13);

    assertThat(readsOf(101, 0)).isEqualTo(7);
  }

  @Test
  void what_runs_between_two_calls_of_an_execution_is_not_in_it() {
    sums.runs(101, 0, false, 10);
    read(1);
    sums.runs(0, 0, false, 11);
    sums.runs(102, 0, false, 12);
    read(2);
    sums.runs(0, 0, false, 13);
    sums.runs(101, 0, false, 14);
    read(4);

    assertThat(readsOf(101, 0)).isEqualTo(5);
    assertThat(readsOf(102, 0)).isEqualTo(2);
  }

  @Test
  void an_execution_that_ends_inside_of_its_call_is_over() {
    sums.runs(101, 0, false, 10);
    read(1);
    assertThat(readsOf(101, 0)).isEqualTo(1);
    read(2);
    sums.runs(0, 0, false, 11);

    sums.runs(101, 0, false, 12);
    read(4);
    assertThat(readsOf(101, 0)).isEqualTo(4);
  }

  @Test
  void cleaning_up_after_it_is_no_new_execution() {
    sums.runs(101, 0, false, 10);
    sums.runs(0, 0, false, 11);
    assertThat(readsOf(101, 0)).isZero();
    sums.runs(101, 0, true, 12);
    assertThat(sums.cursor()).isEqualTo(101);
    read(1);
    sums.runs(0, 0, false, 13);

    assertThat(sums.end(101, 0, 0, line)).isFalse();
  }

  @Test
  void an_execution_is_whole_that_began_after_all_that_was_missed() {
    sums.beginSession(19);
    sums.runs(101, 0, false, 20);
    assertThat(isIncomplete(101, 20)).isTrue();
    sums.runs(0, 0, false, 21);
    sums.runs(101, 0, false, 22);
    assertThat(isIncomplete(101, 20)).isFalse();
    assertThat(isIncomplete(0, 20)).isTrue();
    assertThat(isIncomplete(0, 18)).isFalse();
  }

  private void read(int times) {
    sums.all().reads += times;
  }

  private long readsOf(int cursor, int depth) {
    assertThat(sums.end(cursor, depth, 0, line)).isTrue();
    return line.reads;
  }

  private boolean isIncomplete(int cursor, long missedNs) {
    assertThat(sums.end(cursor, 0, missedNs, line)).isTrue();
    return line.isIncomplete;
  }
}
