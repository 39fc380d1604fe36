package org.pgtrace.reader;

import java.io.IOException;
import java.util.ArrayList;
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

  /** A quoted value goes on over several lines, up to a quote at a line's end. */
  private void value(BindValue bind, Extent extent) throws IOException {
    bind.hasValue = true;
    bind.isQuoted = scan.peek() == '"';
    extent.valueFrom = scan.at() - source.marked() + (bind.isQuoted ? 1 : 0);
    boolean isFirst = true;
    while (bind.isQuoted && !endsQuoted(isFirst ? scan.at() + 1 : scan.at())) {
      isFirst = false;
      if (!source.next() || source.isTooLong() || source.isOverLimit()) {
        break;
      }
      scan.set(source.array(), source.start(), source.end());
    }
    int end = source.end();
    byte[] b = source.array();
    int from = source.marked() + extent.valueFrom;
    bind.isCut = end - from >= 3 && b[end - 1] == '.' && b[end - 2] == '.' && b[end - 3] == '.';
    if (bind.isCut) {
      end -= 3;
    }
    if (bind.isQuoted && end > from && b[end - 1] == '"') {
      end--;
    }
    extent.valueTo = end - source.marked();
  }

  private boolean endsQuoted(int from) {
    byte[] b = scan.array();
    int end = scan.end();
    if (end - from >= 4 && b[end - 1] == '.' && b[end - 2] == '.' && b[end - 3] == '.') {
      end -= 3;
    }
    return end > from && b[end - 1] == '"';
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
