package org.pgtrace.daemon;

import java.util.ArrayList;
import java.util.List;
import org.pgtrace.format.NodeMethod;
import org.pgtrace.format.PlanNodeRecord;
import org.pgtrace.format.RemovedRows;
import org.pgtrace.format.TimingMode;
import org.pgtrace.format.TraceWriter;
import org.pgtrace.ring.EventLayout.Buffers;
import org.pgtrace.ring.EventLayout.Node;
import org.pgtrace.ring.EventLayout.Plan;
import org.pgtrace.ring.EventRecord;
import org.pgtrace.ring.Layout;

/** Collects a plan's nodes until the last has come; records and texts are used again. */
final class PlanCollector {
  private static final long NS_PER_US = 1000;

  /** More nodes than any plan has. */
  private static final int NODES_MAX = 32_767;

  private static final int TEXTS_MIN = 8192;

  private final List<PlanNodeRecord> pool = new ArrayList<>();

  /** Those of the pool that are in use. */
  private final List<PlanNodeRecord> nodes = new ArrayList<>();

  private byte[] texts = new byte[TEXTS_MIN];
  private int textsUsed;
  private boolean open;
  private int cursor;
  private int depth;
  private long planHash;
  private boolean running;
  private long untracedWorkers;
  private TimingMode timing = TimingMode.OFF;

  boolean isOpen() {
    return open;
  }

  void begin(EventRecord event) {
    open = true;
    nodes.clear();
    textsUsed = 0;
    cursor = event.i32(Plan.CURSOR);
    depth = event.u16(Plan.DEPTH);
    planHash = event.u32(Plan.PLAN_HASH);
    running = (event.u16(Plan.FLAGS) & Layout.PLAN_RUNNING) != 0;
    untracedWorkers = event.u32(Plan.UNTRACED_WORKERS);
    timing =
        switch (event.i32(Plan.NODE_TIMING)) {
          case Layout.TIMING_SAMPLED -> TimingMode.SAMPLED;
          case Layout.TIMING_EXACT, Layout.TIMING_SERVER -> TimingMode.EXACT;
          default -> TimingMode.OFF;
        };
  }

  void add(EventRecord event) {
    if (nodes.size() == NODES_MAX) {
      return;
    }
    if (nodes.size() == pool.size()) {
      pool.add(new PlanNodeRecord());
    }
    PlanNodeRecord node = pool.get(nodes.size());
    nodes.add(node);
    node.waits.clear();
    node.workers.clear();
    node.id = event.u16(Node.ID);
    node.parentId = Math.min(event.u16(Node.PARENT), node.id);
    node.position = event.u16(Node.POSITION);
    node.objectId = event.u32(Node.OBJECT);
    node.estRows = event.f64(Node.EST_ROWS);
    node.totalCost = event.f64(Node.TOTAL_COST);
    node.width = event.i32(Node.WIDTH);
    node.rows = event.i64(Node.ROWS);
    node.loops = event.i64(Node.LOOPS);
    node.timing = timing;
    node.startupUs = event.i64(Node.STARTUP_NS) / NS_PER_US;
    node.totalUs = event.i64(Node.TOTAL_NS) / NS_PER_US;
    node.walRecords = event.i64(Node.WAL_RECORDS);
    node.walFpi = event.i64(Node.WAL_FPI);
    node.walBytes = event.i64(Node.WAL_BYTES);
    node.leaderOnly = (event.u16(Node.FLAGS) & Layout.NODE_LEADER_ONLY) != 0;
    buffers(event, node);
    removed(event, node);
    method(event, node);
    int length = event.textLength();
    int at = room(length);
    event.copyText(texts, at);
    node.op.set(texts, at, length);
  }

  /** Nothing more is to come. */
  void close() {
    open = false;
  }

  int cursor() {
    return cursor;
  }

  int depth() {
    return depth;
  }

  /** Whether the execution runs, so that there are no figures. */
  boolean isRunning() {
    return running;
  }

  /** Those that have come. */
  List<PlanNodeRecord> nodes() {
    return nodes;
  }

  /** Makes roots of the nodes whose parents are not among them. */
  void cutRoots() {
    for (int i = 0; i < nodes.size(); i++) {
      PlanNodeRecord node = nodes.get(i);
      if (node.parentId < nodes.get(0).id) {
        node.parentId = 0;
        node.position = 1;
      }
    }
  }

