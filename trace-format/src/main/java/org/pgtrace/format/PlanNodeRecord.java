package org.pgtrace.format;

import java.util.ArrayList;
import java.util.List;

/**
 * One node of a plan that was executed; mutable and used again. Rows, loops, times and blocks are
 * sums over all loops; times, blocks and WAL include the node's children, waits do not.
 */
public final class PlanNodeRecord {
  /** Number of the node in preorder, from 1. */
  public int id;

  /** Number of the parent node, less than {@link #id}; 0 for the root. */
  public int parentId;

  /** Place among the parent's children, from 1. */
  public int position = 1;

  /** What the node does and to what, such as {@code Index Scan using t_pkey on public.t}. */
  public final ByteSpan op = new ByteSpan();

  /** pg_class OID, 0 for none. */
  public long objectId;

  /** The planner's estimate of rows, one loop. */
  public double estRows;

  /** The planner's total cost. */
  public double totalCost;

  /** The planner's estimate of a row's width, in bytes. */
  public int width;

  /** Rows produced. */
  public long rows;

  /** Times the node was started. */
  public long loops;

  /** How the times were measured. */
  public TimingMode timing = TimingMode.OFF;

  /** Time to the first row, in microseconds. */
  public long startupUs;

  /** Time, in microseconds. */
  public long totalUs;

  /** Of a PLAN that was read: time without the children's, in microseconds. */
  public long selfUs;

  // Blocks, in the order of the server's BufferUsage.
  public long sharedHit;
  public long sharedRead;
  public long sharedDirtied;
  public long sharedWritten;
  public long localHit;
  public long localRead;
  public long localDirtied;
  public long localWritten;
  public long tempRead;
  public long tempWritten;

  /** WAL records written. */
  public long walRecords;

  /** Full page images. */
  public long walFpi;

  /** Bytes of WAL written. */
  public long walBytes;

  /** What took rows away, if anything. */
  public RemovedRows removed1Kind = RemovedRows.NONE;

  /** Rows that {@link #removed1Kind} took away. */
  public long removed1;

  /** What else took rows away, if anything. */
  public RemovedRows removed2Kind = RemovedRows.NONE;

  /** Rows that {@link #removed2Kind} took away. */
  public long removed2;

  /** Which of the fields below are filled. */
  public NodeMethod method = NodeMethod.NONE;

  /** Such as {@code quicksort} or {@code external merge}. */
  public final ByteSpan sortMethod = new ByteSpan();

  /** Whether {@link #spaceKb} of a sort is on disk. */
  public boolean sortOnDisk;

  /** Memory at its peak (a sort: space used), in kB. */
  public long spaceKb;

  /** Hash aggregate: disk used, in kB. */
  public long diskKb;

  /** Buckets of a hash table. */
  public long buckets;

  /** Parts that a hash table was split into. */
  public long batches;

  /** Memoize: found in the cache. */
  public long hits;

  /** Memoize: not found in the cache. */
  public long misses;

  /** Memoize: entries thrown out. */
  public long evictions;

  /** Bitmap: blocks known row by row. */
  public long exactBlocks;

  /** Bitmap: blocks known as a whole only. */
  public long lossyBlocks;

  /** Gather: workers that the plan asked for. */
  public int workersPlanned;

  /** Gather: workers that could be started. */
  public int workersLaunched;

  /** Index-only scan: rows that had to be looked up in the table. */
  public long heapFetches;

  /** INSERT ... ON CONFLICT: rows inserted. */
  public long tuplesInserted;

  /** Whether only what {@link #workers} have is of parallel workers in the figures. */
  public boolean leaderOnly;

  /** What the node itself waited for, without its children; in any order. */
  public final List<NodeWait> waits = new ArrayList<>();

  /** Number of the parallel worker whose figures these are, from 1; 0: of the whole node. */
  public int worker;

  /** What each parallel worker did in this node, in the order of their numbers. */
  public final List<PlanNodeRecord> workers = new ArrayList<>();

  /**
   * Takes a worker's figures, of which each has a line; they are added to this node's where those
   * are the {@link #leaderOnly leader's alone}.
   */
  public void addWorker(PlanNodeRecord part) {
    workers.add(part);
    if (leaderOnly) {
      if (loops == 0) {
        takeMethod(part);
      }
      addFigures(part);
    }
  }

  /** Adds another process's figures, or another run's. */
  public void addFigures(PlanNodeRecord other) {
    rows += other.rows;
    loops += other.loops;
    startupUs += other.startupUs;
    totalUs += other.totalUs;
    sharedHit += other.sharedHit;
    sharedRead += other.sharedRead;
    sharedDirtied += other.sharedDirtied;
    sharedWritten += other.sharedWritten;
    localHit += other.localHit;
    localRead += other.localRead;
    localDirtied += other.localDirtied;
    localWritten += other.localWritten;
    tempRead += other.tempRead;
    tempWritten += other.tempWritten;
    walRecords += other.walRecords;
    walFpi += other.walFpi;
    walBytes += other.walBytes;
    addRemoved(other);
    hits += other.hits;
    misses += other.misses;
    evictions += other.evictions;
    exactBlocks += other.exactBlocks;
    lossyBlocks += other.lossyBlocks;
    heapFetches += other.heapFetches;
  }

  /** The first to run the node tells its method, of which counts alone can be of several. */
  private void takeMethod(PlanNodeRecord part) {
    boolean isCount = part.method == NodeMethod.BITMAP || part.method == NodeMethod.INDEX_ONLY;
    method = isCount ? part.method : NodeMethod.NONE;
    exactBlocks = 0;
    lossyBlocks = 0;
    heapFetches = 0;
  }

  private void addRemoved(PlanNodeRecord other) {
    // Both are of one plan node, and a kind that took nothing away may be left out.
    if (other.removed1Kind != RemovedRows.NONE) {
      removed1Kind = other.removed1Kind;
    }
    if (other.removed2Kind != RemovedRows.NONE) {
      removed2Kind = other.removed2Kind;
    }
    removed1 += other.removed1;
    removed2 += other.removed2;
  }

  /** The workers' time together. */
  long workersUs() {
    long us = 0;
    for (int i = 0; i < workers.size(); i++) {
      us += workers.get(i).totalUs;
    }
    return us;
  }

  /** {@code cr}: blocks hit or read, shared + local. */
  public long consistentGets() {
    return sharedHit + sharedRead + localHit + localRead;
  }

  /** {@code pr}: blocks read, shared + local + temp. */
  public long blocksRead() {
    return sharedRead + localRead + tempRead;
  }

  /** {@code pw}: blocks written, shared + local + temp. */
  public long blocksWritten() {
    return sharedWritten + localWritten + tempWritten;
  }
}
