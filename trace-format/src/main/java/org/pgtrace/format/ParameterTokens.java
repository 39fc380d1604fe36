package org.pgtrace.format;

/**
 * Turns PostgreSQL's parameter tokens ({@code $1}) into Oracle's ({@code :1}), in place: a token
 * keeps its length. It reads the text as the server's scanner does, so that nothing inside a
 * literal, a quoted name or a comment is touched. Literals are taken to follow
 * standard_conforming_strings. Used again for each text.
 */
final class ParameterTokens {
  private static final byte[] NONE = new byte[0];

  private byte[] text = NONE;
  private int at;
  private int end;

  /** Rewrites the bytes {@code [from, end)} of a text. */
  void rewrite(byte[] text, int from, int end) {
    this.text = text;
    this.at = from;
    this.end = end;
    run();
    this.text = NONE;
  }

  private void run() {
    while (at < end) {
      byte c = text[at];
      if (c == '\'') {
        skipLiteral();
      } else if (c == '"') {
        skipTo('"');
      } else if (c == '-' && peek(1) == '-') {
        skipLine();
      } else if (c == '/' && peek(1) == '*') {
        skipComment();
      } else if (c == '$') {
        dollar();
      } else if (isNameStart(c)) {
        skipName();
      } else if (isDigit(c)) {
        skipNumber();
      } else {
        at++;
      }
    }
  }

  private void dollar() {
    if (isDigit(peek(1))) {
      text[at++] = ':';
      skipNumber();
    } else if (!skipDollarQuoted()) {
      at++;
    }
  }

  /** A quote in it is doubled, which reads as two literals side by side. */
  private void skipLiteral() {
    skipTo('\'');
  }

  private void skipTo(char quote) {
    at++;
    while (at < end && text[at] != quote) {
      at++;
    }
    at++;
  }

  /** After {@code E'}: a backslash takes the next character with it. */
  private void skipEscapeLiteral() {
    do {
      at++;
      while (at < end && text[at] != '\'') {
        at += text[at] == '\\' ? 2 : 1;
      }
      at++;
    } while (continues());
  }

  /** Whether an escape literal goes on: a quote at once, or after white space with a line end. */
  private boolean continues() {
    boolean lineEnd = false;
    int i = at;
    while (i < end && isSpace(text[i])) {
      lineEnd |= text[i] == '\n' || text[i] == '\r';
      i++;
    }
    boolean goesOn = i < end && text[i] == '\'' && (lineEnd || i == at);
    if (goesOn) {
      at = i;
    }
    return goesOn;
  }

  private void skipLine() {
    while (at < end && text[at] != '\n' && text[at] != '\r') {
      at++;
    }
  }

  /** Comments nest. */
  private void skipComment() {
    int depth = 0;
    do {
      if (text[at] == '/' && peek(1) == '*') {
        depth++;
        at += 2;
      } else if (text[at] == '*' && peek(1) == '/') {
        depth--;
        at += 2;
      } else {
        at++;
      }
    } while (depth > 0 && at < end);
  }

  /** Skips {@code $tag$ … $tag$}; one without an end reaches to the end of the text. */
  private boolean skipDollarQuoted() {
    int i = at + 1;
    while (i < end && isTag(text[i])) {
      i++;
    }
    if (i >= end || text[i] != '$') {
      return false;
    }
    int tagLength = i + 1 - at;
    int close = i + 1;
    while (close + tagLength <= end && !sameTag(close, tagLength)) {
      close++;
    }
    at = close + tagLength <= end ? close + tagLength : end;
    return true;
  }

  private boolean sameTag(int other, int tagLength) {
    for (int i = 0; i < tagLength; i++) {
      if (text[other + i] != text[at + i]) {
        return false;
      }
    }
    return true;
  }

  /** A name may contain {@code $1}. */
  private void skipName() {
    int start = at;
    while (at < end && (isTag(text[at]) || text[at] == '$')) {
      at++;
    }
    boolean isE = at - start == 1 && (text[start] == 'E' || text[start] == 'e');
    if (isE && peek(0) == '\'') {
      skipEscapeLiteral();
    }
  }

  private void skipNumber() {
    while (at < end && (isDigit(text[at]) || text[at] == '_')) {
      at++;
    }
  }

  /** The byte so many places further, or 0 after the end. */
  private byte peek(int distance) {
    return at + distance < end ? text[at + distance] : 0;
  }

  private static boolean isDigit(byte c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isNameStart(byte c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c < 0;
  }

  private static boolean isTag(byte c) {
    return isNameStart(c) || isDigit(c);
  }

  private static boolean isSpace(byte c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
  }
}
