package org.pgtrace.reader;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.pgtrace.format.BindValue;
import org.pgtrace.format.BindsRecord;

/** Reads the lines of a BINDS section. */
final class BindLines {
  private static final byte[] BIND = Scan.ascii(" Bind#");
  private static final byte[] INDENT = Scan.ascii("  ");
  private static final byte[] NO_OACDEF = Scan.ascii("  No oacdef for this bind");
  private static final byte[] OACDTY = Scan.ascii("  oacdty=");
  private static final byte[] BUFFER = Scan.ascii("  kxsbbbfp=");
  private static final byte[] AVL = Scan.ascii("avl=");
  private static final byte[] TYPE = Scan.ascii("  type=");
  private static final byte[] VALUE = Scan.ascii("  value=");
  private static final byte[] CUT = Scan.ascii("...");
  private static final byte[] QUOTE = Scan.ascii("\"");
  private static final byte[] QUOTE_END = Scan.ascii("\"\n");
  private static final byte[] STAMP = Scan.ascii("*** ");

  /** Where a bind's parts lie, relative to the section's mark. */
  private static final class Extent {
    int from;
    int to;
    int typeFrom;
    int typeTo;
    int valueFrom;
    int valueTo;
  }

  private final LineSource source;
  private final Scan scan;
  private final StarLines stars;
  private final List<Extent> extents = new ArrayList<>();
  private int count;

  final BindsRecord binds = new BindsRecord();

  BindLines(LineSource source, Scan scan, StarLines stars) {
    this.source = source;
    this.scan = scan;
    this.stars = stars;
  }

  /**
   * Reads what follows the line {@code BINDS #c:}, which is the current one; afterwards the
   * section's last line is.
   */
  void read(long cursor, TraceReader reader) throws IOException {
    binds.clear();
    binds.cursor = cursor;
    count = 0;
    source.markNext();
    boolean more = true;
    while (more && source.next()) {
      more = !source.isTooLong() && !source.isOverLimit() && line(reader);
      if (!more) {
        source.back();
      }
    }
    if (source.marked() < 0) {
      // A line over the limit has thrown away what was before it.
      binds.clear();
      count = 0;
    }
    point();
  }

  /** False: the line is none of the section. */
  private boolean line(TraceReader reader) throws IOException {
    scan.set(source.array(), source.start(), source.end());
    if (scan.skip(BIND)) {
      begin();
      return !scan.hasFailed();
    }
    if (scan.isAtEnd()) {
      // After BINDS, and before a stamp inside of the section.
      return true;
    }
    if (scan.startsWith(STAMP)) {
      return stars.stampInside(reader);
    }
    if (count == 0 || !scan.startsWith(INDENT)) {
      return false;
    }
    detail();
    return true;
  }

  private void begin() {
    long position = scan.number();
    if (scan.hasFailed() || position < 0 || position > Integer.MAX_VALUE) {
      scan.fail();
      return;
    }
    BindValue bind = binds.add();
    bind.position = (int) position;
    bind.isRepeated = false;
    bind.typeCode = 0;
    bind.actualLength = BindValue.NONE;
    bind.hasValue = false;
    bind.isQuoted = false;
    bind.isCut = false;
    if (count == extents.size()) {
      extents.add(new Extent());
    }
    Extent extent = extents.get(count++);
    extent.from = source.keptBytes();
    extent.typeFrom = 0;
    extent.typeTo = 0;
    extent.valueFrom = 0;
    extent.valueTo = 0;
    end(extent);
  }

  private void end(Extent extent) {
    extent.to = source.nextStart() - source.marked();
  }

  private void detail() throws IOException {
    BindValue bind = binds.values().get(count - 1);
    Extent extent = extents.get(count - 1);
    if (scan.skip(OACDTY)) {
      bind.typeCode = (int) scan.number();
    } else if (scan.startsWith(BUFFER)) {
      int avl = scan.lastIndexOf(AVL, scan.end());
      if (avl >= 0) {
        scan.moveTo(avl + AVL.length);
        bind.actualLength = scan.number();
      }
    } else if (scan.skip(TYPE)) {
      extent.typeFrom = scan.at() - source.marked();
      extent.typeTo = scan.end() - source.marked();
    } else if (scan.skip(VALUE)) {
      value(bind, extent);
    } else if (scan.startsWith(NO_OACDEF)) {
      bind.isRepeated = true;
    }
    end(extent);
  }

