package org.pgtrace.format;

/** A line that says in which file a trace goes on, or began; mutable and used again. */
public final class ContinuationRecord {
  /** Whether the other file is the one before. */
  public boolean isFrom;

  /** Path of the other file. */
  public String path = "";
}
