package org.pgtrace.ring;

/**
 * Sessions of a name are to be traced, those that run and those to come.
 *
 * @param kind PGT_RULE_APPLICATION, _ROLE or _DATABASE
 * @param name of the application, role or database
 * @param control what is asked of them
 */
public record Rule(int kind, String name, ControlWord control) {
  /** Whether the session of an active slot is meant. */
  public boolean isMeant(SlotReader slot) {
    return name.equals(
        switch (kind) {
          case Layout.RULE_APPLICATION -> slot.application();
          case Layout.RULE_ROLE -> slot.role();
          default -> slot.database();
        });
  }

  /** Such as {@code application psql}. */
  public String describe() {
    return switch (kind) {
          case Layout.RULE_APPLICATION -> "application ";
          case Layout.RULE_ROLE -> "role ";
          default -> "database ";
        }
        + name;
  }
}
