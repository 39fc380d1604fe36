package org.pgtrace.reader;

import java.util.Arrays;
import org.pgtrace.format.ServerText;

/** Texts that a trace repeats, each made once. What does not fit the table is made each time. */
final class Names {
  private static final int SLOTS = 1 << 13;
  private static final int BYTES_MAX = 256;

  private final byte[][] bytes = new byte[SLOTS][];
  private final String[] texts = new String[SLOTS];

  Names() {
    Arrays.fill(bytes, new byte[0]);
    Arrays.fill(texts, "");
  }

  String of(byte[] b, int off, int len) {
    if (len <= 0) {
      return "";
    }
    if (len > BYTES_MAX) {
      return ServerText.decode(b, off, len);
    }
    int hash = len;
    for (int i = off; i < off + len; i++) {
      hash = hash * 31 + b[i];
    }
    int slot = (hash ^ hash >>> 13) & SLOTS - 1;
    byte[] known = bytes[slot];
    if (known.length == len && isSame(known, b, off)) {
      return texts[slot];
    }
    String text = ServerText.decode(b, off, len);
    bytes[slot] = Arrays.copyOfRange(b, off, off + len);
    texts[slot] = text;
    return text;
  }

  private static boolean isSame(byte[] known, byte[] b, int off) {
    for (int i = 0; i < known.length; i++) {
      if (known[i] != b[off + i]) {
        return false;
      }
    }
    return true;
  }
}
