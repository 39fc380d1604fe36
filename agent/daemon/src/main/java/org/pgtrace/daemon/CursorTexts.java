package org.pgtrace.daemon;

import org.jspecify.annotations.Nullable;
import org.pgtrace.format.TraceWriter;

/**
 * The texts of one session's cursors, so that each of its files can be read for itself: a text that
 * an earlier file holds is written again before the first line that names its cursor.
 *
 * <p>Keeps a bounded number of bytes; the texts that no file has asked for longest go first. A line
 * of a cursor that the current file knows costs one comparison, and nothing here makes garbage but
 * a text that is new.
 */
final class CursorTexts {
  /** Bytes of text that are kept. */
  static final int BYTES_MAX = 8 << 20;

  /** A session uses no more cursors than this at a time, by far. */
  private static final int TEXTS_MAX = 8192;

  private static final int BUCKETS = 4096;

  /** An array this much longer than its text is not used again for it. */
  private static final int SPARE_MAX = 256;

  private final @Nullable Text[] buckets = new Text[BUCKETS];

  /** Those that the session's current file knows. */
  private final KnownCursors introduced = new KnownCursors();

  /** Closes the ring in order of use: the oldest is its newer one, the latest its older one. */
  private final Text order = new Text();

  private int texts;
  private long bytes;
  private boolean knowsAll = true;
  private boolean missing;

  /** A text and what PARSING IN CURSOR says beside it. */
  private static final class Text {
    private int cursor;
    private int depth;
    private long uid;
    private int commandType;
    private long lid;
    private int worker;
    private byte[] sql = new byte[0];
    private int length;
    private @Nullable Text inBucket;
    private Text newer = this;
    private Text older = this;

    private void unlink() {
      newer.older = older;
      older.newer = newer;
    }

    private void linkAsLatest(Text head) {
      older = head.older;
      newer = head;
      older.newer = this;
      head.older = this;
    }
  }

  /** A further file of the session begins, in which no cursor is known. */
  void beginFile() {
    knowsAll = false;
    missing = false;
    introduced.clear();
  }

  /** The file has lines of an earlier daemon: its texts are in it. */
  void resumeFile() {
    knowsAll = true;
  }

  /** A line with the cursor's text has been written. */
  void setIntroduced(int cursor) {
    introduced.add(cursor);
  }

  /** Keeps a text, in place of the one that the cursor had. */
  void put(
      int cursor,
      byte[] sql,
      int length,
      int depth,
      long uid,
      int commandType,
      long lid,
      int worker) {
    Text text = find(cursor);
    if (text != null) {
      text.unlink();
      bytes -= text.sql.length;
    } else if (length > BYTES_MAX) {
      return;
    } else {
      text = texts == TEXTS_MAX ? removeOldest() : new Text();
      text.cursor = cursor;
      int bucket = cursor & (BUCKETS - 1);
      text.inBucket = buckets[bucket];
      buckets[bucket] = text;
      texts++;
    }
    if (text.sql.length < length || text.sql.length - length > SPARE_MAX) {
      text.sql = new byte[length];
    }
    System.arraycopy(sql, 0, text.sql, 0, length);
    text.length = length;
    text.depth = depth;
    text.uid = uid;
    text.commandType = commandType;
    text.lid = lid;
    text.worker = worker;
    text.linkAsLatest(order);
    bytes += text.sql.length;
    while (bytes > BYTES_MAX) {
      removeOldest();
    }
  }

  /**
   * Writes the cursor's text where the current file does not know it yet, as a line of the parallel
   * worker whose statement it is.
   */
  void introduce(int cursor, long tim, TraceWriter writer) {
    if (!knowsAll) {
      introduce(cursor, tim, writer, introduced);
    }
  }

  /** Writes the cursor's text to a file that does not know it yet. */
  void introduce(int cursor, long tim, TraceWriter writer, KnownCursors known) {
    if (known.contains(cursor)) {
      return;
    }
    known.add(cursor);
    Text text = find(cursor);
    if (text == null) {
      missing = true;
      return;
    }
    text.unlink();
    text.linkAsLatest(order);
    writer.setWorker(text.worker);
    writer.parsing(
        cursor, text.sql, 0, text.length, text.depth, text.uid, text.commandType, text.lid, tim);
  }

  /** Whether a cursor had no text since this was asked last. */
  boolean takeMissing() {
    boolean was = missing;
    missing = false;
    return was;
  }

  private @Nullable Text find(int cursor) {
    Text text = buckets[cursor & (BUCKETS - 1)];
    while (text != null && text.cursor != cursor) {
      text = text.inBucket;
    }
    return text;
  }

  private Text removeOldest() {
    Text oldest = order.newer;
    oldest.unlink();
    int bucket = oldest.cursor & (BUCKETS - 1);
    Text before = null;
    Text text = buckets[bucket];
    while (text != null && text != oldest) {
      before = text;
      text = text.inBucket;
    }
    if (before == null) {
      buckets[bucket] = oldest.inBucket;
    } else {
      before.inBucket = oldest.inBucket;
    }
    texts--;
    bytes -= oldest.sql.length;
    return oldest;
  }
}
