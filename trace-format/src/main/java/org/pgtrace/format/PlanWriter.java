package org.pgtrace.format;

import java.util.List;

/** Writes an executed plan for people: a tree with EXPLAIN's words, and each node's own time. */
final class PlanWriter {
  private static final int INDENT = 2;
  private static final int INDENT_PER_LEVEL = 3;

  /** From a node's arrow to the lines below it. */
  private static final int DETAIL_INDENT = 5;

  /** From a worker's line to the lines below it. */
  private static final int WORKER_INDENT = 2;

  private static final int NAMED_WAITS_MAX = 5;

  private final TraceBuffer out;
  private int[] depths = new int[16];
  private long[] childrenUs = new long[16];

  PlanWriter(TraceBuffer out) {
    this.out = out;
  }

  void write(List<PlanNodeRecord> nodes) {
    measure(nodes);
    for (int i = 0; i < nodes.size(); i++) {
      node(nodes.get(i), depths[i], childrenUs[i]);
    }
  }

  void writeEstimates(List<PlanNodeRecord> nodes) {
    measure(nodes);
    for (int i = 0; i < nodes.size(); i++) {
      PlanNodeRecord node = nodes.get(i);
      arrow(node, INDENT + INDENT_PER_LEVEL * depths[i]);
      field("  (est=", Math.round(node.estRows));
      out.ascii(")\n");
    }
  }

  /** Finds the depth of each node and the time of its children. */
  private void measure(List<PlanNodeRecord> nodes) {
    int count = nodes.size();
    if (depths.length < count) {
      depths = new int[count * 2];
      childrenUs = new long[count * 2];
    }
    for (int i = 0; i < count; i++) {
      childrenUs[i] = 0;
      int parent = indexOfParent(nodes, i);
      depths[i] = parent < 0 ? 0 : depths[parent] + 1;
      if (parent >= 0) {
        PlanNodeRecord node = nodes.get(i);
        // Who has no share in the parent has none of its time.
        boolean alone = nodes.get(parent).workers.isEmpty();
        childrenUs[parent] += node.totalUs - (alone ? node.workersUs() : 0);
      }
    }
  }

  /** Index of a node's parent, or -1: of the root, and of a node whose parent was lost. */
  private static int indexOfParent(List<PlanNodeRecord> nodes, int child) {
    int parentId = nodes.get(child).parentId;
    int i = Math.min(parentId, child) - 1;
    while (i >= 0 && nodes.get(i).id != parentId) {
      i--;
    }
    return i;
  }

  private void node(PlanNodeRecord node, int depth, long childrenUs) {
    int indent = INDENT + INDENT_PER_LEVEL * depth;
    arrow(node, indent);
    field("  (rows=", node.rows);
    field(" est=", Math.round(node.estRows));
    field(" loops=", node.loops);
    time(node, childrenUs);
    if (node.leaderOnly && node.workers.isEmpty()) {
      out.ascii(" leader only");
    }
    out.ascii(")\n");
    details(node, indent + DETAIL_INDENT);
    for (int i = 0; i < node.workers.size(); i++) {
      worker(node.workers.get(i), indent + DETAIL_INDENT);
    }
  }

  private void arrow(PlanNodeRecord node, int indent) {
    out.spaces(indent);
    out.ascii("-> ");
    out.appendLine(node.op.array(), node.op.offset(), node.op.length(), ' ');
  }

  /** A worker that did not come to this node has no line. */
  private void worker(PlanNodeRecord part, int indent) {
    if (part.loops == 0) {
      return;
    }
    out.spaces(indent);
    // PostgreSQL counts them from 0.
    field("Worker ", part.worker - 1);
    field(": rows=", part.rows);
    field(" loops=", part.loops);
    if (part.timing != TimingMode.OFF) {
      out.ascii(" time=");
      microseconds(mark(part), part.totalUs);
    }
    out.put('\n');
    details(part, indent + WORKER_INDENT);
  }

  private void firstRow(PlanNodeRecord node, int indent) {
    if (node.timing == TimingMode.OFF || node.rows == 0) {
      return;
    }
    out.spaces(indent);
    out.ascii("First row: ");
    microseconds(mark(node), node.startupUs);
    out.put('\n');
  }

  private static String mark(PlanNodeRecord node) {
    return node.timing == TimingMode.SAMPLED ? "~" : "";
  }

  private void time(PlanNodeRecord node, long childrenUs) {
    if (node.timing == TimingMode.OFF) {
      return;
    }
    String mark = mark(node);
    out.ascii(" time=");
    microseconds(mark, node.totalUs);
    out.ascii(" self=");
    // Estimates of parent and children may cross.
    microseconds(mark, Math.max(0, node.totalUs - childrenUs));
  }

  private void microseconds(String mark, long us) {
    out.ascii(mark);
    out.decimal(us);
    out.ascii("us");
  }

  private void details(PlanNodeRecord node, int indent) {
    firstRow(node, indent);
    removed(node, indent, RemovedRows.INDEX_RECHECK);
    removed(node, indent, RemovedRows.JOIN_FILTER);
    removed(node, indent, RemovedRows.FILTER);
    removed(node, indent, RemovedRows.CONFLICT_FILTER);
    method(node, indent);
    removed(node, indent, RemovedRows.CONFLICTING);
    buffers(node, indent);
    waits(node.waits, indent);
    wal(node, indent);
  }

  private void removed(PlanNodeRecord node, int indent, RemovedRows kind) {
    long rows =
        (node.removed1Kind == kind ? node.removed1 : 0)
            + (node.removed2Kind == kind ? node.removed2 : 0);
    if (rows != 0) {
      out.spaces(indent);
      field(kind.label(), rows);
      out.put('\n');
    }
  }

