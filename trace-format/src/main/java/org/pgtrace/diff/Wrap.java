package org.pgtrace.diff;

import java.util.ArrayList;
import java.util.List;

/** Breaks long lines. */
final class Wrap {
  private static final int INDENT = 4;

  private Wrap() {}

  /** A text in lines of at most so many characters; all but the first are indented. */
  static List<String> words(String text, int width) {
    List<String> lines = new ArrayList<>();
    String rest = text;
    while (rest.length() > width) {
      int from = lines.isEmpty() ? 0 : INDENT;
      int space = rest.lastIndexOf(' ', width);
      int end = space > from ? space : width;
      lines.add(rest.substring(0, end));
      rest = " ".repeat(INDENT) + rest.substring(end).stripLeading();
    }
    lines.add(rest);
    return lines;
  }
}
