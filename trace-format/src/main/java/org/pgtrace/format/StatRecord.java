package org.pgtrace.format;

/** The values of one STAT line; mutable and used again. Time and blocks include the children's. */
public final class StatRecord {
  /** A figure that an Oracle line does not have. */
  public static final long NONE = -1;

  /** Cursor number. */
  public long cursor;

  /** Number of the row source in preorder, from 1. */
  public int id;

  /** {@code cnt}: rows over all loops. */
  public long rows;

  /** {@code pid}: number of the parent row source, 0 for the root. */
  public int parentId;

  /** {@code pos}: place among the parent's children, from 1. */
  public int position;

  /** {@code obj}: pg_class OID, 0 for none. */
  public long objectId;

  /** What the row source does and to what. */
  public final ByteSpan op = new ByteSpan();

  /** Whether the line has figures below; Oracle's did not before 9.2.0.2. */
  public boolean hasStatistics = true;

  /** {@code cr}: blocks hit or read. */
  public long consistentGets;

  /** {@code pr}: blocks read. */
  public long blocksRead;

  /** {@code pw}: blocks written. */
  public long blocksWritten;

  /** {@code str}: times the row source was started. */
  public long starts;

  /** Time, in microseconds. */
  public long timeUs;

  /** The planner's total cost, rounded. */
  public long cost;

  /** The planner's estimate of bytes. */
  public long size;

  /** {@code card}: the planner's estimate of rows, one loop. */
  public long card;

  /** Takes the values of a plan node. */
  public void set(long cursor, PlanNodeRecord node) {
    this.cursor = cursor;
    id = node.id;
    rows = node.rows;
    parentId = node.parentId;
    position = node.position;
    objectId = node.objectId;
    op.set(node.op.array(), node.op.offset(), node.op.length());
    consistentGets = node.consistentGets();
    blocksRead = node.blocksRead();
    blocksWritten = node.blocksWritten();
    starts = node.loops;
    timeUs = node.timing == TimingMode.OFF ? 0 : node.totalUs;
    cost = Math.round(node.totalCost);
    size = Math.round(node.width * node.estRows);
    card = Math.round(node.estRows);
  }
}
