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

  /** Whether parallel workers' share is missing from the figures. */
  public boolean leaderOnly;

  /** What the node itself waited for, without its children; in any order. */
  public final List<NodeWait> waits = new ArrayList<>();

  /** {@code cr}: blocks hit or read, shared + local. */
  long consistentGets() {
    return sharedHit + sharedRead + localHit + localRead;
  }

  /** {@code pr}: blocks read, shared + local + temp. */
  long blocksRead() {
    return sharedRead + localRead + tempRead;
  }

  /** {@code pw}: blocks written, shared + local + temp. */
  long blocksWritten() {
    return sharedWritten + localWritten + tempWritten;
  }
}
