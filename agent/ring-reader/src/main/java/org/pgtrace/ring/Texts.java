package org.pgtrace.ring;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Fixed-size, NUL-padded texts. */
final class Texts {
  private Texts() {}

  /** The text, to its first NUL or its full length. */
  static String fixed(SharedMemory memory, int offset, int length) {
    return fixed(memory.bytes(), offset, length);
  }

  static String fixed(ByteBuffer bytes, int offset, int length) {
    byte[] copy = new byte[length];
    bytes.get(offset, copy);
    int end = 0;
    while (end < length && copy[end] != 0) {
      end++;
    }
    return new String(copy, 0, end, StandardCharsets.UTF_8);
  }

  /** Writes the text, cut to length - 1 bytes. */
  static void putFixed(SharedMemory memory, int offset, int length, String text) {
    byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
    int end = Math.min(encoded.length, length - 1);
    memory.zero(offset, length);
    memory.bytes().put(offset, encoded, 0, end);
  }
}
