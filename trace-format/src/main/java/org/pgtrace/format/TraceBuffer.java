package org.pgtrace.format;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A growable byte buffer that is filled, written out and used again. It formats numbers by hand, so
 * that a line costs no garbage. Not safe for use by several threads.
 */
public final class TraceBuffer {
  /** Digits of the longest 64-bit number, with its sign. */
  private static final int DECIMAL_MAX = 20;

  private static final int HEX_MAX = 16;
  private static final int CAPACITY_MIN = 64;

  /** The longest array that every JVM can make. */
  private static final int CAPACITY_MAX = Integer.MAX_VALUE - 8;

  private byte[] bytes;
  private int length;

  /**
   * @param initialCapacity bytes to begin with; the buffer grows as needed
   */
  public TraceBuffer(int initialCapacity) {
    bytes = new byte[Math.max(initialCapacity, CAPACITY_MIN)];
  }

  /** The bytes; only {@code [0, length())} hold text, and only until the next append. */
  public byte[] array() {
    return bytes;
  }

  /** Number of bytes held. */
  public int length() {
    return length;
  }

  /** Forgets the bytes and keeps the memory. */
  public void clear() {
    length = 0;
  }

  /** Appends bytes as they are. */
  public void append(byte[] b, int off, int len) {
    reserve(len);
    System.arraycopy(b, off, bytes, length, len);
    length += len;
  }

  /** Appends text of ASCII characters; any other character becomes a question mark. */
  public void ascii(String s) {
    int n = s.length();
    reserve(n);
    for (int i = 0; i < n; i++) {
      char c = s.charAt(i);
      bytes[length + i] = c < 0x80 ? (byte) c : (byte) '?';
    }
    length += n;
  }

  /** Appends any text in UTF-8. */
  public void utf8(String s) {
    byte[] b = s.getBytes(StandardCharsets.UTF_8);
    append(b, 0, b.length);
  }

  /** Appends one byte. */
  public void put(byte b) {
    reserve(1);
    bytes[length++] = b;
  }

  /** Appends one ASCII character. */
  public void put(char c) {
    put((byte) c);
  }

  /** Appends a signed number in decimal. */
  public void decimal(long v) {
    if (v < 0) {
      put('-');
    }
    // The magnitude of Long.MIN_VALUE is right when it is read as unsigned.
    unsignedDecimal(v < 0 ? -v : v);
  }

  /** Appends a 64-bit number, read as unsigned, in decimal. */
  public void unsignedDecimal(long v) {
    reserve(DECIMAL_MAX);
    long rest = v;
    if (rest < 0) {
      long tenth = Long.divideUnsigned(rest, 10);
      int last = (int) (rest - tenth * 10);
      positive(tenth, 1);
      bytes[length++] = (byte) ('0' + last);
      return;
    }
    positive(rest, 1);
  }

  /** Appends a number that is not negative in decimal, with leading zeros up to a width. */
  public void paddedDecimal(long v, int width) {
    reserve(Math.max(DECIMAL_MAX, width));
    positive(v, width);
  }

  /** Appends a 64-bit number in lower-case hexadecimal without leading zeros. */
  public void hex(long v) {
    paddedHex(v, 1);
  }

  /** Appends a 64-bit number in upper-case hexadecimal without leading zeros. */
  public void upperHex(long v) {
    hex(v, 1, 'A');
  }

  /** Appends a 64-bit number in lower-case hexadecimal, with leading zeros up to a width. */
  public void paddedHex(long v, int width) {
    hex(v, width, 'a');
  }

  private void hex(long v, int width, char ten) {
    reserve(Math.max(HEX_MAX, width));
    int digits = Math.max(width, (Long.SIZE - Long.numberOfLeadingZeros(v) + 3) / 4);
    long rest = v;
    for (int i = length + digits - 1; i >= length; i--) {
      int digit = (int) (rest & 0xf);
      bytes[i] = (byte) (digit < 10 ? '0' + digit : ten + digit - 10);
      rest >>>= 4;
    }
    length += digits;
  }

  /** Appends a number of spaces. */
  public void spaces(int count) {
    reserve(count);
    Arrays.fill(bytes, length, length + count, (byte) ' ');
    length += count;
  }

  /**
   * Appends bytes that must stay on one line: a control character (a line end among them) becomes
   * {@code replacement}.
   */
  public void appendLine(byte[] b, int off, int len, char replacement) {
    reserve(len);
    for (int i = 0; i < len; i++) {
      byte c = b[off + i];
      bytes[length + i] = isControl(c) ? (byte) replacement : c;
    }
    length += len;
  }

  /**
   * Appends bytes that stand between apostrophes on one line: readers of Oracle traces end the text
   * at the first apostrophe, so one becomes a backtick, and a control character a space.
   */
  public void appendQuoted(byte[] b, int off, int len) {
    int start = length;
    appendLine(b, off, len, ' ');
    for (int i = start; i < length; i++) {
      if (bytes[i] == '\'') {
        bytes[i] = '`';
      }
    }
  }

  /** Appends text in UTF-8 that must stay on one line: a control character becomes '?'. */
  public void utf8Line(String s) {
    byte[] b = s.getBytes(StandardCharsets.UTF_8);
    appendLine(b, 0, b.length, '?');
  }

  private static boolean isControl(byte c) {
    return (c >= 0 && c < ' ') || c == 0x7f;
  }

  private void positive(long v, int width) {
    int digits = Math.max(width, digitsOf(v));
    long rest = v;
    for (int i = length + digits - 1; i >= length; i--) {
      long tenth = rest / 10;
      bytes[i] = (byte) ('0' + (int) (rest - tenth * 10));
      rest = tenth;
    }
    length += digits;
  }

  private static int digitsOf(long v) {
    int digits = 1;
    for (long limit = 10; digits < 19 && v >= limit; limit *= 10) {
      digits++;
    }
    return digits;
  }

  private void reserve(int more) {
    if (more > bytes.length - length) {
      grow(more);
    }
  }

  private void grow(int more) {
    long needed = (long) length + more;
    if (needed > CAPACITY_MAX) {
      throw new IllegalStateException("a trace buffer cannot hold " + needed + " bytes");
    }
    long doubled = Math.min(2L * bytes.length, CAPACITY_MAX);
    bytes = Arrays.copyOf(bytes, (int) Math.max(needed, doubled));
  }
}
