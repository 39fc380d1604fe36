package org.pgtrace.ring;

/**
 * Offsets in records, from their start. The classes are named as the structs in ring_layout.h.
 * Compared with the golden layout by a test.
 */
@SuppressWarnings("JavaLangClash")
public final class EventLayout {

  private EventLayout() {}

  /** PgtRecord. */
  public static final class Record {
    public static final int SIZE = 16;
    public static final int LENGTH = 0;
    public static final int TYPE = 4;
    public static final int FLAGS = 6;
    public static final int TIME_NS = 8;

    private Record() {}
  }

  /** PgtLost. */
  public static final class Lost {
    public static final int SIZE = 40;
    public static final int FROM_NS = 16;
    public static final int FULL = 24;
    public static final int TOO_BIG = 32;

    private Lost() {}
  }

  /** PgtSession. */
  public static final class Session {
    public static final int SIZE = 32;
    public static final int LEVEL = 16;
    public static final int PLAN_STAT = 20;
    public static final int NODE_TIMING = 24;
    public static final int MAX_BIND_LENGTH = 28;

    private Session() {}
  }

  /** PgtAttribute. */
  public static final class Attribute {
    public static final int SIZE = 24;
    public static final int KEY = 16;
    public static final int TEXT_LENGTH = 20;

    private Attribute() {}
  }

  /** PgtSessionEnd. */
  public static final class SessionEnd {
    public static final int SIZE = 24;
    public static final int REASON = 16;

    private SessionEnd() {}
  }

  /** PgtStatement. */
  public static final class Statement {
    public static final int SIZE = 80;
    public static final int CURSOR = 16;
    public static final int DEPTH = 20;
    public static final int FLAGS = 22;
    public static final int UID = 24;
    public static final int LID = 28;
    public static final int SQLSTATE = 32;
    public static final int TEXT_TOTAL = 36;
    public static final int TEXT_OFFSET = 40;
    public static final int TEXT_LENGTH = 44;
    public static final int TAG = 48;
    public static final int TAG_LENGTH = 32;

    private Statement() {}
  }

  /** PgtBuffers. */
  public static final class Buffers {
    public static final int SIZE = 80;
    public static final int SHARED_HIT = 0;
    public static final int SHARED_READ = 8;
    public static final int SHARED_DIRTIED = 16;
    public static final int SHARED_WRITTEN = 24;
    public static final int LOCAL_HIT = 32;
    public static final int LOCAL_READ = 40;
    public static final int LOCAL_DIRTIED = 48;
    public static final int LOCAL_WRITTEN = 56;
    public static final int TEMP_READ = 64;
    public static final int TEMP_WRITTEN = 72;

    private Buffers() {}
  }

  /** PgtCall. */
  public static final class Call {
    public static final int SIZE = 136;
    public static final int CURSOR = 16;
    public static final int KIND = 20;
    public static final int DEPTH = 22;
    public static final int FLAGS = 24;
    public static final int PLAN_HASH = 28;
    public static final int START_NS = 32;
    public static final int CPU_NS = 40;
    public static final int ROWS = 48;
    public static final int BUFFERS = 56;

    private Call() {}
  }

  /** PgtBind. */
  public static final class Bind {
    public static final int SIZE = 40;
    public static final int CURSOR = 16;
    public static final int DEPTH = 20;
    public static final int POSITION = 22;
    public static final int TYPE_OID = 24;
    public static final int FLAGS = 28;
    public static final int VALUE_TOTAL = 32;
    public static final int TYPE_NAME_LENGTH = 36;
    public static final int VALUE_LENGTH = 38;

    private Bind() {}
  }

  /** PgtPlan. */
  public static final class Plan {
    public static final int SIZE = 40;
    public static final int CURSOR = 16;
    public static final int DEPTH = 20;
    public static final int FLAGS = 22;
    public static final int PLAN_HASH = 24;
    public static final int NODE_TIMING = 28;
    public static final int NODE_COUNT = 32;
    public static final int UNTRACED_WORKERS = 36;

    private Plan() {}
  }

  /** PgtNode. */
  public static final class Node {
    public static final int SIZE = 272;
    public static final int ID = 16;
    public static final int PARENT = 18;
    public static final int POSITION = 20;
    public static final int PLAN_NODE_ID = 22;
    public static final int OBJECT = 24;
    public static final int FLAGS = 28;
    public static final int REMOVED1_KIND = 30;
    public static final int REMOVED2_KIND = 31;
    public static final int METHOD_KIND = 32;
    public static final int WIDTH = 36;
    public static final int EST_ROWS = 40;
    public static final int TOTAL_COST = 48;
    public static final int ROWS = 56;
    public static final int LOOPS = 64;
    public static final int STARTUP_NS = 72;
    public static final int TOTAL_NS = 80;
    public static final int BUFFERS = 88;
    public static final int WAL_RECORDS = 168;
    public static final int WAL_FPI = 176;
    public static final int WAL_BYTES = 184;
    public static final int REMOVED1 = 192;
    public static final int REMOVED2 = 200;
    public static final int SPACE_KB = 208;
    public static final int DISK_KB = 216;
    public static final int BUCKETS = 224;
    public static final int BATCHES = 232;
    public static final int METHOD_NAME = 240;
    public static final int METHOD_NAME_LENGTH = 24;
    public static final int TEXT_LENGTH = 264;

