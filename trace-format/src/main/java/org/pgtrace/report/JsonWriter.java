package org.pgtrace.report;

import java.io.PrintWriter;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Writes one JSON document, indented by two columns a level, in the order in which it is told. All
 * of it is ASCII, other characters are escaped, so that the encoding of the output does not matter.
 * Wrong use (a value without a key in an object, a key in an array) is refused.
 */
public final class JsonWriter {
  private static final char REPLACEMENT = '\ufffd';

  /** What is open, the innermost first. */
  private final Deque<Level> levels = new ArrayDeque<>();

  private final PrintWriter out;
  private boolean hasKey;
  private boolean isDone;

  /** Writes to {@code out}, which is neither flushed nor closed. */
  public JsonWriter(PrintWriter out) {
    this.out = out;
  }

  /** Begins an object that is a value. */
  public JsonWriter beginObject() {
    return begin('{', '}');
  }

  /** Begins an object that is a field. */
  public JsonWriter beginObject(String key) {
    return key(key).beginObject();
  }

  /** Begins an array that is a value. */
  public JsonWriter beginArray() {
    return begin('[', ']');
  }

  /** Begins an array that is a field. */
  public JsonWriter beginArray(String key) {
    return key(key).beginArray();
  }

  /** Ends the object or array that was begun last. */
  public JsonWriter end() {
    if (levels.isEmpty() || hasKey) {
      throw new IllegalStateException("nothing to end");
    }
    Level level = levels.pop();
    if (level.hasValues) {
      newLine();
    }
    out.print(level.end);
    ended();
    return this;
  }

  /** The name of the field that comes next. */
  public JsonWriter key(String key) {
    if (levels.isEmpty() || levels.getFirst().end != '}' || hasKey) {
      throw new IllegalStateException("no place for a key: " + key);
    }
    separate();
    string(key);
    out.print(": ");
    hasKey = true;
    return this;
  }

  /** A text; a lone surrogate in it becomes U+FFFD. */
  public JsonWriter value(String text) {
    beforeValue();
    string(text);
    ended();
    return this;
  }

  /** A whole number. */
  public JsonWriter value(long number) {
    beforeValue();
    out.print(number);
    ended();
    return this;
  }

  /**
   * A number.
   *
   * @throws IllegalArgumentException for what JSON has no number for
   */
  public JsonWriter value(double number) {
    if (!Double.isFinite(number)) {
      throw new IllegalArgumentException("no number of JSON: " + number);
    }
    beforeValue();
    out.print(number);
    ended();
    return this;
  }

  /** true or false. */
  public JsonWriter value(boolean is) {
    beforeValue();
    out.print(is);
    ended();
    return this;
  }

  /** A field with a text. */
  public JsonWriter field(String key, String text) {
    return key(key).value(text);
  }

  /** A field with a whole number. */
  public JsonWriter field(String key, long number) {
    return key(key).value(number);
  }

  /** A field with a number. */
  public JsonWriter field(String key, double number) {
    return key(key).value(number);
  }

  /** A field with true or false. */
  public JsonWriter field(String key, boolean is) {
    return key(key).value(is);
  }

  private JsonWriter begin(char begin, char end) {
    beforeValue();
    out.print(begin);
    levels.push(new Level(end));
    return this;
  }

  private void beforeValue() {
    if (hasKey) {
      hasKey = false;
    } else if (isDone || (!levels.isEmpty() && levels.getFirst().end == '}')) {
      throw new IllegalStateException("no place for a value");
    } else if (!levels.isEmpty()) {
      separate();
    }
  }

  private void ended() {
    if (levels.isEmpty()) {
      isDone = true;
      out.print('\n');
    }
  }

  private void separate() {
    Level level = levels.getFirst();
    if (level.hasValues) {
      out.print(',');
    }
    level.hasValues = true;
    newLine();
  }

  private void newLine() {
    out.print('\n');
    for (int i = 0; i < levels.size(); i++) {
      out.print("  ");
    }
  }

  private void string(String text) {
    out.print('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean isPair =
          Character.isHighSurrogate(c)
              && i + 1 < text.length()
              && Character.isLowSurrogate(text.charAt(i + 1));
      if (isPair) {
        escaped(c);
        escaped(text.charAt(++i));
      } else {
        character(Character.isSurrogate(c) ? REPLACEMENT : c);
      }
    }
    out.print('"');
  }

  private void character(char c) {
    switch (c) {
      case '"' -> out.print("\\\"");
      case '\\' -> out.print("\\\\");
      case '\n' -> out.print("\\n");
      case '\r' -> out.print("\\r");
      case '\t' -> out.print("\\t");
      default -> {
        if (c < ' ' || c > '~') {
          escaped(c);
        } else {
          out.print(c);
        }
      }
    }
  }

  private void escaped(char c) {
    out.print("\\u");
    for (int shift = 12; shift >= 0; shift -= 4) {
      out.print(Character.forDigit(c >> shift & 0xf, 16));
    }
  }

  private static final class Level {
    private final char end;
    private boolean hasValues;

    Level(char end) {
      this.end = end;
    }
  }
}
