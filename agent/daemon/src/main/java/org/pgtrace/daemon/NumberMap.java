package org.pgtrace.daemon;

import org.jspecify.annotations.Nullable;

/**
 * Objects by a number, without a box for it. Holds up to a limit: what is put beyond begins anew
 * with an empty map.
 */
final class NumberMap<V> {
  private static final int CAPACITY_MIN = 16;

  private final int limit;
  private long[] keys = new long[CAPACITY_MIN];

  /** At the key's index; its length is a power of two, and more than half of it is empty. */
  private @Nullable Object[] values = new Object[CAPACITY_MIN];

  private int size;

  NumberMap(int limit) {
    this.limit = limit;
  }

  int size() {
    return size;
  }

  @SuppressWarnings("unchecked")
  @Nullable V get(long key) {
    return (V) values[indexOf(key)];
  }

  void put(long key, V value) {
    if (values[indexOf(key)] == null) {
      if (size == limit) {
        clear();
      } else if ((size + 1) * 2 > keys.length) {
        grow();
      }
      size++;
    }
    int at = indexOf(key);
    keys[at] = key;
    values[at] = value;
  }

  private void clear() {
    keys = new long[CAPACITY_MIN];
    values = new Object[CAPACITY_MIN];
    size = 0;
  }

  private void grow() {
    long[] oldKeys = keys;
    @Nullable Object[] oldValues = values;
    keys = new long[oldKeys.length * 2];
    values = new Object[keys.length];
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldValues[i] != null) {
        int at = indexOf(oldKeys[i]);
        keys[at] = oldKeys[i];
        values[at] = oldValues[i];
      }
    }
  }

  /** Where the key is, or would be. */
  private int indexOf(long key) {
    long mixed = key * 0x9e37_79b9_7f4a_7c15L;
    int mask = keys.length - 1;
    int at = (int) (mixed >>> 32) & mask;
    while (values[at] != null && keys[at] != key) {
      at = (at + 1) & mask;
    }
    return at;
  }
}
