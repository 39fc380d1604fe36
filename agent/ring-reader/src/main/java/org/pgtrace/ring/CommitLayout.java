package org.pgtrace.ring;

/**
 * Offsets in one of a slot's two commits, from its start. Compared with the golden layout by a
 * test.
 */
public final class CommitLayout {
  public static final int SIZE = 32;
  public static final int READ_POS = 0;
  public static final int FILE_LENGTH = 8;
  public static final int FILE_NUMBER = 16;
  public static final int WORKERS_READ_POS = 24;

  private CommitLayout() {}
}
