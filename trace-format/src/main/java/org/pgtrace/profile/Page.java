package org.pgtrace.profile;

import java.io.PrintWriter;
import java.util.Locale;

/** Lines of a report, none wider than {@link #WIDTH} columns. */
final class Page {
  static final int WIDTH = 100;

  private static final String BOLD = "\u001b[1m";
  private static final String WARNING = "\u001b[33m";
  private static final String RESET = "\u001b[0m";
  private static final int HANGING_MAX = 4;
  private static final int MILLION = 1_000_000;

  private final PrintWriter out;
  private final Look look;

  Page(PrintWriter out, Look look) {
    this.out = out;
    this.look = look;
  }

  void line(String text) {
    out.println(fit(text, WIDTH).stripTrailing());
  }

  void line(String format, Object... arguments) {
    line(String.format(Locale.ROOT, format, arguments));
  }

  void blank() {
    out.println();
  }

  void heading(String text) {
    colored(BOLD, text);
  }

  void warning(String text) {
    for (String part : wrapped(text, WIDTH, Integer.MAX_VALUE)) {
      colored(WARNING, part);
    }
  }

  private void colored(String color, String text) {
    String line = fit(text, WIDTH);
    out.println(look.isColored() ? color + line + RESET : line);
  }

  void rule(char of) {
    line(String.valueOf(of).repeat(WIDTH));
  }

  /** Text that runs over as many lines as are allowed; the last one tells that there is more. */
  void paragraph(String text, String indent, int linesMax) {
    for (String part : wrapped(text, WIDTH - indent.length(), linesMax)) {
      line(indent + part);
    }
  }

  /** Text behind figures; where it does not fit, it goes on below itself. */
  void hanging(String figures, String indent, String text) {
    int width = WIDTH - figures.length() - indent.length();
    String before = figures + indent;
    for (String part : wrapped(text, width, HANGING_MAX)) {
      line(before + part);
      before = " ".repeat(before.length());
    }
  }

  private static String[] wrapped(String text, int width, int linesMax) {
    StringBuilder lines = new StringBuilder();
    String rest = plain(text).strip();
    for (int n = 1; rest.length() > width && n < linesMax; n++) {
      int space = rest.lastIndexOf(' ', width);
      int end = space > width / 2 ? space : whole(rest, width);
      lines.append(rest, 0, end).append('\n');
      rest = rest.substring(end).strip();
    }
    return lines.append(fit(rest, width)).toString().split("\n", -1);
  }

  /** A bar of a part of the whole. */
  String bar(double part, int width) {
    int cells = (int) Math.round(Math.min(Math.max(part, 0), 1) * width);
    return (look.isUnicode() ? "\u2588" : "#").repeat(cells);
  }

  /** Seconds with six digits. */
  static String seconds(long us) {
    String sign = us < 0 ? "-" : "";
    long abs = Math.abs(us);
    return sign + abs / MILLION + "." + String.format(Locale.ROOT, "%06d", abs % MILLION);
  }

  static String percent(double part) {
    return String.format(Locale.ROOT, "%.1f%%", part * 100);
  }

  static double part(long of, long whole) {
    return whole <= 0 ? 0 : (double) of / whole;
  }

  /** Without control characters, which could steer a terminal. */
  static String plain(String text) {
    StringBuilder plain = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      plain.append(Character.isISOControl(c) || c == '\u2028' || c == '\u2029' ? ' ' : c);
    }
    return plain.toString();
  }

  /** The text, or its beginning and three full stops. */
  static String fit(String text, int width) {
    String plain = plain(text);
    return plain.length() <= width ? plain : plain.substring(0, whole(plain, width - 3)) + "...";
  }

  /** No pair of surrogates is parted. */
  private static int whole(String text, int end) {
    boolean parts =
        Character.isHighSurrogate(text.charAt(end - 1))
            && Character.isLowSurrogate(text.charAt(end));
    return parts ? end - 1 : end;
  }
}
