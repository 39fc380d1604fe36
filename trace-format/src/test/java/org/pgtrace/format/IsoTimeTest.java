package org.pgtrace.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Random;
import org.junit.jupiter.api.Test;

class IsoTimeTest {
  private static final DateTimeFormatter EXPECTED =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'+00:00'").withZone(ZoneOffset.UTC);

  @Test
  void writesSixDigitsAndTheZone() {
    assertThat(iso(Text.TIM)).isEqualTo("2026-01-31T12:00:00.123456+00:00");
    assertThat(iso(0)).isEqualTo("1970-01-01T00:00:00.000000+00:00");
  }

  @Test
  void knowsLeapDays() {
    assertThat(iso(us("2024-02-29T23:59:59Z"))).isEqualTo("2024-02-29T23:59:59.000000+00:00");
    assertThat(iso(us("2000-03-01T00:00:00Z"))).isEqualTo("2000-03-01T00:00:00.000000+00:00");
    assertThat(iso(us("2100-02-28T00:00:00Z"))).isEqualTo("2100-02-28T00:00:00.000000+00:00");
  }

  @Test
  void agreesWithTheJdkOnRandomMomentsBeforeAndAfterTheEpoch() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    long from = us("1600-01-01T00:00:00Z");
    long to = us("2600-01-01T00:00:00Z");
    for (int i = 0; i < 20_000; i++) {
      long us = random.nextLong(from, to);
      Instant instant = Instant.EPOCH.plus(us, ChronoUnit.MICROS);
      assertThat(iso(us)).as("seed %d, %d us", seed, us).isEqualTo(EXPECTED.format(instant));
    }
  }

  private static long us(String instant) {
    return Instant.parse(instant).getEpochSecond() * 1_000_000;
  }

  private static String iso(long us) {
    TraceBuffer out = new TraceBuffer(0);
    IsoTime.append(out, us);
    return Text.of(out);
  }
}
