package org.pgtrace.reader;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Map;
import org.pgtrace.format.NodeMethod;
import org.pgtrace.format.NodeWait;
import org.pgtrace.format.PlanNodeRecord;
import org.pgtrace.format.PlanRecord;
import org.pgtrace.format.RemovedRows;
import org.pgtrace.format.StatRecord;
import org.pgtrace.format.TimingMode;

/** Reads STAT lines and PLAN blocks. */
final class PlanLines {
  private static final byte[] ID = Scan.ascii(" id=");
  private static final byte[] CNT = Scan.ascii(" cnt=");
  private static final byte[] PID = Scan.ascii(" pid=");
  private static final byte[] POS = Scan.ascii(" pos=");
  private static final byte[] OBJ = Scan.ascii(" obj=");
  private static final byte[] OP = Scan.ascii(" op='");
  private static final byte[] STATISTICS = Scan.ascii("(cr=");
  private static final byte[] PR = Scan.ascii(" pr=");
  private static final byte[] PW = Scan.ascii(" pw=");
  private static final byte[] OLD_R = Scan.ascii(" r=");
  private static final byte[] OLD_W = Scan.ascii(" w=");
  private static final byte[] STR = Scan.ascii(" str=");
  private static final byte[] TIME = Scan.ascii(" time=");
  private static final byte[] DR = Scan.ascii(" dr=");
  private static final byte[] DW = Scan.ascii(" dw=");
  private static final byte[] US = Scan.ascii(" us");
  private static final byte[] BARE_US = Scan.ascii("us");
  private static final byte[] COST = Scan.ascii(" cost=");
  private static final byte[] SIZE = Scan.ascii(" size=");
  private static final byte[] CARD = Scan.ascii(" card=");

  private static final byte[] PLH = Scan.ascii(": plh=");
  private static final byte[] UNTRACED = Scan.ascii(" workers not traced: ");
  private static final byte[] RUNNING = Scan.ascii(" running");
  private static final byte[] BLOCK_INDENT = Scan.ascii("  ");
  private static final byte[] ARROW = Scan.ascii("-> ");
  private static final byte[] FIGURES = Scan.ascii("  (rows=");
  private static final byte[] ESTIMATE = Scan.ascii("  (est=");
  private static final byte[] EST = Scan.ascii(" est=");
  private static final byte[] LOOPS = Scan.ascii(" loops=");
  private static final byte[] PLAN_TIME = Scan.ascii(" time=");
  private static final byte[] SELF = Scan.ascii(" self=");
  private static final byte[] LEADER_ONLY = Scan.ascii(" leader only");
  private static final byte[] WORKER = Scan.ascii("Worker ");
  private static final byte[] ROWS = Scan.ascii(": rows=");
  private static final byte[] FIRST_ROW = Scan.ascii("First row: ");
  private static final byte[] KB = Scan.ascii("kB");
  private static final byte[] OTHERS = Scan.ascii("others ");
  private static final byte[] COMMA = Scan.ascii(", ");
  private static final byte[] TIERS = Scan.ascii(" (disk ");
  private static final byte[] TIERS_CACHE = Scan.ascii(", cache ");

  private static final byte[] EXACT = Scan.ascii(" exact=");
  private static final byte[] LOSSY = Scan.ascii(" lossy=");
  private static final byte[] HIT = Scan.ascii(" hit=");
  private static final byte[] READ = Scan.ascii(" read=");
  private static final byte[] DIRTIED = Scan.ascii(" dirtied=");
  private static final byte[] WRITTEN = Scan.ascii(" written=");
  private static final byte[] RECORDS = Scan.ascii(" records=");
  private static final byte[] FPI = Scan.ascii(" fpi=");
  private static final byte[] BYTES = Scan.ascii(" bytes=");
  private static final byte[] SPACE = Scan.ascii(" ");
  private static final byte[] BATCHES = Scan.ascii("  Batches: ");
  private static final byte[] MEMORY_USAGE = Scan.ascii("  Memory Usage: ");
  private static final byte[] DISK_USAGE = Scan.ascii("  Disk Usage: ");
  private static final byte[] MISSES = Scan.ascii("  Misses: ");
  private static final byte[] EVICTIONS = Scan.ascii("  Evictions: ");
  private static final byte[] MEMORY = Scan.ascii("  Memory: ");
  private static final byte[] DISK = Scan.ascii("  Disk: ");
  private static final byte[] TIMES = Scan.ascii("x ");

