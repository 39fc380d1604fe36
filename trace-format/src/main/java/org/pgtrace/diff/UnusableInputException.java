package org.pgtrace.diff;

/** A trace or a file of budgets that cannot be used; the message names it and says why. */
public final class UnusableInputException extends Exception {
  private static final long serialVersionUID = 1;

  UnusableInputException(String message) {
    super(message);
  }
}
