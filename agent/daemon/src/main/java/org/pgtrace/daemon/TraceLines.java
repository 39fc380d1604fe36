package org.pgtrace.daemon;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The lines that lead from one file of a session to the next. */
final class TraceLines {
  private TraceLines() {}

  /** The last line of a file. */
  static byte[] continuesIn(Path next) {
    return ("\n*** TRACE CONTINUES IN FILE " + next + " ***\n\n").getBytes(StandardCharsets.UTF_8);
  }

  /** After the head of the next file. */
  static String continuedFrom(String before) {
    return " \n\n*** TRACE CONTINUED FROM FILE " + before + " ***\n\n";
  }
}