  private static final Map<RemovedRows, byte[]> REMOVED = removedLabels();

  final StatRecord stat = new StatRecord();
  final PlanRecord plan = new PlanRecord();

  /** Nodes on the way from the root to the last one, the innermost first. */
  private final Deque<PlanNodeRecord> path = new ArrayDeque<>();

  /** From behind {@code STAT #}. */
  void stat(Scan s) {
    StatRecord r = stat;
    r.cursor = s.number();
    r.id = s.smallNumber(ID);
    r.rows = s.number(CNT);
    r.parentId = s.smallNumber(PID);
    r.position = s.smallNumber(POS);
    r.objectId = s.number(OBJ);
    s.expect(OP);
    r.hasStatistics = false;
    int quote = s.lastIndexOf('\'');
    if (s.hasFailed() || quote < s.at()) {
      s.fail();
      return;
    }
    int bracket = s.lastIndexOf(STATISTICS, quote);
    int opEnd = bracket < 0 ? quote : bracket;
    // A space parts the two; of Oracle's it may be missing.
    boolean hasSpace = opEnd > s.at() && s.array()[opEnd - 1] == ' ';
    r.op.set(s.array(), s.at(), opEnd - s.at() - (hasSpace ? 1 : 0));
    s.moveTo(opEnd);
    if (bracket >= 0) {
      statistics(s);
    }
    s.expect('\'');
  }

  private void statistics(Scan s) {
    StatRecord r = stat;
    r.hasStatistics = true;
    r.consistentGets = s.number(STATISTICS);
    boolean isOld = s.startsWith(OLD_R);
    r.blocksRead = s.number(isOld ? OLD_R : PR);
    r.blocksWritten = s.number(isOld ? OLD_W : PW);
    r.starts = s.skip(STR) ? s.number() : StatRecord.NONE;
    r.timeUs = s.number(TIME);
    if (s.skip(DR)) {
      s.number();
      s.number(DW);
    }
    if (!s.skip(US)) {
      s.expect(BARE_US);
    }
    r.cost = s.skip(COST) ? s.number() : StatRecord.NONE;
    r.size = s.skip(SIZE) ? s.number() : StatRecord.NONE;
    r.card = s.skip(CARD) ? s.number() : StatRecord.NONE;
    s.expect(')');
  }

  /** From behind {@code PLAN #}, the first line of the block. */
  void planHead(Scan s) {
    plan.nodes.clear();
    path.clear();
    plan.cursor = s.number();
    plan.planHash = s.number(PLH);
    plan.untracedWorkers = s.skip(UNTRACED) ? s.number() : 0;
    plan.isRunning = s.skip(RUNNING);
  }

  /** Whether a line belongs to the block. */
  static boolean isOfBlock(Scan s) {
    return s.startsWith(BLOCK_INDENT);
  }

  /** A line of the block; what cannot be read fails, and is left out. */
  void planLine(Scan s) {
    int from = s.at();
    s.skipSpaces();
    int indent = s.at() - from;
    if (s.startsWith(ARROW)) {
      node(s, indent);
    } else if (path.isEmpty()) {
      s.fail();
    } else if (s.startsWith(WORKER)) {
      worker(s);
    } else {
      detail(s, detailOwner(indent));
    }
  }

  private void node(Scan s, int indent) {
    PlanNodeRecord node = new PlanNodeRecord();
    s.expect(ARROW);
    // Three columns a level, from two on.
    int level = (indent - 2) / 3;
    while (path.size() > level) {
      path.pop();
    }
    if (path.size() != level || (indent - 2) % 3 != 0) {
      s.fail();
      return;
    }
    int figures = s.lastIndexOf(plan.isRunning ? ESTIMATE : FIGURES, s.end());
    if (figures < 0) {
      s.fail();
      return;
    }
    node.op.set(Arrays.copyOfRange(s.array(), s.at(), figures), 0, figures - s.at());
    s.moveTo(figures);
    nodeFigures(s, node);
    node.id = plan.nodes.size() + 1;
    node.parentId = path.isEmpty() ? 0 : path.getFirst().id;
    for (PlanNodeRecord other : plan.nodes) {
      node.position += other.parentId == node.parentId ? 1 : 0;
    }
    plan.nodes.add(node);
    path.push(node);
  }

