package org.pgtrace.cli;

import java.util.Locale;
import picocli.CommandLine.TypeConversionException;

/**
 * A size as PostgreSQL's settings take it: a number, then B, kB, MB, GB or nothing.
 *
 * @param bytes the size
 */
record FileSize(long bytes) {
  private static final String[] UNITS = {"B", "KB", "MB", "GB", "TB"};
  private static final int UNIT_STEP = 1024;

  static FileSize parse(String text) {
    int digits = 0;
    while (digits < text.length() && Character.isDigit(text.charAt(digits))) {
      digits++;
    }
    String unit = text.substring(digits).strip().toUpperCase(Locale.ROOT);
    long factor = 1;
    for (String known : UNITS) {
      if (unit.equals(known) || unit.isEmpty()) {
        return new FileSize(times(text, digits, factor));
      }
      factor *= UNIT_STEP;
    }
    throw new TypeConversionException("'" + text + "' is no size such as 100MB");
  }

  private static long times(String text, int digits, long factor) {
    try {
      return Math.multiplyExact(Long.parseLong(text.substring(0, digits)), factor);
    } catch (NumberFormatException | ArithmeticException e) {
      throw new TypeConversionException("'" + text + "' is no size such as 100MB");
    }
  }
}
