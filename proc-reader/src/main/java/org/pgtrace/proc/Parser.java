package org.pgtrace.proc;

/**
 * Takes over what a file says.
 *
 * @param <T> what is overwritten; anything but UNDERSTOOD leaves senseless numbers in it
 */
interface Parser<T> {

  /** What came of a look at the file's text. */
  enum Outcome {
    UNDERSTOOD,
    SENSELESS,
    /** The file is there, and the kernel does not keep this account. */
    NOT_KEPT
  }

  Outcome parse(T into, ProcText text);

  static Outcome outcome(ProcText text) {
    return text.isUnderstood() ? Outcome.UNDERSTOOD : Outcome.SENSELESS;
  }
}
