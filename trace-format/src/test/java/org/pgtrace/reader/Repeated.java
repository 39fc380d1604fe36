package org.pgtrace.reader;

import java.io.InputStream;

/** A stream of the same bytes, over and over. */
final class Repeated extends InputStream {
  private final byte[] bytes;
  private long left;
  private int at;

  Repeated(byte[] bytes, int times) {
    this.bytes = bytes;
    left = (long) bytes.length * times;
  }

  @Override
  public int read() {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int off, int len) {
    if (left == 0) {
      return -1;
    }
    int count = (int) Math.min(left, Math.min(len, bytes.length - at));
    System.arraycopy(bytes, at, target, off, count);
    at = (at + count) % bytes.length;
    left -= count;
    return count;
  }
}
