package org.pgtrace.reader;

/**
 * Something in a trace that is not as its grammar says.
 *
 * @param severity what it means for the reader
 * @param file the file's name
 * @param line number of the line, from 1
 * @param offset byte in the file, from 0, where reading stopped
 * @param message what is wrong
 */
public record Diagnostic(Severity severity, String file, long line, long offset, String message) {
  /** What a diagnostic means. */
  public enum Severity {
    /** Everything could be read. */
    INFO,
    /** Something was left out: figures that are made of the trace may be too small. */
    DAMAGE
  }

  /** {@code FILE:LINE (byte OFFSET): MESSAGE}. */
  @Override
  public String toString() {
    return file + ":" + line + " (byte " + offset + "): " + message;
  }
}
