package org.pgtrace.format;

/** What the server calls the parts of a relation. */
final class ForkNames {
  /** By the server's ForkNumber. */
  private static final String[] NAMES = {"main", "fsm", "vm", "init"};

  private ForkNames() {}

  /** Writes the field of a fork; nothing where it has no name. */
  static void append(TraceBuffer out, long fork) {
    if (fork >= 0 && fork < NAMES.length) {
      out.ascii(" fork=");
      out.ascii(NAMES[(int) fork]);
    }
  }
}
