package org.pgtrace.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.pgtrace.daemon.OutsideTrace;
import picocli.CommandLine;

/**
 * What happens to a trace, for people: files to the standard output, all else to the standard
 * error, where it also shows how it goes if that is a terminal.
 */
final class TraceProgress implements OutsideTrace.Listener {
  private static final long INTERVAL_NS = 250_000_000L;
  private static final String TO_LINE_START = "\r\033[K";

  private final PrintWriter out;
  private final PrintWriter err;
  private final boolean terminal = isTerminal();
  private String shown = "";
  private long shownNs;

  TraceProgress(CommandLine commandLine) {
    out = commandLine.getOut();
    err = commandLine.getErr();
  }

  @Override
  public void traceFile(String path) {
    clear();
    out.println(path);
  }

  @Override
  public void said(String message) {
    clear();
    err.println("pgtrace: " + message);
  }

  @Override
  public void progress(String state) {
    long now = System.nanoTime();
    if (terminal && (shown.isEmpty() || now - shownNs > INTERVAL_NS)) {
      shownNs = now;
      err.print(TO_LINE_START + state);
      err.flush();
      shown = state;
    }
  }

  private void clear() {
    if (!shown.isEmpty()) {
      err.print(TO_LINE_START);
      err.flush();
      shown = "";
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