  /** Writes what has come. */
  void write(TraceWriter writer) {
    if (nodes.isEmpty()) {
      return;
    }
    if (running) {
      writer.runningPlan(cursor, planHash, nodes);
    } else {
      writer.stats(cursor, nodes);
      writer.plan(cursor, planHash, untracedWorkers, nodes);
    }
  }

  private static void buffers(EventRecord event, PlanNodeRecord node) {
    int at = Node.BUFFERS;
    node.sharedHit = event.i64(at + Buffers.SHARED_HIT);
    node.sharedRead = event.i64(at + Buffers.SHARED_READ);
    node.sharedDirtied = event.i64(at + Buffers.SHARED_DIRTIED);
    node.sharedWritten = event.i64(at + Buffers.SHARED_WRITTEN);
    node.localHit = event.i64(at + Buffers.LOCAL_HIT);
    node.localRead = event.i64(at + Buffers.LOCAL_READ);
    node.localDirtied = event.i64(at + Buffers.LOCAL_DIRTIED);
    node.localWritten = event.i64(at + Buffers.LOCAL_WRITTEN);
    node.tempRead = event.i64(at + Buffers.TEMP_READ);
    node.tempWritten = event.i64(at + Buffers.TEMP_WRITTEN);
  }

  private static void removed(EventRecord event, PlanNodeRecord node) {
    node.removed1Kind = removedKind(event.u8(Node.REMOVED1_KIND));
    node.removed1 = event.i64(Node.REMOVED1);
    node.removed2Kind = removedKind(event.u8(Node.REMOVED2_KIND));
    node.removed2 = event.i64(Node.REMOVED2);
  }

  private static RemovedRows removedKind(int kind) {
    return switch (kind) {
      case Layout.REMOVED_FILTER -> RemovedRows.FILTER;
      case Layout.REMOVED_JOIN_FILTER -> RemovedRows.JOIN_FILTER;
      case Layout.REMOVED_INDEX_RECHECK -> RemovedRows.INDEX_RECHECK;
      case Layout.REMOVED_CONFLICT_FILTER -> RemovedRows.CONFLICT_FILTER;
      case Layout.REMOVED_CONFLICTING -> RemovedRows.CONFLICTING;
      default -> RemovedRows.NONE;
    };
  }

  private void method(EventRecord event, PlanNodeRecord node) {
    long buckets = event.i64(Node.BUCKETS);
    long batches = event.i64(Node.BATCHES);
    node.spaceKb = event.i64(Node.SPACE_KB);
    node.diskKb = event.i64(Node.DISK_KB);
    node.buckets = buckets;
    node.batches = batches;
    switch (event.u8(Node.METHOD_KIND)) {
      case Layout.METHOD_SORT -> {
        node.method = NodeMethod.SORT;
        node.sortOnDisk = (event.u16(Node.FLAGS) & Layout.NODE_SORT_DISK) != 0;
        int at = room(Node.METHOD_NAME_LENGTH);
        int length = event.copyFixed(Node.METHOD_NAME, Node.METHOD_NAME_LENGTH, texts, at);
        node.sortMethod.set(texts, at, length);
      }
      case Layout.METHOD_HASH -> node.method = NodeMethod.HASH;
      case Layout.METHOD_HASHAGG -> node.method = NodeMethod.HASH_AGGREGATE;
      case Layout.METHOD_MEMOIZE -> {
        node.method = NodeMethod.MEMOIZE;
        node.hits = buckets;
        node.misses = batches;
        node.evictions = node.diskKb;
      }
      case Layout.METHOD_BITMAP -> {
        node.method = NodeMethod.BITMAP;
        node.exactBlocks = buckets;
        node.lossyBlocks = batches;
      }
      case Layout.METHOD_GATHER -> {
        node.method = NodeMethod.GATHER;
        node.workersPlanned = (int) buckets;
        node.workersLaunched = (int) batches;
      }
      case Layout.METHOD_INDEX_ONLY -> {
        node.method = NodeMethod.INDEX_ONLY;
        node.heapFetches = buckets;
      }
      case Layout.METHOD_INSERT -> {
        node.method = NodeMethod.INSERT;
        node.tuplesInserted = buckets;
      }
      default -> node.method = NodeMethod.NONE;
    }
  }

  /** Room for a text. A new array leaves the old one to the nodes that point into it. */
  private int room(int length) {
    if (length > texts.length - textsUsed) {
      texts = new byte[Math.max(texts.length * 2, length)];
      textsUsed = 0;
    }
    int at = textsUsed;
    textsUsed += length;
    return at;
  }
}
