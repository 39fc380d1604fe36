package org.pgtrace.format;

/** The database calls that have a line with counters. */
public enum CallKind {
  /** Raw parse, analysis, rewriting and planning. */
  PARSE,
  /** Start of an execution, or the whole of it where no rows are returned. */
  EXEC,
  /** One executor run that returns rows. */
  FETCH
}
