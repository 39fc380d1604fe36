package org.pgtrace.diff;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** Which checks are judged, and how strictly. */
public final class Checks {
  private static final String NONE = "none";

  /** Per cent; of a check without a tolerance 0. */
  private final Map<Check, Double> tolerances = new EnumMap<>(Check.class);

  private final Map<Check, Double> limits = new EnumMap<>(Check.class);
  private final boolean isSilent;

  private Checks(boolean isSilent) {
    this.isSilent = isSilent;
  }

  /** What is judged where nobody says anything. */
  public static Checks defaults() {
    Checks checks = new Checks(false);
    for (Check check : Check.values()) {
      if (check.isDefault()) {
        checks.apply(new Rule(check, Rule.Kind.ON, 0));
      }
    }
    return checks;
  }

  /**
   * What {@code --fail-on} names.
   *
   * @throws IllegalArgumentException with a message for people
   */
  public static Checks of(List<String> words) {
    if (words.contains(NONE)) {
      if (words.size() > 1) {
        throw new IllegalArgumentException("none stands alone");
      }
      return new Checks(true);
    }
    Checks checks = new Checks(false);
    for (String word : words) {
      Rule rule = Rule.parse(word);
      if (rule.kind() == Rule.Kind.LIMIT || rule.kind() == Rule.Kind.OFF) {
        throw new IllegalArgumentException(word + ": this belongs into a file of budgets");
      }
      checks.apply(rule);
    }
    return checks;
  }

  /** These, and further rules; the later rule wins. */
  Checks with(List<Rule> rules) {
    if (isSilent || rules.isEmpty()) {
      return this;
    }
    Checks checks = new Checks(false);
    checks.tolerances.putAll(tolerances);
    checks.limits.putAll(limits);
    rules.forEach(checks::apply);
    return checks;
  }

  private void apply(Rule rule) {
    Check check = rule.check();
    switch (rule.kind()) {
      case ON -> tolerances.put(check, check.hasTolerance() ? Rule.DEFAULT_TOLERANCE : 0);
      case TOLERANCE -> tolerances.put(check, rule.value());
      case LIMIT -> limits.put(check, rule.value());
      case OFF -> {
        tolerances.remove(check);
        limits.remove(check);
      }
    }
  }

  boolean has(Check check) {
    return tolerances.containsKey(check);
  }

  /** Per cent, also where the check is not judged. */
  double tolerance(Check check) {
    return tolerances.getOrDefault(check, check.hasTolerance() ? Rule.DEFAULT_TOLERANCE : 0);
  }

  OptionalDouble limit(Check check) {
    Double limit = limits.get(check);
    return limit == null ? OptionalDouble.empty() : OptionalDouble.of(limit);
  }

  /** As {@code --fail-on} would name them. */
  List<String> words() {
    List<String> words = new ArrayList<>();
    tolerances.forEach(
        (check, percent) ->
            words.add(
                check.hasTolerance()
                    ? check.label() + "+" + Numbers.plain(percent) + "%"
                    : check.label()));
    limits.forEach((check, limit) -> words.add(check.label() + "<=" + Numbers.plain(limit)));
    return words.isEmpty() ? List.of(NONE) : words;
  }
}
