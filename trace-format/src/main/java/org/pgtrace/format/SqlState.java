package org.pgtrace.format;

/**
 * SQLSTATE codes as numbers, because Oracle's grammar has room for a number only: the five
 * characters read in base 36 ({@code 42P01} is 6844177).
 */
public final class SqlState {
  /** Number of characters. */
  public static final int LENGTH = 5;

  private static final int BASE = 36;

  private SqlState() {}

  /**
   * The number of five characters.
   *
   * @throws IllegalArgumentException unless there are five, each a digit or a letter
   */
  public static int toNumber(String state) {
    if (state.length() != LENGTH) {
      throw new IllegalArgumentException("not an SQLSTATE: " + state);
    }
    int number = 0;
    for (int i = 0; i < LENGTH; i++) {
      number = number * BASE + digit(state.charAt(i));
    }
    return number;
  }

  /**
   * The number of five ASCII bytes.
   *
   * @return 0 where a byte is no digit and no letter, as in input that is not to be trusted
   */
  public static int toNumber(byte[] state, int off) {
    int number = 0;
    for (int i = 0; i < LENGTH; i++) {
      int digit = Character.digit((char) (state[off + i] & 0xff), BASE);
      if (digit < 0) {
        return 0;
      }
      number = number * BASE + digit;
    }
    return number;
  }

  /** The five characters of a number. */
  public static String toText(int number) {
    char[] text = new char[LENGTH];
    int rest = number;
    for (int i = LENGTH - 1; i >= 0; i--) {
      text[i] = Character.toUpperCase(Character.forDigit(rest % BASE, BASE));
      rest /= BASE;
    }
    return new String(text);
  }

  private static int digit(char c) {
    int digit = c < 0x80 ? Character.digit(c, BASE) : -1;
    if (digit < 0) {
      throw new IllegalArgumentException("not a character of an SQLSTATE: " + c);
    }
    return digit;
  }
}
