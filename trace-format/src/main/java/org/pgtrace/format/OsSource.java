package org.pgtrace.format;

/** Where the figures of an OS line come from, by the name that its {@code src=} has. */
public enum OsSource {
  /** The process's own getrusage(), at the boundaries of its calls: exact. */
  RUSAGE("rusage"),

  /** Samples of /proc, taken by the daemon. */
  PROC("proc");

  private final String label;

  OsSource(String label) {
    this.label = label;
  }

  String label() {
    return label;
  }
}