  private void nodeFigures(Scan s, PlanNodeRecord node) {
    if (plan.isRunning) {
      node.estRows = s.number(ESTIMATE);
    } else {
      node.rows = s.number(FIGURES);
      node.estRows = s.number(EST);
      node.loops = s.number(LOOPS);
      if (s.skip(PLAN_TIME)) {
        node.totalUs = microseconds(s, node);
        s.expect(SELF);
        node.selfUs = microseconds(s, node);
      }
      node.leaderOnly = s.skip(LEADER_ONLY);
    }
    s.expect(')');
  }

  private static long microseconds(Scan s, PlanNodeRecord node) {
    node.timing = s.skip('~') ? TimingMode.SAMPLED : TimingMode.EXACT;
    long us = s.number();
    s.expect(BARE_US);
    return us;
  }

  private void worker(Scan s) {
    PlanNodeRecord part = new PlanNodeRecord();
    part.worker = s.smallNumber(WORKER) + 1;
    part.rows = s.number(ROWS);
    part.loops = s.number(LOOPS);
    if (s.skip(PLAN_TIME)) {
      part.totalUs = microseconds(s, part);
    }
    if (!s.hasFailed()) {
      path.getFirst().workers.add(part);
    }
  }

  /** Details of a worker stand further to the right than the node's own. */
  private PlanNodeRecord detailOwner(int indent) {
    PlanNodeRecord node = path.getFirst();
    int own = 2 + 3 * (path.size() - 1) + 5;
    return indent > own && !node.workers.isEmpty()
        ? node.workers.get(node.workers.size() - 1)
        : node;
  }

  private static void detail(Scan s, PlanNodeRecord node) {
    if (s.skip(FIRST_ROW)) {
      node.startupUs = microseconds(s, node);
      return;
    }
    RemovedRows removed = removedKind(s);
    if (removed != RemovedRows.NONE) {
      removed(node, removed, s.number());
      return;
    }
    String label = s.nameTo(':');
    if (s.hasFailed()) {
      return;
    }
    switch (label) {
      case "Buffers" -> buffers(s, node);
      case "Waits" -> waits(s, node);
      case "WAL" -> wal(s, node);
      default -> method(s, node, label);
    }
  }

  private static Map<RemovedRows, byte[]> removedLabels() {
    Map<RemovedRows, byte[]> labels = new EnumMap<>(RemovedRows.class);
    for (RemovedRows kind : RemovedRows.values()) {
      labels.put(kind, Scan.ascii(kind.label()));
    }
    labels.remove(RemovedRows.NONE);
    return labels;
  }

  /** Goes on after the label of a kind; {@code NONE}: it is another line. */
  private static RemovedRows removedKind(Scan s) {
    for (Map.Entry<RemovedRows, byte[]> kind : REMOVED.entrySet()) {
      if (s.skip(kind.getValue())) {
        return kind.getKey();
      }
    }
    return RemovedRows.NONE;
  }

  private static void removed(PlanNodeRecord node, RemovedRows kind, long rows) {
    if (node.removed1Kind == RemovedRows.NONE) {
      node.removed1Kind = kind;
      node.removed1 = rows;
    } else {
      node.removed2Kind = kind;
      node.removed2 = rows;
    }
  }

  private static void method(Scan s, PlanNodeRecord node, String label) {
    switch (label) {
      case "Sort Method" -> sort(s, node);
      case "Buckets" -> {
        node.method = NodeMethod.HASH;
        node.buckets = s.number(SPACE);
        node.batches = s.number(BATCHES);
        node.spaceKb = kilobytes(s, MEMORY_USAGE);
      }
      case "Batches" -> {
        node.method = NodeMethod.HASH_AGGREGATE;
        node.batches = s.number(SPACE);
        node.spaceKb = kilobytes(s, MEMORY_USAGE);
        node.diskKb = s.isAtEnd() ? 0 : kilobytes(s, DISK_USAGE);
      }
      case "Hits" -> {
        node.method = NodeMethod.MEMOIZE;
        node.hits = s.number(SPACE);
        node.misses = s.number(MISSES);
        node.evictions = s.number(EVICTIONS);
        node.spaceKb = kilobytes(s, MEMORY_USAGE);
      }
      case "Heap Blocks" -> {
        node.method = NodeMethod.BITMAP;
        node.exactBlocks = optional(s, EXACT);
        node.lossyBlocks = optional(s, LOSSY);
      }
      case "Workers Planned" -> {
        node.method = NodeMethod.GATHER;
        node.workersPlanned = (int) s.number(SPACE);
      }
      case "Workers Launched" -> {
        node.method = NodeMethod.GATHER;
        node.workersLaunched = (int) s.number(SPACE);
      }
      case "Heap Fetches" -> {
        node.method = NodeMethod.INDEX_ONLY;
        node.heapFetches = s.number(SPACE);
      }
      case "Tuples Inserted" -> {
        node.method = NodeMethod.INSERT;
        node.tuplesInserted = s.number(SPACE);
      }
      default -> s.fail();
    }
  }

