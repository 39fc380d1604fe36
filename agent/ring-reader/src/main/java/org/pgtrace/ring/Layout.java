package org.pgtrace.ring;

/**
 * The layout's constants, named as in ring_layout.h without their prefix. Compared with the golden
 * layout by a test.
 */
public final class Layout {
  public static final long MAGIC = 0x3145434152544750L;
  public static final int ENDIAN = 0x01020304;
  public static final int LAYOUT_MAJOR = 1;
  public static final int LAYOUT_MINOR = 0;
  public static final int SEGMENT_HEADER_SIZE = 4096;
  public static final int SLOT_SIZE = 1024;
  public static final int RECORD_ALIGN = 8;
  public static final int LOCK_SERVER = 0;
  public static final int LOCK_DAEMON = 1;
  public static final String FILE_PREFIX = "pg_trace.";
  public static final int RECORD_MAX = 16384;
  public static final int CHUNK_MAX = 8192;
  public static final int RING_SIZE_MIN = 65536;
  public static final int RING_SIZE_MAX = 1073741824;
  public static final int SLOTS_MAX = 4096;
  public static final long HEARTBEAT_TIMEOUT_NS = 2_000_000_000L;
  public static final int SEGMENT_INITIALISING = 0;
  public static final int SEGMENT_READY = 1;
  public static final int SEGMENT_STOPPED = 2;
  public static final int CLOCK_MONOTONIC = 1;
  public static final int RULE_NONE = 0;
  public static final int RULE_APPLICATION = 1;
  public static final int RULE_ROLE = 2;
  public static final int RULE_DATABASE = 3;
  public static final int RULE_CHANGING = 4;
  public static final int RULES = 30;
  public static final int SLOT_FREE = 0;
  public static final int SLOT_CLAIMED = 1;
  public static final int SLOT_ACTIVE = 2;
  public static final int SLOT_CLOSED = 3;
  public static final int SLOT_FREEING = 4;
  public static final int SLOT_OFFERED = 5;
  public static final int BACKEND_CLIENT = 1;
  public static final int BACKEND_PARALLEL = 2;
  public static final int BACKEND_BACKGROUND = 3;
  public static final int BACKEND_AUTOVACUUM = 4;
  public static final int BACKEND_WALSENDER = 5;
  public static final int BACKEND_AUXILIARY = 6;
  public static final int CONTROL_OFF = 1;
  public static final int CONTROL_ON = 2;
  public static final int BLOCKS_OFF = 0;
  public static final int BLOCKS_PHYSICAL = 1;
  public static final int BLOCKS_ALL = 2;
  public static final int RF_MORE = 1;
  public static final int RF_TRUNCATED = 2;
  public static final int RF_OWN_WORK = 4;
  public static final int RF_WORKER_SHIFT = 4;
  public static final int WORKER_MAX = 1024;
  public static final int WORKER_NUMBERS_SHIFT = 20;
  public static final int EV_PAD = 1;
  public static final int EV_LOST = 2;
  public static final int EV_SESSION = 3;
  public static final int EV_ATTRIBUTE = 4;
  public static final int EV_SESSION_END = 5;
  public static final int EV_STATEMENT = 6;
  public static final int EV_CALL = 7;
  public static final int EV_BIND = 8;
  public static final int EV_PLAN = 9;
  public static final int EV_NODE = 10;
  public static final int EV_ERROR = 11;
  public static final int EV_XACT_END = 12;
  public static final int EV_WAIT = 13;
  public static final int EV_WAIT_NAME = 14;
  public static final int EV_FILE_NAME = 15;
  public static final int EV_OBJECT = 16;
  public static final int EV_SUMMARY = 17;
  public static final int EV_IDLE = 18;
  public static final int EV_HITS = 19;
  public static final int EV_CHARGE = 20;
  public static final int EV_RUNS = 21;

  /** The daemon asks for {@link #EV_RUNS}. */
  public static final int WANTS_RUNS = 1;

  /** First block of a span whose block is not known. */
  public static final long NO_BLOCK = 0xffff_ffffL;

