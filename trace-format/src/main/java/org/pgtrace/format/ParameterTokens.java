package org.pgtrace.format;

/**
 * Turns PostgreSQL's parameter tokens ({@code $1}) into Oracle's ({@code :1}), in place: a token
 * keeps its length.
 */
final class ParameterTokens extends SqlScanner {
  /** Rewrites the bytes {@code [from, end)} of a text. */
  void rewrite(byte[] text, int from, int end) {
    scan(text, from, end);
  }

  @Override
  void token(Token token, byte[] text, int from, int to) {
    if (token == Token.PARAMETER) {
      text[from] = ':';
    }
  }
}
