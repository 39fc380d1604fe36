package org.pgtrace.format;

import java.util.ArrayList;
import java.util.List;

/** A PLAN block; mutable and used again, its nodes are not. */
public final class PlanRecord {
  /** Cursor number. */
  public long cursor;

  /** Unsigned 32 bits. */
  public long planHash;

  /** Parallel workers that ran it and whose figures are not known. */
  public long untracedWorkers;

  /** The plan of an execution that runs: estimates alone. */
  public boolean isRunning;

  /**
   * In preorder, numbered from 1 as STAT lines and {@code node=} are. Only what PLAN shows is
   * filled; a parent's number tells the level.
   */
  public final List<PlanNodeRecord> nodes = new ArrayList<>();
}
