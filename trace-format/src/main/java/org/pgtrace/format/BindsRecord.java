package org.pgtrace.format;

import java.util.ArrayList;
import java.util.List;

/** The binds of one execution; mutable and used again, its values too. */
public final class BindsRecord {
  private final List<BindValue> pool = new ArrayList<>();
  private int size;

  /** Cursor number. */
  public long cursor;

  /** Forgets the values and keeps their memory. */
  public void clear() {
    size = 0;
  }

  /** A value more, as the last one with that place left it. */
  public BindValue add() {
    if (size == pool.size()) {
      pool.add(new BindValue());
    }
    return pool.get(size++);
  }

  /** In the order of their lines; good for as long as the record is. */
  public List<BindValue> values() {
    return pool.subList(0, size);
  }
}
