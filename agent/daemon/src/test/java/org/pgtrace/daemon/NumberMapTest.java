package org.pgtrace.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NumberMapTest {
  @Test
  void any_number_is_a_key() {
    NumberMap<String> map = new NumberMap<>(10);
    long[] keys = {0, -1, 1L << 32, Long.MIN_VALUE, Long.MAX_VALUE};
    for (long key : keys) {
      assertThat(map.get(key)).isNull();
      map.put(key, "v" + key);
    }
    for (long key : keys) {
      assertThat(map.get(key)).isEqualTo("v" + key);
    }
  }

  @Test
  void a_second_value_takes_the_first_one_s_place() {
    NumberMap<String> map = new NumberMap<>(1);
    map.put(7, "one");
    map.put(7, "two");

    assertThat(map.get(7)).isEqualTo("two");
    assertThat(map.size()).isEqualTo(1);
  }

  @Test
  void it_grows_up_to_its_limit_and_begins_anew() {
    int limit = 1000;
    NumberMap<Integer> map = new NumberMap<>(limit);
    for (int i = 0; i < limit; i++) {
      map.put((long) i << 32, i);
    }
    for (int i = 0; i < limit; i++) {
      assertThat(map.get((long) i << 32)).isEqualTo(i);
    }
    map.put(-5, 5);

    assertThat(map.size()).isEqualTo(1);
    assertThat(map.get(0)).isNull();
    assertThat(map.get(-5)).isEqualTo(5);
  }
}
