package org.pgtrace.reader;

import org.pgtrace.format.ContinuationRecord;
import org.pgtrace.format.KeyRecord;
import org.pgtrace.format.LostRecord;
import org.pgtrace.format.ObjectRecord;
import org.pgtrace.format.StampRecord;

/** Reads the lines that begin with {@code ***}. */
final class StarLines {
  private static final byte[] STARS = Scan.ascii("*** ");
  private static final byte[] LOST = Scan.ascii("*** LOST ");
  private static final byte[] EVENTS = Scan.ascii(" EVENTS (");
  private static final byte[] FULL = Scan.ascii("full=");
  private static final byte[] TOO_BIG = Scan.ascii(", too_big=");
  private static final byte[] WRITER_DIED = Scan.ascii(", writer_died=");
  private static final byte[] EBPF = Scan.ascii("ebpf=");
  private static final byte[] BETWEEN = Scan.ascii(") BETWEEN ");
  private static final byte[] AND = Scan.ascii(" AND ");
  private static final byte[] OBJECT = Scan.ascii("*** OBJECT obj#=");
  private static final byte[] FILE = Scan.ascii(" file#=");
  private static final byte[] NAME = Scan.ascii(" name='");
  private static final byte[] KIND = Scan.ascii(" kind=");
  private static final byte[] CONTINUED_FROM = Scan.ascii("*** TRACE CONTINUED FROM FILE ");
  private static final byte[] CONTINUES_IN = Scan.ascii("*** TRACE CONTINUES IN FILE ");
  private static final byte[] STARS_AT_END = Scan.ascii(" ***");
  private static final byte[] VALUE = Scan.ascii(":(");
  private static final byte[] VALUE_END = Scan.ascii(") ");
  private static final byte[] CONTAINER = Scan.ascii(" (");
  private static final int STAMP_MIN = "*** 2000-01-01 00:00:00".length();

  private final Scan scan;

  final LostRecord lost = new LostRecord();
  final ObjectRecord object = new ObjectRecord();
  final KeyRecord key = new KeyRecord();
  final StampRecord stamp = new StampRecord();
  final ContinuationRecord continuation = new ContinuationRecord();

  StarLines(Scan scan) {
    this.scan = scan;
  }

  /** What kind of line the scan is at. */
  enum Kind {
    LOST,
    OBJECT,
    CONTINUATION,
    STAMP,
    KEY,
    NONE
  }

  Kind kind() {
    Scan s = scan;
    if (s.startsWith(LOST)) {
      return Kind.LOST;
    }
    if (s.startsWith(OBJECT)) {
      return Kind.OBJECT;
    }
    if (s.startsWith(CONTINUED_FROM) || s.startsWith(CONTINUES_IN)) {
      return Kind.CONTINUATION;
    }
    if (!s.startsWith(STARS) || s.left() <= STARS.length) {
      return Kind.NONE;
    }
    int first = s.array()[s.at() + STARS.length];
    if (first >= '0' && first <= '9' && s.left() >= STAMP_MIN) {
      return Kind.STAMP;
    }
    boolean isKey = first >= 'A' && first <= 'Z' && s.lastIndexOf(VALUE, s.end()) >= 0;
    return isKey ? Kind.KEY : Kind.NONE;
  }

  void lost() {
    Scan s = scan;
    long events = s.number(LOST);
    s.expect(EVENTS);
    lost.full = 0;
    lost.tooBig = 0;
    lost.writerDied = 0;
    lost.ebpf = -1;
    if (s.skip(EBPF)) {
      lost.ebpf = s.number();
    } else {
      lost.full = s.number(FULL);
      lost.tooBig = s.number(TOO_BIG);
      lost.writerDied = s.number(WRITER_DIED);
    }
    lost.fromTim = s.number(BETWEEN);
    lost.toTim = s.number(AND);
    if (events != lost.events()) {
      s.fail();
    }
  }

  void object() {
    Scan s = scan;
    object.objectId = s.number(OBJECT);
    object.file = s.number(FILE);
    s.expect(NAME);
    object.name = s.nameTo('\'');
    s.expect(KIND);
    object.kind = s.restName();
  }