  private static void sort(Scan s, PlanNodeRecord node) {
    node.method = NodeMethod.SORT;
    s.expect(' ');
    int end = s.lastIndexOf(MEMORY, s.end());
    node.sortOnDisk = end < 0;
    byte[] label = node.sortOnDisk ? DISK : MEMORY;
    end = s.lastIndexOf(label, s.end());
    if (end < 0) {
      s.fail();
      return;
    }
    node.sortMethod.set(Arrays.copyOfRange(s.array(), s.at(), end), 0, end - s.at());
    s.moveTo(end);
    node.spaceKb = s.number(label);
    s.expect(KB);
  }

  private static long kilobytes(Scan s, byte[] label) {
    long kb = s.number(label);
    s.expect(KB);
    return kb;
  }

  private static long optional(Scan s, byte[] label) {
    return s.skip(label) ? s.number() : 0;
  }

  private static void buffers(Scan s, PlanNodeRecord n) {
    do {
      s.expect(' ');
      switch (s.nameBefore(' ')) {
        case "shared" -> {
          n.sharedHit = optional(s, HIT);
          n.sharedRead = optional(s, READ);
          n.sharedDirtied = optional(s, DIRTIED);
          n.sharedWritten = optional(s, WRITTEN);
        }
        case "local" -> {
          n.localHit = optional(s, HIT);
          n.localRead = optional(s, READ);
          n.localDirtied = optional(s, DIRTIED);
          n.localWritten = optional(s, WRITTEN);
        }
        case "temp" -> {
          n.tempRead = optional(s, READ);
          n.tempWritten = optional(s, WRITTEN);
        }
        default -> s.fail();
      }
    } while (!s.hasFailed() && s.skip(','));
  }

  private static void waits(Scan s, PlanNodeRecord node) {
    s.expect(' ');
    do {
      NodeWait wait = new NodeWait();
      if (s.startsWith(OTHERS)) {
        wait.nam = NodeWait.OTHERS;
        s.expect(OTHERS);
      } else {
        name(s, wait);
      }
      wait.count = s.number();
      s.expect(TIMES);
      wait.totalUs = s.number();
      s.expect(BARE_US);
      if (s.skip(TIERS)) {
        wait.fromDisk = s.number();
        wait.fromCache = s.number(TIERS_CACHE);
        s.expect(')');
      }
      if (!s.hasFailed()) {
        node.waits.add(wait);
      }
    } while (!s.hasFailed() && s.skip(COMMA));
  }

  /** A wait's name has spaces, and its count follows it: {@code NAME 12x 340us}. */
  private static void name(Scan s, NodeWait wait) {
    byte[] b = s.array();
    for (int i = s.at(); i < s.end(); i++) {
      if (b[i] == ' ' && isCount(b, i + 1, s.end())) {
        wait.nam = s.name(s.at(), i);
        s.moveTo(i + 1);
        return;
      }
    }
    s.fail();
  }

  private static boolean isCount(byte[] b, int from, int end) {
    int i = from;
    while (i < end && b[i] >= '0' && b[i] <= '9') {
      i++;
    }
    return i > from && i + 1 < end && b[i] == 'x' && b[i + 1] == ' ';
  }

  private static void wal(Scan s, PlanNodeRecord node) {
    node.walRecords = optional(s, RECORDS);
    node.walFpi = optional(s, FPI);
    node.walBytes = optional(s, BYTES);
  }
}
