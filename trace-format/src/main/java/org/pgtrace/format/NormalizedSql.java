package org.pgtrace.format;

/**
 * A statement's text without what changes from call to call: literals and numbers are {@code ?}, a
 * list of them {@code ?, ...}, comments and white space one space. Texts that differ in nothing
 * else are the same statement.
 */
public final class NormalizedSql {
  private static final int CAPACITY = 256;

  private NormalizedSql() {}

  /** The normal form of a text. */
  public static String of(ByteSpan text) {
    Normalizer normalizer = new Normalizer();
    normalizer.scan(text.array(), text.offset(), text.offset() + text.length());
    return normalizer.text();
  }

  /** The normal form of a text. */
  public static String of(String text) {
    ByteSpan span = new ByteSpan();
    span.set(text);
    return of(span);
  }

  private static final class Normalizer extends SqlScanner {
    private static final String CONSTANT = "?";
    private static final String LIST_END = ", ...";

    private final TraceBuffer out = new TraceBuffer(CAPACITY);
    private boolean isSpaceDue;

    /** How much of a list {@code ?, ?} the text ends with: 0 none, 1 a constant, 2 its comma. */
    private int list;

    private boolean isListEnded;

    private boolean isAfterBracket;

    @Override
    void token(Token token, byte[] text, int from, int to) {
      switch (token) {
        case SPACE, COMMENT -> isSpaceDue = true;
        case LITERAL, NUMBER -> constant();
        default -> plain(text, from, to);
      }
    }

    private void constant() {
      if (list == 1) {
        // One literal: a doubled quote, or a part of it in the next line.
        isSpaceDue = false;
        return;
      }
      if (list == 2) {
        // The comma before it is not written yet.
        if (!isListEnded) {
          out.ascii(LIST_END);
          isListEnded = true;
        }
      } else {
        space();
        out.ascii(CONSTANT);
        isListEnded = false;
      }
      isSpaceDue = false;
      list = 1;
    }

    private void plain(byte[] text, int from, int to) {
      boolean isComma = to - from == 1 && text[from] == ',';
      if (list == 1 && isComma) {
        list = 2;
        isSpaceDue = false;
        return;
      }
      if (list == 2) {
        out.put(',');
        isSpaceDue = true;
      }
      list = 0;
      boolean isTight = to - from == 1 && (isComma || text[from] == ')' || text[from] == ';');
      if (isTight) {
        isSpaceDue = false;
      }
      space();
      out.append(text, from, to - from);
      isSpaceDue |= isComma;
      isAfterBracket = to - from == 1 && text[from] == '(';
    }

    private void space() {
      if (isSpaceDue && out.length() > 0 && !isAfterBracket) {
        out.put(' ');
      }
      isSpaceDue = false;
      isAfterBracket = false;
    }

    String text() {
      int length = out.length();
      byte[] b = out.array();
      while (length > 0 && (b[length - 1] == ';' || b[length - 1] == ' ')) {
        length--;
      }
      return ServerText.decode(b, 0, length);
    }
  }
}