  private void method(PlanNodeRecord node, int indent) {
    if (node.method == NodeMethod.NONE || node.loops == 0) {
      return;
    }
    out.spaces(indent);
    switch (node.method) {
      case NONE -> {}
      case SORT -> sort(node);
      case HASH -> hash(node);
      case HASH_AGGREGATE -> hashAggregate(node);
      case MEMOIZE -> memoize(node);
      case BITMAP -> bitmap(node);
      case GATHER -> gather(node, indent);
      case INDEX_ONLY -> field("Heap Fetches: ", node.heapFetches);
      case INSERT -> field("Tuples Inserted: ", node.tuplesInserted);
    }
    out.put('\n');
  }

  private void sort(PlanNodeRecord node) {
    ByteSpan name = node.sortMethod;
    out.ascii("Sort Method: ");
    out.appendLine(name.array(), name.offset(), name.length(), ' ');
    field(node.sortOnDisk ? "  Disk: " : "  Memory: ", node.spaceKb);
    out.ascii("kB");
  }

  private void hash(PlanNodeRecord node) {
    field("Buckets: ", node.buckets);
    field("  Batches: ", node.batches);
    field("  Memory Usage: ", node.spaceKb);
    out.ascii("kB");
  }

  private void hashAggregate(PlanNodeRecord node) {
    field("Batches: ", node.batches);
    field("  Memory Usage: ", node.spaceKb);
    out.ascii("kB");
    if (node.diskKb != 0) {
      field("  Disk Usage: ", node.diskKb);
      out.ascii("kB");
    }
  }

  private void memoize(PlanNodeRecord node) {
    field("Hits: ", node.hits);
    field("  Misses: ", node.misses);
    field("  Evictions: ", node.evictions);
    field("  Memory Usage: ", node.spaceKb);
    out.ascii("kB");
  }

  private void bitmap(PlanNodeRecord node) {
    out.ascii("Heap Blocks:");
    nonZero(" exact=", node.exactBlocks);
    nonZero(" lossy=", node.lossyBlocks);
  }

  private void gather(PlanNodeRecord node, int indent) {
    field("Workers Planned: ", node.workersPlanned);
    out.put('\n');
    out.spaces(indent);
    field("Workers Launched: ", node.workersLaunched);
  }

  private void buffers(PlanNodeRecord n, int indent) {
    boolean shared = (n.sharedHit | n.sharedRead | n.sharedDirtied | n.sharedWritten) != 0;
    boolean local = (n.localHit | n.localRead | n.localDirtied | n.localWritten) != 0;
    boolean temp = (n.tempRead | n.tempWritten) != 0;
    if (!shared && !local && !temp) {
      return;
    }
    out.spaces(indent);
    out.ascii("Buffers:");
    if (shared) {
      out.ascii(" shared");
      blocks(n.sharedHit, n.sharedRead, n.sharedDirtied, n.sharedWritten);
    }
    if (local) {
      out.ascii(shared ? ", local" : " local");
      blocks(n.localHit, n.localRead, n.localDirtied, n.localWritten);
    }
    if (temp) {
      out.ascii(shared || local ? ", temp" : " temp");
      blocks(0, n.tempRead, 0, n.tempWritten);
    }
    out.put('\n');
  }

  private void blocks(long hit, long read, long dirtied, long written) {
    nonZero(" hit=", hit);
    nonZero(" read=", read);
    nonZero(" dirtied=", dirtied);
    nonZero(" written=", written);
  }

  private void waits(List<NodeWait> waits, int indent) {
    if (waits.isEmpty()) {
      return;
    }
    waits.sort(NodeWait.MOST_TIME_FIRST);
    out.spaces(indent);
    out.ascii("Waits:");
    int named = Math.min(waits.size(), NAMED_WAITS_MAX);
    for (int i = 0; i < named; i++) {
      NodeWait wait = waits.get(i);
      out.ascii(i == 0 ? " " : ", ");
      sum(wait.nam, wait.count, wait.totalUs);
      tiers(wait);
    }
    if (named < waits.size()) {
      out.ascii(", ");
      others(waits, named);
    }
    out.put('\n');
  }

  private void others(List<NodeWait> waits, int from) {
    long count = 0;
    long totalUs = 0;
    for (int i = from; i < waits.size(); i++) {
      count += waits.get(i).count;
      totalUs += waits.get(i).totalUs;
    }
    sum(NodeWait.OTHERS, count, totalUs);
  }

  private void sum(String nam, long count, long totalUs) {
    out.ascii(nam);
    field(" ", count);
    field("x ", totalUs);
    out.ascii("us");
  }

  private void tiers(NodeWait wait) {
    if ((wait.fromDisk | wait.fromCache) != 0) {
      field(" (disk ", wait.fromDisk);
      field(", cache ", wait.fromCache);
      out.put(')');
    }
  }

  private void wal(PlanNodeRecord node, int indent) {
    if ((node.walRecords | node.walFpi | node.walBytes) == 0) {
      return;
    }
    out.spaces(indent);
    out.ascii("WAL:");
    nonZero(" records=", node.walRecords);
    nonZero(" fpi=", node.walFpi);
    nonZero(" bytes=", node.walBytes);
    out.put('\n');
  }

  private void nonZero(String label, long value) {
    if (value != 0) {
      field(label, value);
    }
  }

  private void field(String label, long value) {
    out.ascii(label);
    out.decimal(value);
  }
}
