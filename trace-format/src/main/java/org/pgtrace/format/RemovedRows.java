package org.pgtrace.format;

/** What took rows away at a plan node, in the order of the lines. */
public enum RemovedRows {
  /** Nothing did. */
  NONE(""),
  /** The index was lossy and the row did not fulfil its condition. */
  INDEX_RECHECK("Rows removed by index recheck: "),
  /** A join's extra condition. */
  JOIN_FILTER("Rows removed by join filter: "),
  /** The node's filter. */
  FILTER("Rows removed by filter: "),
  /** The WHERE of ON CONFLICT DO UPDATE. */
  CONFLICT_FILTER("Rows removed by conflict filter: "),
  /** Rows that were in conflict with existing ones; written after the method's line. */
  CONFLICTING("Conflicting Tuples: ");

  private final String label;

  RemovedRows(String label) {
    this.label = label;
  }

  /** What its line begins with. */
  public String label() {
    return label;
  }
}
