package org.pgtrace.proc;

/**
 * {@code /proc/pressure/…} (the kernel's Documentation/accounting/psi.rst): for how long the whole
 * machine's tasks were held up by what they could not have, since it started.
 */
public final class Pressure {
  private static final byte[] SOME = ProcText.key("some ");
  private static final byte[] FULL = ProcText.key("full ");
  private static final byte[] TOTAL = ProcText.key("total=");

  private long someUs;
  private long fullUs;

  Parser.Outcome parse(ProcText text) {
    text.line(SOME);
    someUs = total(text);
    fullUs = text.seekLine(FULL) ? total(text) : 0;
    return Parser.outcome(text);
  }

  private static long total(ProcText text) {
    text.inLine(TOTAL);
    return text.number();
  }

  /** Time with at least one task held up, us. */
  public long someUs() {
    return someUs;
  }

  /** Time with nobody left who could go on, us; 0 for the CPU before Linux 5.13. */
  public long fullUs() {
    return fullUs;
  }
}
