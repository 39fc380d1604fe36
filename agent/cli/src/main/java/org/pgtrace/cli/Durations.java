package org.pgtrace.cli;

import java.time.Duration;
import picocli.CommandLine.TypeConversionException;

/** Durations as PostgreSQL's settings take them: a number, then s, min, h or d. */
final class Durations {
  private Durations() {}

  static Duration parse(String text) {
    int digits = 0;
    while (digits < text.length() && Character.isDigit(text.charAt(digits))) {
      digits++;
    }
    try {
      long number = Long.parseLong(text.substring(0, digits));
      return switch (text.substring(digits).strip()) {
        case "s" -> Duration.ofSeconds(number);
        case "min" -> Duration.ofMinutes(number);
        case "h" -> Duration.ofHours(number);
        case "d" -> Duration.ofDays(number);
        default -> throw wrong(text);
      };
    } catch (NumberFormatException | ArithmeticException e) {
      throw wrong(text);
    }
  }

  private static TypeConversionException wrong(String text) {
    return new TypeConversionException("'" + text + "' is no duration such as 30s, 10min, 8h, 7d");
  }
}
