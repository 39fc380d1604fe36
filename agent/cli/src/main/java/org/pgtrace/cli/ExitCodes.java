package org.pgtrace.cli;

/** What the program ends with. */
final class ExitCodes {
  static final int OK = 0;

  /** Of {@code diff}: something that is judged is worse. */
  static final int REGRESSION = 1;

  /** Wrong usage, unreadable input, or a check that failed. */
  static final int PROBLEM = 2;

  private ExitCodes() {}
}
