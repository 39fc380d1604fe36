package org.pgtrace.ring;

/**
 * Offsets in the segment header, from the start of the file. Compared with the golden layout by a
 * test.
 */
public final class SegmentLayout {
  public static final int SIZE = 4096;
  public static final int MAGIC = 0;
  public static final int ENDIAN = 8;
  public static final int LAYOUT_MAJOR = 12;
  public static final int LAYOUT_MINOR = 14;
  public static final int HEADER_SIZE = 16;
  public static final int SLOT_SIZE = 20;
  public static final int SLOT_COUNT = 24;
  public static final int RECORD_ALIGN = 28;
  public static final int RINGS_OFFSET = 32;
  public static final int RING_SIZE = 40;
  public static final int SEGMENT_SIZE = 48;
  public static final int STATE = 56;
  public static final int SERVER_PID = 60;
  public static final int SERVER_START_TICKS = 64;
  public static final int SERVER_VERSION_NUM = 72;
  public static final int CLOCK_ID = 76;
  public static final int ANCHOR_MONO_NS = 80;
  public static final int ANCHOR_WALL_NS = 88;
  public static final int PORT = 96;
  public static final int BLOCK_SIZE = 100;
  public static final int SESSION_COUNTER = 104;
  public static final int CONTROL_GENERATION = 108;
  public static final int CLUSTER = 112;
  public static final int CLUSTER_LENGTH = 64;
  public static final int SERVER_VERSION = 176;
  public static final int SERVER_VERSION_LENGTH = 64;
  public static final int DATA_DIRECTORY = 240;
  public static final int DATA_DIRECTORY_LENGTH = 512;
  public static final int BOOT_ID = 752;
  public static final int BOOT_ID_LENGTH = 40;
  public static final int NO_REQUESTS = 792;
  public static final int NO_REQUESTS_LENGTH = 192;
  public static final int DAEMON_PID = 1024;
  public static final int DAEMON_GENERATION = 1028;
  public static final int DAEMON_START_TICKS = 1032;
  public static final int DAEMON_HEARTBEAT_NS = 1040;
  public static final int TRACE_DIR = 1048;
  public static final int TRACE_DIR_LENGTH = 512;
  public static final int DAEMON_WANTS = 1560;
  public static final int RULES = 1600;

  private SegmentLayout() {}
}
