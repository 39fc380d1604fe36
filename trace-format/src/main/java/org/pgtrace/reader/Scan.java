package org.pgtrace.reader;

import static java.nio.charset.StandardCharsets.US_ASCII;

import org.pgtrace.format.ByteSpan;

/**
 * Reads the parts of one line, one after the other. What is not there sets {@link #hasFailed()},
 * and the place, once: so a line is read without a question at each field.
 */
final class Scan {
  /** Decimal digits that always fit 64 bits. */
  private static final int SAFE_DIGITS = 18;

  /** Of the largest unsigned number of 64 bits. */
  private static final int DIGITS_MAX = 20;

  private final Names names = new Names();
  private byte[] b = new byte[0];
  private int at;
  private int end;
  private int failedAt = -1;

  static byte[] ascii(String text) {
    return text.getBytes(US_ASCII);
  }

  void set(byte[] bytes, int from, int to) {
    b = bytes;
    at = from;
    end = to;
    failedAt = -1;
  }

  boolean hasFailed() {
    return failedAt >= 0;
  }

  /** Index where reading failed, or where it is. */
  int place() {
    return failedAt >= 0 ? failedAt : at;
  }

  void fail() {
    if (failedAt < 0) {
      failedAt = at;
    }
  }

  int at() {
    return at;
  }

  void moveTo(int index) {
    at = index;
  }

  int end() {
    return end;
  }

  byte[] array() {
    return b;
  }

  boolean isAtEnd() {
    return at >= end;
  }

  int left() {
    return end - at;
  }

  /** The next byte; 0 at the end. */
  byte peek() {
    return at < end ? b[at] : 0;
  }

  boolean startsWith(byte[] text) {
    int n = text.length;
    if (n > end - at) {
      return false;
    }
    byte[] bytes = b;
    int from = at;
    for (int i = 0; i < n; i++) {
      if (bytes[from + i] != text[i]) {
        return false;
      }
    }
    return true;
  }

  /** Goes on after a text if it is there. */
  boolean skip(byte[] text) {
    if (startsWith(text)) {
      at += text.length;
      return true;
    }
    return false;
  }

  /** Goes on after a character if it is there. */
  boolean skip(char c) {
    if (at < end && b[at] == c) {
      at++;
      return true;
    }
    return false;
  }

  void skipSpaces() {
    while (at < end && b[at] == ' ') {
      at++;
    }
  }

  /** Goes on after a text that has to be there. */
  void expect(byte[] text) {
    if (!skip(text)) {
      fail();
    }
  }

  void expect(char c) {
    if (!skip(c)) {
      fail();
    }
  }

  /** A number that follows a text. */
  long number(byte[] label) {
    expect(label);
    return number();
  }

  /** A number that fits 32 bits, after a text. */
  int smallNumber(byte[] label) {
    expect(label);
    return smallNumber();
  }

  /** A number that fits 32 bits. */
  int smallNumber() {
    long value = number();
    if (value != (int) value) {
      fail();
    }
    return (int) value;
  }

  /** A decimal number of 64 bits, with a sign or read as unsigned. */
  long number() {
    byte[] bytes = b;
    int i = at;
    boolean isNegative = i < end && bytes[i] == '-';
    if (isNegative) {
      i++;
    }
    int first = i;
    long value = 0;
    while (i < end) {
      int digit = bytes[i] - '0';
      if (digit < 0 || digit > 9) {
        break;
      }
      value = value * 10 + digit;
      i++;
    }
    int digits = i - first;
    if (digits == 0 || (digits > SAFE_DIGITS && !fits(first, i, isNegative))) {
      fail();
      return 0;
    }
    at = i;
    return isNegative ? -value : value;
  }

  private boolean fits(int first, int last, boolean isNegative) {
    int from = first;
    while (from < last && b[from] == '0') {
      from++;
    }
    int digits = last - from;
    if (digits < DIGITS_MAX - 1) {
      return true;
    }
    if (digits > DIGITS_MAX) {
      return false;
    }
    String text = new String(b, from, digits, US_ASCII);
    String max = isNegative ? "9223372036854775808" : "18446744073709551615";
    return digits < max.length() || (digits == max.length() && text.compareTo(max) <= 0);
  }

  /** The text up to a character, which is skipped. */
  String nameTo(char c) {
    int to = indexOf(c);
    if (to < 0) {
      fail();
      return "";
    }
    String name = names.of(b, at, to - at);
    at = to + 1;
    return name;
  }

  /** The text up to a character, or to the end; the character is not skipped. */
  String nameBefore(char c) {
    int to = indexOf(c);
    if (to < 0) {
      to = end;
    }
    String name = names.of(b, at, to - at);
    at = to;
    return name;
  }

  /** The bytes up to a character, which is skipped. */
  void spanTo(char c, ByteSpan span) {
    int to = indexOf(c);
    if (to < 0) {
      fail();
      span.clear();
      return;
    }
    span.set(b, at, to - at);
    at = to + 1;
  }

  /** The bytes that are left. */
  void rest(ByteSpan span) {
    span.set(b, at, Math.max(0, end - at));
    at = end;
  }

  String restName() {
    String name = names.of(b, at, Math.max(0, end - at));
    at = end;
    return name;
  }

  String name(int from, int to) {
    return names.of(b, from, to - from);
  }

  /** Index of a character from here on, or -1. */
  int indexOf(char c) {
    byte[] bytes = b;
    for (int i = at; i < end; i++) {
      if (bytes[i] == c) {
        return i;
      }
    }
    return -1;
  }

  /** Index of the last character of that kind from here on, or -1. */
  int lastIndexOf(char c) {
    for (int i = end - 1; i >= at; i--) {
      if (b[i] == c) {
        return i;
      }
    }
    return -1;
  }

  /** Index of the last place where a text stands, from here to an index, or -1. */
  int lastIndexOf(byte[] text, int to) {
    for (int i = to - text.length; i >= at; i--) {
      int n = 0;
      while (n < text.length && b[i + n] == text[n]) {
        n++;
      }
      if (n == text.length) {
        return i;
      }
    }
    return -1;
  }
}
