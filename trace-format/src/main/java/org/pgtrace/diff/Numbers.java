package org.pgtrace.diff;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;

/** Numbers as people read them. */
final class Numbers {
  private static final double PERCENT_MAX = 1_000_000;

  private Numbers() {}

  /** With commas between thousands. */
  static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /** Without an exponent, and no more digits than it needs. */
  static String plain(double number) {
    return BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
  }

  /** How much more {@code to} is than {@code from}, such as {@code +12 %}; of nothing: empty. */
  static String change(long from, long to) {
    if (from == 0 || from == to) {
      return "";
    }
    double percent = (to - from) * 100.0 / from;
    if (percent >= PERCENT_MAX) {
      return "x " + count(to / from);
    }
    int scale = Math.abs(percent) < 100 ? 1 : 0;
    BigDecimal rounded = BigDecimal.valueOf(percent).setScale(scale, RoundingMode.HALF_UP);
    String sign = percent > 0 ? "+" : "";
    return sign + rounded.stripTrailingZeros().toPlainString() + " %";
  }

  static String time(long us) {
    if (us < 1000) {
      return us + " us";
    }
    if (us < 1_000_000) {
      return String.format(Locale.ROOT, "%.1f ms", us / 1e3);
    }
    return String.format(Locale.ROOT, "%,.2f s", us / 1e6);
  }

  static String figure(Check.Unit unit, long value) {
    return unit == Check.Unit.MICROSECONDS ? time(value) : count(value);
  }
}
