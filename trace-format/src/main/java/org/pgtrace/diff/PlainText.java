package org.pgtrace.diff;

/** Text of a trace as other programs may have it. */
final class PlainText {
  private PlainText() {}

  /** Without characters that XML 1.0 does not know, and halves of characters. */
  static String of(String text) {
    StringBuilder out = new StringBuilder(text.length());
    text.codePoints().forEach(c -> out.appendCodePoint(isValid(c) ? c : '?'));
    return out.toString();
  }

  private static boolean isValid(int c) {
    return c == '\t'
        || c == '\n'
        || (c >= ' ' && c < 0xd800)
        || (c > 0xdfff && c < 0xfffe)
        || c > 0xffff;
  }

  /** The same on one line. */
  static String oneLine(String text) {
    return of(text).replace('\n', ' ').replace('\t', ' ');
  }
}
