package org.pgtrace.cli;

/** What the program ends with. */
final class ExitCodes {
  static final int OK = 0;

  /** Wrong usage, unreadable input, or a check that failed. */
  static final int PROBLEM = 2;

  private ExitCodes() {}
}
