package org.pgtrace.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import org.pgtrace.reader.ReadListener;

/** Says on a terminal how far the traces have been read. */
final class ReadProgress implements ReadListener {
  private static final int PERCENT = 100;

  private final TerminalLine line;

  ReadProgress(PrintWriter err) {
    line = new TerminalLine(err);
  }

  @Override
  public void read(Path file, long bytes, long length) {
    if (line.isDue()) {
      long percent = Math.min(PERCENT, PERCENT * bytes / Math.max(1, length));
      line.show("reading " + file.getFileName() + ": " + percent + " %");
    }
  }

  /** Takes the line away. */
  void end() {
    line.clear();
  }
}
