package org.pgtrace.diff;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One line of a file of budgets, or one word of {@code --fail-on}.
 *
 * @param check what it is about
 * @param kind what it says
 * @param value of {@link Kind#TOLERANCE} per cent, of {@link Kind#LIMIT} a count, blocks or
 *     microseconds; else 0
 */
record Rule(Check check, Kind kind, double value) {
  /** Per cent, where none are named. */
  static final double DEFAULT_TOLERANCE = 10;

  /** What a rule says. */
  enum Kind {
    /** Judge it; with the default tolerance where it has one. */
    ON,
    OFF,
    TOLERANCE,
    /** The new trace's figure, whatever the base's is. */
    LIMIT
  }

  private static final Pattern FORM =
      Pattern.compile(
          "(?<name>[a-z]+)"
              + "(\\s*\\+\\s*(?<percent>\\d{1,9}(\\.\\d{1,6})?)\\s*%"
              + "|\\s*<=\\s*(?<limit>\\d{1,15})\\s*(?<unit>us|ms|s)?"
              + "|\\s+(?<word>on|off))?");

  /**
   * Reads a rule.
   *
   * @throws IllegalArgumentException with a message for people
   */
  static Rule parse(String text) {
    Matcher form = FORM.matcher(text.strip());
    if (!form.matches()) {
      throw new IllegalArgumentException("not a check: " + text.strip() + "; " + valid());
    }
    String name = form.group("name");
    Check check =
        Check.named(name)
            .orElseThrow(
                () -> new IllegalArgumentException("unknown check: " + name + "; " + valid()));
    if (form.group("percent") != null) {
      return tolerance(check, Double.parseDouble(form.group("percent")));
    }
    if (form.group("limit") != null) {
      return limit(check, Long.parseLong(form.group("limit")), form.group("unit"));
    }
    return new Rule(check, "off".equals(form.group("word")) ? Kind.OFF : Kind.ON, 0);
  }

  private static String valid() {
    return "valid are " + Check.names();
  }

  private static Rule tolerance(Check check, double percent) {
    if (!check.hasTolerance()) {
      throw new IllegalArgumentException(check.label() + " has no tolerance; " + valid());
    }
    return new Rule(check, Kind.TOLERANCE, percent);
  }

  private static Rule limit(Check check, long limit, @Nullable String unit) {
    if (check.unit() == Check.Unit.NONE) {
      throw new IllegalArgumentException(check.label() + " has no figure to limit");
    }
    if (unit == null) {
      return new Rule(check, Kind.LIMIT, limit);
    }
    if (check.unit() != Check.Unit.MICROSECONDS) {
      throw new IllegalArgumentException(check.label() + " is no time");
    }
    double factor = unit.equals("s") ? 1e6 : unit.equals("ms") ? 1e3 : 1;
    return new Rule(check, Kind.LIMIT, limit * factor);
  }
}