  /** Fork of hits whose relation is not known. */
  public static final long NO_FORK = 0xffff_ffffL;

  /** A bit of a span's count: its block is a guess, or not known. */
  public static final long SPAN_GUESS = 0x8000_0000L;

  public static final int PLAN_STAT_NEVER = 0;
  public static final int PLAN_STAT_FIRST = 1;
  public static final int PLAN_STAT_ALL = 2;
  public static final int TIMING_OFF = 0;
  public static final int TIMING_SAMPLED = 1;
  public static final int TIMING_EXACT = 2;
  public static final int TIMING_SERVER = 3;
  public static final int ATTR_DATABASE = 1;
  public static final int ATTR_APPLICATION = 2;
  public static final int ATTR_CLIENT_ADDRESS = 3;
  public static final int ATTR_ROLE = 4;
  public static final int ATTR_BACKEND_TYPE = 5;
  public static final int ATTR_CAPABILITY = 6;
  public static final int ATTR_IDENTIFIER = 7;
  public static final int END_DISABLED = 1;
  public static final int END_EXIT = 2;
  public static final int STMT_PARSE_ERROR = 1;
  public static final int CALL_PARSE = 1;
  public static final int CALL_EXEC = 2;
  public static final int CALL_FETCH = 3;
  public static final int CALL_CLOSE = 4;
  public static final int CALL_FAILED = 1;
  public static final int CALL_PLAN_MADE = 2;
  public static final int CALL_PLAN_CACHED = 4;
  public static final int CALL_UTILITY = 8;
  public static final int CALL_PARTIAL = 16;
  public static final int BIND_NULL = 1;
  public static final int BIND_TRUNCATED = 2;
  public static final int PLAN_FAILED = 1;
  public static final int PLAN_WORKERS = 2;
  public static final int PLAN_RUNNING = 4;
  public static final int NODE_NEVER_RUN = 1;
  public static final int NODE_LEADER_ONLY = 2;
  public static final int NODE_SORT_DISK = 4;
  public static final int REMOVED_NONE = 0;
  public static final int REMOVED_FILTER = 1;
  public static final int REMOVED_JOIN_FILTER = 2;
  public static final int REMOVED_INDEX_RECHECK = 3;
  public static final int REMOVED_CONFLICT_FILTER = 4;
  public static final int REMOVED_CONFLICTING = 5;
  public static final int METHOD_NONE = 0;
  public static final int METHOD_SORT = 1;
  public static final int METHOD_HASH = 2;
  public static final int METHOD_HASHAGG = 3;
  public static final int METHOD_MEMOIZE = 4;
  public static final int METHOD_BITMAP = 5;
  public static final int METHOD_GATHER = 6;
  public static final int METHOD_INDEX_ONLY = 7;
  public static final int METHOD_INSERT = 8;
  public static final int ERROR_FATAL = 1;
  public static final int ERROR_PARSE = 2;
  public static final int WAIT_PLAIN = 0;
  public static final int WAIT_BLOCKS = 1;
  public static final int WAIT_FILE = 2;
  public static final int WAIT_LOCK = 3;
  public static final int WAIT_CLIENT = 4;
  public static final int WAIT_IPC = 5;
  public static final int CALLED_READ = 1;
  public static final int CALLED_WRITE = 2;
  public static final int CALLED_SYNC = 3;
  public static final int CALLED_PREFETCH = 4;
  public static final int CALLED_ALLOCATE = 5;
  public static final int CALLED_TRUNCATE = 6;
  public static final int CALLED_POLL = 7;
  public static final int CALLED_SEMAPHORE = 8;
  public static final int CALLED_SLEEP = 9;
  public static final int CALLED_RECEIVE = 10;
  public static final int CALLED_SEND = 11;
  public static final int CALLED_SUBMIT = 12;
  public static final int TIER_NONE = 0;
  public static final int TIER_CACHE = 1;
  public static final int TIER_DISK = 2;
  public static final long CURSOR_NEXT_PARSE = 4294967295L;

  private Layout() {}
}
