package org.pgtrace.format;

/** The database calls that have a line with counters. */
public enum CallKind {
  /** Raw parse, analysis, rewriting and planning. */
  PARSE("PARSE"),
  /** Start of an execution, or the whole of it where no rows are returned. */
  EXEC("EXEC"),
  /** One executor run that returns rows. */
  FETCH("FETCH"),
  /** Oracle's release of temporary segments; pg_trace writes none. */
  UNMAP("UNMAP"),
  /** The same of a sort. */
  SORT_UNMAP("SORT UNMAP");

  private final String label;

  CallKind(String label) {
    this.label = label;
  }

  /** What a line begins with. */
  public String label() {
    return label;
  }
}
