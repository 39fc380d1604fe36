package org.pgtrace.cli;

import java.io.PrintWriter;
import org.pgtrace.daemon.OutsideTrace;
import picocli.CommandLine;

/**
 * What happens to a trace, for people: files to the standard output, all else to the standard
 * error, where it also shows how it goes if that is a terminal.
 */
final class TraceProgress implements OutsideTrace.Listener {
  private final PrintWriter out;
  private final PrintWriter err;
  private final TerminalLine line;

  TraceProgress(CommandLine commandLine) {
    out = commandLine.getOut();
    err = commandLine.getErr();
    line = new TerminalLine(err);
  }

  @Override
  public void traceFile(String path) {
    line.clear();
    out.println(path);
  }

  @Override
  public void said(String message) {
    line.clear();
    err.println("pgtrace: " + message);
  }

  @Override
  public void progress(String state) {
    if (line.isDue()) {
      line.show(state);
    }
  }
}
