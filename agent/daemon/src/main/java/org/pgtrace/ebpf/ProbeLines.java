package org.pgtrace.ebpf;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;

/**
 * Lines of the program: a letter, decimal numbers, for some a text at the end, one space in
 * between.
 *
 * <pre>
 * R ns                                                      the probes listen
 * T ns                                                      still alive
 * Y number pid ns                                           answer: lines below and with that number end before
 * I number pid end begin what offset result given done      a call, see IoEvent
 * O number pid end begin woken state                        a period off the CPU
 * F number pid ns descriptor folder path                    opened
 * D number pid ns from to                                   duplicated
 * C number pid ns descriptor                                closed
 * X number pid ns                                           over
 * B pid end begin call device sector bytes kind             a block request
 * </pre>
 */
final class ProbeLines {
  /** Numbers of a line in the queue: kind, then its own. */
  static final int WIDTH = 10;

  static final int KIND = 0;

  // Of lines with a number.
  static final int NUMBER = 1;
  static final int PID = 2;
  static final int TIME = 3;

  static final int IO_BEGIN = 4;
  static final int IO_WHAT = 5;
  static final int IO_OFFSET = 6;
  static final int IO_RESULT = 7;
  static final int IO_GIVEN = 8;
  static final int IO_DONE = 9;

  static final int OFF_BEGIN = 4;
  static final int OFF_WOKEN = 5;
  static final int OFF_STATE = 6;

  static final int FILE_FD = 4;
  static final int FILE_FOLDER = 5;
  static final int DUP_FROM = 4;
  static final int DUP_TO = 5;

  // Of the others.
  static final int PLAIN_TIME = 1;
  static final int BLOCK_PID = 1;
  static final int BLOCK_TIME = 2;
  static final int BLOCK_BEGIN = 3;
  static final int BLOCK_CALL = 4;
  static final int BLOCK_DEVICE = 5;
  static final int BLOCK_SECTOR = 6;
  static final int BLOCK_BYTES = 7;

  private static final int LINE_MAX = 4096;
  private static final int DIGITS_MAX = 19;
  private static final byte[] LOST = "Lost ".getBytes(UTF_8);
  private static final byte[] ATTACHING = "Attaching ".getBytes(UTF_8);
  private static final byte[] ATTACHED = "Attached ".getBytes(UTF_8);

  /** Hears the lines. What it is given is valid only while it is called. */
  interface Sink {
    void line(long[] line, String text);

    void lost(long lines);

    void damaged(String line);
  }

  private final Sink sink;
  private final long[] line = new long[WIDTH];
  private byte[] carry = new byte[LINE_MAX];
  private int carried;
  private boolean tooLong;

  // Of the line that is being read.
  private byte[] bytes = carry;
  private int at;
  private int end;

  ProbeLines(Sink sink) {
    this.sink = sink;
  }

  /** Takes the next bytes; what is left of a line waits for the next ones. */
  void feed(byte[] buffer, int length) {
    int from = 0;
    for (int i = 0; i < length; i++) {
      if (buffer[i] == '\n') {
        if (carried == 0 && !tooLong) {
          read(buffer, from, i);
        } else {
          keep(buffer, from, i);
          endCarried();
        }
        from = i + 1;
      }
    }
    keep(buffer, from, length);
  }

  /** There are no more bytes: what is left is a line that was cut off. */
  void finish() {
    if (carried > 0) {
      sink.damaged(new String(carry, 0, carried, UTF_8));
      carried = 0;
    }
    tooLong = false;
  }

  private void keep(byte[] buffer, int from, int to) {
    int length = to - from;
    if (carried + length > LINE_MAX) {
      tooLong = true;
      length = LINE_MAX - carried;
    }
    System.arraycopy(buffer, from, carry, carried, length);
    carried += length;
  }

  private void endCarried() {
    int length = carried;
    carried = 0;
    if (tooLong) {
      tooLong = false;
      sink.damaged(new String(carry, 0, length, UTF_8));
    } else {
      read(carry, 0, length);
    }
  }

  private void read(byte[] buffer, int from, int to) {
    bytes = buffer;
    at = from;
    end = to;
    if (from == to || buffer[from] == '@') {
      // What bpftrace says of its maps when it ends.
      return;
    }
    if (!readKind(buffer[from])) {
      readOther(from);
    }
  }

  private boolean readKind(byte kind) {
    Arrays.fill(line, 0);
    line[KIND] = kind;
    at++;
    return switch (kind) {
      case 'R', 'T' -> numbers(1) && give();
      case 'Y', 'X' -> numbers(3) && give();
      case 'C' -> numbers(4) && give();
      case 'D' -> numbers(5) && give();
      case 'O' -> numbers(6) && give();
      case 'I' -> numbers(9) && IoEvent.isCall(line[IO_WHAT]) && give();
      case 'F' -> numbers(5) && giveWithText();
      case 'B' -> numbers(7) && giveWithText();
      default -> false;
    };
  }

  /** Reads that many numbers, each after a space. */
  private boolean numbers(int count) {
    for (int i = 1; i <= count; i++) {
      if (at >= end || bytes[at++] != ' ') {
        return false;
      }
      boolean negative = at < end && bytes[at] == '-';
      if (negative) {
        at++;
      }
      int first = at;
      long value = 0;
      while (at < end && bytes[at] >= '0' && bytes[at] <= '9') {
        value = value * 10 + (bytes[at++] - '0');
      }
      if (at == first || at - first > DIGITS_MAX || value < 0) {
        return false;
      }
      line[i] = negative ? -value : value;
    }
    return true;
  }

  private boolean give() {
    if (at != end) {
      return false;
    }
    sink.line(line, "");
    return true;
  }

  private boolean giveWithText() {
    if (at >= end || bytes[at] != ' ') {
      return false;
    }
    sink.line(line, new String(bytes, at + 1, end - at - 1, UTF_8));
    return true;
  }

  private void readOther(int from) {
    if (startsWith(from, ATTACHING) || startsWith(from, ATTACHED)) {
      return;
    }
    if (startsWith(from, LOST)) {
      at = from + LOST.length - 1;
      if (numbers(1)) {
        sink.lost(line[1]);
        return;
      }
    }
    sink.damaged(new String(bytes, from, end - from, UTF_8));
  }

  private boolean startsWith(int from, byte[] text) {
    return end - from >= text.length
        && Arrays.equals(bytes, from, from + text.length, text, 0, text.length);
  }
}
