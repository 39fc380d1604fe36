package org.pgtrace.format;

/**
 * Splits a statement's text as the server's scanner does: what is inside a literal, a quoted name
 * or a comment is no token. Literals are taken to follow standard_conforming_strings. Used again
 * for each text.
 */
abstract class SqlScanner {
  private static final byte[] NONE = new byte[0];

  /** What a piece of a text is. */
  enum Token {
    /** A string in any of the server's notations; {@code E}, {@code B} … before it is a name. */
    LITERAL,
    NUMBER,
    /** {@code $1}. */
    PARAMETER,
    NAME,
    QUOTED_NAME,
    COMMENT,
    SPACE,
    /** One character. */
    OTHER
  }

  private byte[] text = NONE;
  private int at;
  private int end;

  /** Splits the bytes {@code [from, end)} of a text. */
  final void scan(byte[] text, int from, int end) {
    this.text = text;
    this.at = from;
    this.end = end;
    while (at < end) {
      int start = at;
      Token token = next();
      // A comment or literal without an end reaches to the end of the text.
      at = Math.min(at, end);
      token(token, text, start, at);
    }
    this.text = NONE;
  }

  /** Takes a token, {@code [from, to)}. */
  abstract void token(Token token, byte[] text, int from, int to);

  private Token next() {
    byte c = text[at];
    if (c == '\'') {
      skipLiteral();
      return Token.LITERAL;
    }
    if (c == '"') {
      skipTo('"');
      return Token.QUOTED_NAME;
    }
    if (c == '-' && peek(1) == '-') {
      skipLine();
      return Token.COMMENT;
    }
    if (c == '/' && peek(1) == '*') {
      skipComment();
      return Token.COMMENT;
    }
    if (c == '$') {
      return dollar();
    }
    if (isNameStart(c)) {
      return name();
    }
    if (isDigit(c)) {
      skipNumber();
      return Token.NUMBER;
    }
    if (isSpace(c)) {
      while (at < end && isSpace(text[at])) {
        at++;
      }
      return Token.SPACE;
    }
    at++;
    return Token.OTHER;
  }

  private Token dollar() {
    if (isDigit(peek(1))) {
      at++;
      while (at < end && isDigit(text[at])) {
        at++;
      }
      return Token.PARAMETER;
    }
    if (skipDollarQuoted()) {
      return Token.LITERAL;
    }
    at++;
    return Token.OTHER;
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

  /** A name may contain {@code $1}; {@code E'…'} is a literal. */
  private Token name() {
    int start = at;
    while (at < end && (isTag(text[at]) || text[at] == '$')) {
      at++;
    }
    boolean isE = at - start == 1 && (text[start] == 'E' || text[start] == 'e');
    if (isE && peek(0) == '\'') {
      skipEscapeLiteral();
      return Token.LITERAL;
    }
    return Token.NAME;
  }

  /** {@code 1_000}, {@code 1.5e-3}, {@code 0xff}. */
  private void skipNumber() {
    skipDigits();
    if (peek(0) == '.' && peek(1) != '.') {
      at++;
      skipDigits();
    }
    boolean isExponent = text[at - 1] == 'e' || text[at - 1] == 'E';
    if (isExponent && (peek(0) == '-' || peek(0) == '+') && isDigit(peek(1))) {
      at++;
      skipDigits();
    }
  }

  private void skipDigits() {
    while (at < end && isTag(text[at])) {
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
