package org.pgtrace.diff;

/**
 * One thing that is not as it was.
 *
 * @param check which one found it
 * @param outcome what that means
 * @param text what was and what is, for people
 */
record Finding(Check check, Outcome outcome, String text) {
  /** What a difference means. */
  enum Outcome {
    /** A regression. */
    FAILED("failed"),
    /** A figure is lower by more than its tolerance. */
    IMPROVED("improved"),
    /** Its check is off. */
    NOTED("noted");

    private final String label;

    Outcome(String label) {
      this.label = label;
    }

    String label() {
      return label;
    }
  }
}
