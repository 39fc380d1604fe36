package org.pgtrace.format;

import java.util.Arrays;

/** What the server calls the parts of a relation. */
public final class ForkNames {
  /** By the server's ForkNumber. */
  private static final String[] NAMES = {"main", "fsm", "vm", "init"};

  private ForkNames() {}

  /** The server's ForkNumber of a name; -1: there is none. */
  public static int number(String name) {
    return Arrays.asList(NAMES).indexOf(name);
  }

  /** Writes the field of a fork; nothing where it has no name. */
  static void append(TraceBuffer out, long fork) {
    if (fork >= 0 && fork < NAMES.length) {
      out.ascii(" fork=");
      out.ascii(NAMES[(int) fork]);
    }
  }
}
