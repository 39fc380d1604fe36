package org.pgtrace.format;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A range of bytes in somebody else's array; mutable and used again. The array is not copied: it
 * must keep its content until the line has been written.
 */
public final class ByteSpan {
  private static final byte[] NONE = new byte[0];

  private byte[] array = NONE;
  private int offset;
  private int length;

  /** Points at {@code length} bytes of {@code array} from {@code offset}. */
  public void set(byte[] array, int offset, int length) {
    this.array = array;
    this.offset = offset;
    this.length = length;
  }

  /** Points at a copy of a text in UTF-8. */
  public void set(String text) {
    byte[] b = text.getBytes(StandardCharsets.UTF_8);
    set(b, 0, b.length);
  }

  /** Points at a copy of what another one points at. */
  public void setCopy(ByteSpan other) {
    set(
        Arrays.copyOfRange(other.array, other.offset, other.offset + other.length),
        0,
        other.length);
  }

  /** Points at nothing. */
  public void clear() {
    set(NONE, 0, 0);
  }

  /** The array that holds the bytes. */
  public byte[] array() {
    return array;
  }

  /** Index of the first byte. */
  public int offset() {
    return offset;
  }

  /** Number of bytes. */
  public int length() {
    return length;
  }
}
