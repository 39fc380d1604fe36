package org.pgtrace.ring;

/** Offsets in a slot, from its start. Compared with the golden layout by a test. */
public final class SlotLayout {
  public static final int SIZE = 1024;
  public static final int STATE = 0;
  public static final int PID = 4;
  public static final int START_TICKS = 8;
  public static final int LEADER_PID = 16;
  public static final int BACKEND_TYPE = 20;
  public static final int SESSION_NUMBER = 24;
  public static final int ENABLED = 28;
  public static final int ANCHOR_MONO_NS = 32;
  public static final int ANCHOR_WALL_NS = 40;
  public static final int LEVEL = 48;
  public static final int CONTROL = 56;
  public static final int LOCK = 64;
  public static final int UNTRACED_WORKERS = 68;
  public static final int ACTIVITY = 72;
  public static final int STATEMENT = 76;
  public static final int STATEMENT_CURSOR = 80;
  public static final int STATEMENT_START_NS = 88;
  public static final int HEAD = 128;
  public static final int RESERVED_TO = 136;
  public static final int EVENTS = 144;
  public static final int LOST_FULL = 152;
  public static final int LOST_TOO_BIG = 160;
  public static final int WAITED_NS = 168;
  public static final int GAP_FROM_NS = 176;
  public static final int GAP_FULL = 184;
  public static final int GAP_TOO_BIG = 192;
  public static final int READ_POS = 256;
  public static final int COMMIT_SEQ = 264;
  public static final int COMMIT = 272;
  public static final int COMMIT_LENGTH = 64;
  public static final int RESEND = 336;
  public static final int DATABASE = 384;
  public static final int DATABASE_LENGTH = 64;
  public static final int ROLE = 448;
  public static final int ROLE_LENGTH = 64;
  public static final int APPLICATION = 512;
  public static final int APPLICATION_LENGTH = 64;
  public static final int IDENTIFIER = 576;
  public static final int IDENTIFIER_LENGTH = 64;
  public static final int TRACE_FILE = 640;
  public static final int TRACE_FILE_LENGTH = 384;

  private SlotLayout() {}
}