    private Node() {}
  }

  /** PgtError. */
  public static final class Error {
    public static final int SIZE = 40;
    public static final int CURSOR = 16;
    public static final int DEPTH = 20;
    public static final int FLAGS = 22;
    public static final int SQLSTATE = 24;
    public static final int SQLSTATE_LENGTH = 8;
    public static final int POSITION = 32;
    public static final int TEXT_LENGTH = 36;

    private Error() {}
  }

  /** PgtXactEnd. */
  public static final class XactEnd {
    public static final int SIZE = 24;
    public static final int ROLLBACK = 16;
    public static final int READ_ONLY = 17;
    public static final int DEPTH = 18;

    private XactEnd() {}
  }

  /** PgtWait. */
  public static final class Wait {
    public static final int SIZE = 96;
    public static final int START_NS = 16;
    public static final int CPU_NS = 24;
    public static final int EVENT = 32;
    public static final int CURSOR = 36;
    public static final int DEPTH = 40;
    public static final int NODE = 42;
    public static final int KIND = 44;
    public static final int CALL = 45;
    public static final int TIER = 46;
    public static final int LOCK_MODE = 47;
    public static final int NUMBER = 48;
    public static final int BLOCK = 64;
    public static final int COUNT = 68;
    public static final int OFFSET = 72;
    public static final int BYTES = 80;
    public static final int LOCK_TYPE = 88;
    public static final int HOLDER = 92;

    private Wait() {}
  }

  /** PgtSpan. */
  public static final class Span {
    public static final int SIZE = 8;
    public static final int FIRST = 0;
    public static final int COUNT = 4;

    private Span() {}
  }

  /** PgtHits. */
  public static final class Hits {
    public static final int SIZE = 48;
    public static final int CURSOR = 16;
    public static final int DEPTH = 20;
    public static final int NODE = 22;
    public static final int NUMBER = 24;
    public static final int LOCAL = 40;
    public static final int SPAN_COUNT = 44;

    private Hits() {}
  }

  /** PgtSummary. */
  public static final class Summary {
    public static final int SIZE = 152;
    public static final int CURSOR = 16;
    public static final int DEPTH = 20;
    public static final int ELAPSED_NS = 24;
    public static final int CPU_NS = 32;
    public static final int WAIT_NS = 40;
    public static final int THINK_NS = 48;
    public static final int DISK_BLOCKS = 56;
    public static final int CACHE_BLOCKS = 64;
    public static final int BUFFERS = 72;

    private Summary() {}
  }

  /** PgtRusage. */
  public static final class Rusage {
    public static final int SIZE = 64;
    public static final int USER_US = 0;
    public static final int SYSTEM_US = 8;
    public static final int IN_BLOCKS = 16;
    public static final int OUT_BLOCKS = 24;
    public static final int MINOR_FAULTS = 32;
    public static final int MAJOR_FAULTS = 40;
    public static final int VOLUNTARY_SWITCHES = 48;
    public static final int INVOLUNTARY_SWITCHES = 56;

    private Rusage() {}
  }

  /** PgtCharge. */
  public static final class Charge {
    public static final int SIZE = 104;
    public static final int CURSOR = 16;
    public static final int DEPTH = 20;
    public static final int STATEMENT = 24;
    public static final int ACTIVITY = 28;
    public static final int START_NS = 32;
    public static final int USAGE = 40;

    private Charge() {}
  }

  /** PgtRuns. */
  public static final class Runs {
    public static final int SIZE = 24;
    public static final int CURSOR = 16;
    public static final int DEPTH = 20;
    public static final int KIND = 22;

    private Runs() {}
  }

  /** PgtWaitName. */
  public static final class WaitName {
    public static final int SIZE = 24;
    public static final int EVENT = 16;
    public static final int TYPE_LENGTH = 20;
    public static final int NAME_LENGTH = 22;

    private WaitName() {}
  }

  /** PgtFileName. */
  public static final class FileName {
    public static final int SIZE = 24;
    public static final int NUMBER = 16;
    public static final int PATH_LENGTH = 20;

    private FileName() {}
  }

  /** PgtObject. */
  public static final class Object {
    public static final int SIZE = 40;
    public static final int OBJECT = 16;
    public static final int TABLESPACE = 20;
    public static final int DATABASE = 24;
    public static final int FILE = 28;
    public static final int RELKIND = 32;
    public static final int NAME_LENGTH = 36;

    private Object() {}
  }
}
