package org.pgtrace.format;

/** Moments as {@code 2026-01-31T12:00:00.123456+00:00}. */
final class IsoTime {
  private static final long US_PER_SECOND = 1_000_000;
  private static final long SECONDS_PER_DAY = 86_400;

  /** From 0000-03-01, where the calendar's arithmetic begins, to 1970-01-01. */
  private static final long DAYS_TO_EPOCH = 719_468;

  private static final long DAYS_PER_ERA = 146_097;

  private IsoTime() {}

  /** Appends a moment given in microseconds of the Unix epoch. */
  static void append(TraceBuffer out, long epochUs) {
    long seconds = Math.floorDiv(epochUs, US_PER_SECOND);
    long days = Math.floorDiv(seconds, SECONDS_PER_DAY);
    appendDate(out, days);
    long second = Math.floorMod(seconds, SECONDS_PER_DAY);
    out.put('T');
    out.paddedDecimal(second / 3600, 2);
    out.put(':');
    out.paddedDecimal(second / 60 % 60, 2);
    out.put(':');
    out.paddedDecimal(second % 60, 2);
    out.put('.');
    out.paddedDecimal(Math.floorMod(epochUs, US_PER_SECOND), 6);
    out.ascii("+00:00");
  }

  /**
   * Years are counted from March, so that the leap day is a year's last; formulas from Howard
   * Hinnant, "chrono-Compatible Low-Level Date Algorithms".
   */
  private static void appendDate(TraceBuffer out, long epochDays) {
    long days = epochDays + DAYS_TO_EPOCH;
    long era = Math.floorDiv(days, DAYS_PER_ERA);
    long dayOfEra = Math.floorMod(days, DAYS_PER_ERA);
    long yearOfEra =
        (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / (DAYS_PER_ERA - 1)) / 365;
    long dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
    long shiftedMonth = (5 * dayOfYear + 2) / 153;
    long day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1;
    long month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
    long year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
    out.paddedDecimal(year, 4);
    out.put('-');
    out.paddedDecimal(month, 2);
    out.put('-');
    out.paddedDecimal(day, 2);
  }
}
