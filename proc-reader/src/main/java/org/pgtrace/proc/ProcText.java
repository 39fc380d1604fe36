package org.pgtrace.proc;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A place in the bytes of a file of /proc or /sys. What is looked for and is not there makes the
 * whole text not understood, so that who reads it asks once, at the end. Makes no garbage.
 */
final class ProcText {
  private static final int SHOWN_BYTES = 60;

  private byte[] bytes = new byte[0];
  private int length;
  private int at;
  private boolean isUnderstood;

  static byte[] key(String key) {
    return key.getBytes(StandardCharsets.US_ASCII);
  }

  /** A text that is read once. */
  static ProcText of(byte[] bytes) {
    ProcText text = new ProcText();
    text.set(bytes, bytes.length);
    return text;
  }

  /** Goes to the beginning of these bytes. */
  void set(byte[] bytes, int length) {
    this.bytes = bytes;
    this.length = length;
    at = 0;
    // Each of these files ends with its last line's end: anything else was cut off.
    isUnderstood = length == 0 || bytes[length - 1] == '\n';
  }

  /** All that was looked for was there, and the text is not cut off. */
  boolean isUnderstood() {
    return isUnderstood;
  }

  boolean isAtEnd() {
    return at >= length;
  }

  /** Goes behind the last such byte of the text. */
  void afterLast(char wanted) {
    int last = length - 1;
    while (last >= 0 && bytes[last] != wanted) {
      last--;
    }
    if (last < 0) {
      isUnderstood = false;
    } else {
      at = last + 1;
    }
  }

  /** Goes behind this beginning of a line: of this line or a later one, else of one before. */
  void line(byte[] beginning) {
    if (!seekLine(beginning)) {
      isUnderstood = false;
    }
  }

  /** The number behind this beginning of a line. */
  long numberOf(byte[] beginning) {
    line(beginning);
    return number();
  }

  /** As {@link #line}, for a line that need not be there. */
  boolean seekLine(byte[] beginning) {
    int start = at == 0 || bytes[at - 1] == '\n' ? at : lineEnd(at) + 1;
    int found = findLine(beginning, start, length);
    if (found < 0) {
      found = findLine(beginning, 0, start);
    }
    if (found < 0) {
      return false;
    }
    at = found + beginning.length;
    return true;
  }

  private int findLine(byte[] beginning, int from, int to) {
    for (int start = from; start < to; start = lineEnd(start) + 1) {
      if (bytes[start] == beginning[0] && isAt(beginning, start)) {
        return start;
      }
    }
    return -1;
  }

  /** Goes behind these bytes, if they come next. */
  boolean seekHere(byte[] part) {
    if (!isAt(part, at)) {
      return false;
    }
    at += part.length;
    return true;
  }

  /** Goes behind the next such word of this line, which has to be there. */
  void inLine(byte[] word) {
    if (!seekInLine(word)) {
      isUnderstood = false;
    }
  }

  /** As {@link #inLine}, for a word that need not be there. */
  boolean seekInLine(byte[] word) {
    int end = lineEnd(at);
    for (int i = at; i < end; i++) {
      if (bytes[i] == word[0] && isAt(word, i)) {
        at = i + word.length;
        return true;
      }
    }
    return false;
  }

  void nextLine() {
    at = Math.min(lineEnd(at) + 1, length);
  }

  /** Goes behind the line's next word. */
  void skipWord() {
    skipBlanks();
    while (at < length && bytes[at] > ' ') {
      at++;
    }
  }

  /** The line has another word. */
  boolean hasMore() {
    skipBlanks();
    return at < length && bytes[at] != '\n';
  }

  /** The next byte that is no blank. */
  char letter() {
    if (!hasMore()) {
      isUnderstood = false;
      return 0;
    }
    return (char) bytes[at++];
  }

  /**
   * The number that comes next in this line, or 0, and the text is not understood. What does not
   * fit a long, as it may be up to 2^64-1, is {@link Long#MAX_VALUE}.
   */
  long number() {
    skipBlanks();
    boolean isNegative = at < length && bytes[at] == '-';
    int from = isNegative ? at + 1 : at;
    int i = from;
    long value = 0;
    while (i < length && bytes[i] >= '0' && bytes[i] <= '9') {
      int digit = bytes[i++] - '0';
      value = value > (Long.MAX_VALUE - digit) / 10 ? Long.MAX_VALUE : value * 10 + digit;
    }
    if (i == from || !isDelimiter(i)) {
      isUnderstood = false;
      return 0;
    }
    at = i;
    return isNegative ? -value : value;
  }

  /** Goes behind this byte, which comes next. */
  void skip(char expected) {
    if (at < length && bytes[at] == expected) {
      at++;
    } else {
      isUnderstood = false;
    }
  }

  private void skipBlanks() {
    while (at < length && (bytes[at] == ' ' || bytes[at] == '\t')) {
      at++;
    }
  }

  private boolean isDelimiter(int i) {
    return i >= length || bytes[i] <= ' ' || bytes[i] == ':';
  }

  private boolean isAt(byte[] part, int from) {
    int to = from + part.length;
    return to <= length && Arrays.equals(bytes, from, to, part, 0, part.length);
  }

  private int lineEnd(int from) {
    int i = from;
    while (i < length && bytes[i] != '\n') {
      i++;
    }
    return i;
  }

  /** Its beginning, for a message. */
  @Override
  public String toString() {
    String shown = new String(bytes, 0, Math.min(length, SHOWN_BYTES), StandardCharsets.ISO_8859_1);
    return shown.replace('\n', ' ').replace('\0', '?') + (length > SHOWN_BYTES ? "..." : "");
  }
}
