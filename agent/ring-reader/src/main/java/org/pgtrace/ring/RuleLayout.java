package org.pgtrace.ring;

/**
 * Offsets in one of a segment's rules, from its start. Compared with the golden layout by a test.
 */
public final class RuleLayout {
  public static final int SIZE = 80;
  public static final int KIND = 0;
  public static final int CONTROL = 8;
  public static final int NAME = 16;
  public static final int NAME_LENGTH = 64;

  private RuleLayout() {}
}
