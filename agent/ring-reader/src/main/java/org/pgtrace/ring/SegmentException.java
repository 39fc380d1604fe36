package org.pgtrace.ring;

import java.io.IOException;
import java.nio.file.Path;

/** A file that cannot be read as a segment. The message names the file. */
public final class SegmentException extends IOException {
  private static final long serialVersionUID = 1L;

  /** What is wrong with the file. */
  public enum Problem {
    /** Not written by pg_trace, or not begun yet. */
    NOT_A_SEGMENT,
    /** Of a machine with another byte order. */
    OTHER_BYTE_ORDER,
    /** Of another major version of the layout. */
    OTHER_LAYOUT,
    /** Its sizes contradict each other or the length of the file. */
    IMPOSSIBLE_SIZES,
    /** The server is still filling it in. */
    NOT_READY,
    /** Its times cannot be understood. */
    OTHER_CLOCK
  }

  private final Problem problem;

  SegmentException(Path path, Problem problem, String detail) {
    super(path + ": " + detail);
    this.problem = problem;
  }

  public Problem problem() {
    return problem;
  }
}
