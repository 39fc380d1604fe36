package org.pgtrace.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;

/** A line of standard error that says how something goes; nothing where that is no terminal. */
final class TerminalLine {
  private static final long INTERVAL_NS = 250_000_000L;
  private static final String TO_LINE_START = "\r\033[K";

  private final PrintWriter err;
  private final boolean terminal = isTerminal();
  private boolean isShown;
  private long shownNs;

  TerminalLine(PrintWriter err) {
    this.err = err;
  }

  /** Whether it is time to show something, and somebody is there to see it. */
  boolean isDue() {
    return terminal && (!isShown || System.nanoTime() - shownNs > INTERVAL_NS);
  }

  void show(String state) {
    shownNs = System.nanoTime();
    err.print(TO_LINE_START + state);
    err.flush();
    isShown = true;
  }

  void clear() {
    if (isShown) {
      err.print(TO_LINE_START);
      err.flush();
      isShown = false;
    }
  }

  /** Java tells only of the standard input and output together. */
  private static boolean isTerminal() {
    try {
      String device = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
      return device.startsWith("/dev/pts/")
          || device.startsWith("/dev/tty")
          || device.equals("/dev/console");
    } catch (IOException e) {
      return false;
    }
  }
}