  /** A quoted value may go on over several lines, and quotes inside of it are as they are. */
  private void value(BindValue bind, Extent extent) throws IOException {
    bind.hasValue = true;
    bind.isQuoted = scan.peek() == '"';
    extent.valueFrom = scan.at() - source.marked() + (bind.isQuoted ? 1 : 0);
    int valueEnd = source.end() - source.marked();
    if (bind.isQuoted) {
      valueEnd =
          goToEnd(extent, bind.actualLength)
              ? source.end() - source.marked()
              : searchEnd(extent, bind.position);
    }
    int end = source.marked() + valueEnd;
    byte[] b = source.array();
    int from = source.marked() + extent.valueFrom;
    bind.isCut = isCut(b, from, end);
    if (bind.isCut) {
      end -= CUT.length;
    }
    if (bind.isQuoted && end > from && b[end - 1] == '"') {
      end--;
    }
    extent.valueTo = end - source.marked();
  }

  /** Goes to the line where a value of that length ends; false: it does not end there. */
  private boolean goToEnd(Extent extent, long length) throws IOException {
    if (length < 0 || length > TraceReader.RECORD_MAX) {
      return false;
    }
    int from = source.marked() + extent.valueFrom;
    int left = source.nextStart() - from;
    if (length < left) {
      return from + length + 1 == source.end() && source.array()[source.end() - 1] == '"';
    }
    int distance = (int) length - left;
    if (!source.hasAfter(distance + 1L)) {
      return false;
    }
    source.hasAfter(distance + 2L);
    boolean isThere =
        source.isAfter(distance, QUOTE_END)
            || (source.isAfter(distance, QUOTE) && source.endsAfter(distance + 1));
    if (isThere) {
      source.skip(distance);
      source.next();
    }
    return isThere;
  }

  /**
   * Of a value that is cut, or whose length is not said: up to a quote before the next record.
   *
   * @return its end, relative to the mark
   */
  private int searchEnd(Extent extent, int position) throws IOException {
    byte[] nextBind = Scan.ascii(" Bind#" + (position + 1));
    int end;
    boolean isEnd = false;
    do {
      end = source.end() - source.marked();
      boolean isQuoteLast = endsQuoted(source.marked() + extent.valueFrom);
      if (!source.next()) {
        return end;
      }
      scan.set(source.array(), source.start(), source.end());
      isEnd =
          (isQuoteLast && (scan.isAtEnd() || scan.startsWith(nextBind))) || Beginnings.isAt(scan);
    } while (!isEnd && !source.isTooLong() && !source.isOverLimit());
    source.back();
    return end;
  }

  private boolean endsQuoted(int from) {
    byte[] b = source.array();
    int end = source.end();
    if (isCut(b, from + 1, end)) {
      end -= CUT.length;
    }
    return end > from && b[end - 1] == '"';
  }

  private static boolean isCut(byte[] b, int from, int end) {
    int at = end - CUT.length;
    return at >= from && Arrays.equals(b, at, end, CUT, 0, CUT.length);
  }

  /** Points the values at their bytes, which lie still now. */
  private void point() {
    byte[] b = source.array();
    int mark = Math.max(0, source.marked());
    for (int i = 0; i < count; i++) {
      BindValue bind = binds.values().get(i);
      Extent e = extents.get(i);
      bind.lines.set(b, mark + e.from, e.to - e.from);
      bind.typeName.set(b, mark + e.typeFrom, e.typeTo - e.typeFrom);
      bind.value.set(b, mark + e.valueFrom, Math.max(0, e.valueTo - e.valueFrom));
    }
  }
}