  void continuation() {
    Scan s = scan;
    continuation.isFrom = s.skip(CONTINUED_FROM);
    if (!continuation.isFrom) {
      s.expect(CONTINUES_IN);
    }
    int end = s.lastIndexOf(STARS_AT_END, s.end());
    if (end < 0) {
      s.fail();
      return;
    }
    continuation.path = s.name(s.at(), end);
    s.moveTo(end + STARS_AT_END.length);
  }

  void stamp() {
    scan.expect(STARS);
    time();
    stamp.container = "";
    if (scan.skip(CONTAINER)) {
      int end = scan.lastIndexOf(')');
      if (end < 0) {
        scan.fail();
        return;
      }
      stamp.container = scan.name(scan.at(), end);
      scan.moveTo(end + 1);
    }
  }

  /** A value may have brackets: it ends at the last one. */
  void key() {
    Scan s = scan;
    s.expect(STARS);
    key.key = s.nameTo(':');
    s.expect('(');
    int end = s.lastIndexOf(VALUE_END, s.end());
    if (s.hasFailed() || end < s.at()) {
      s.fail();
      return;
    }
    key.value = s.name(s.at(), end);
    s.moveTo(end + VALUE_END.length);
    time();
    key.epochUs = stamp.epochUs;
  }

  /** {@code 2026-01-31T12:00:00.123456+00:00}, or {@code 2026-01-31 12:00:00.123}. */
  private void time() {
    Scan s = scan;
    long year = digits(4);
    s.expect('-');
    long month = digits(2);
    s.expect('-');
    long day = digits(2);
    if (!s.skip('T')) {
      s.expect(' ');
    }
    long hour = digits(2);
    s.expect(':');
    long minute = digits(2);
    s.expect(':');
    long second = digits(2);
    long us = s.skip('.') ? fraction() : 0;
    long offsetMinutes = zone();
    if (month < 1 || month > 12 || day < 1 || day > 31) {
      s.fail();
      return;
    }
    long days = daysOf(year, month, day);
    long seconds = ((days * 24 + hour) * 60 + minute - offsetMinutes) * 60 + second;
    stamp.epochUs = seconds * 1_000_000 + us;
  }

  private long zone() {
    Scan s = scan;
    boolean isEast = s.peek() == '+';
    stamp.hasZone = isEast || s.peek() == '-';
    if (!stamp.hasZone) {
      return 0;
    }
    s.moveTo(s.at() + 1);
    long hours = digits(2);
    s.expect(':');
    long minutes = hours * 60 + digits(2);
    return isEast ? minutes : -minutes;
  }

  private long digits(int count) {
    long value = 0;
    for (int i = 0; i < count; i++) {
      int digit = scan.peek() - '0';
      if (digit < 0 || digit > 9) {
        scan.fail();
        return 0;
      }
      value = value * 10 + digit;
      scan.moveTo(scan.at() + 1);
    }
    return value;
  }

  private long fraction() {
    long us = 0;
    int count = 0;
    while (scan.peek() >= '0' && scan.peek() <= '9') {
      if (count < 6) {
        us = us * 10 + scan.peek() - '0';
        count++;
      }
      scan.moveTo(scan.at() + 1);
    }
    for (; count < 6; count++) {
      us *= 10;
    }
    return us;
  }

  /** Days from 1970-01-01; Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms". */
  private static long daysOf(long year, long month, long day) {
    long y = month <= 2 ? year - 1 : year;
    long era = Math.floorDiv(y, 400);
    long yearOfEra = y - era * 400;
    long dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    long dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
    return era * 146_097 + dayOfEra - 719_468;
  }

  /** A stamp inside of another record; false: it is none. */
  boolean stampInside(TraceReader reader) {
    if (kind() != Kind.STAMP) {
      return false;
    }
    stamp();
    if (scan.hasFailed()) {
      return false;
    }
    reader.stampInside(stamp);
    return true;
  }
}
