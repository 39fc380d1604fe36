package org.pgtrace.format;

/** Writes one bind in Oracle's layout. */
final class BindWriter {
  private static final String FL2_CHARACTER = "1000010";
  private static final String FL2_OTHER = "1000000";

  private static final String TYPE_LABEL = "  type=";

  /** AL32UTF8. */
  private static final int CHARACTER_SET_ID = 873;

  private static final int ALIGNMENT = 8;

  private final TraceBuffer out;
  private final TraceForm form;

  BindWriter(TraceBuffer out, TraceForm form) {
    this.out = out;
    this.form = form;
  }

  void write(BindRecord bind) {
    BindType type = BindType.of(bind.typeOid);
    long length = actualLength(bind);
    long width = type.width(length);
    out.ascii(" Bind#");
    out.decimal(bind.position);
    typeLine(type, width, length);
    bufferLines(type, width, length);
    if (form == TraceForm.FULL) {
      typeName(bind);
    }
    if (!bind.isNull) {
      value(type, bind);
    }
  }

  /** Writes a bind that was read: as it was, in strict form without the type's name. */
  void write(BindValue bind) {
    ByteSpan lines = bind.lines;
    ByteSpan type = bind.typeName;
    if (form == TraceForm.FULL || type.length() == 0) {
      out.append(lines.array(), lines.offset(), lines.length());
      return;
    }
    int typeLine = type.offset() - TYPE_LABEL.length();
    int after = type.offset() + type.length() + 1;
    out.append(lines.array(), lines.offset(), typeLine - lines.offset());
    out.append(lines.array(), after, lines.offset() + lines.length() - after);
  }

  private static long actualLength(BindRecord bind) {
    return bind.isNull ? 0 : Math.max(bind.actualLength, bind.value.length());
  }

  private void typeLine(BindType type, long width, long length) {
    out.ascii("\n  oacdty=");
    out.paddedDecimal(type.code(), 2);
    out.ascii(" mxl=");
    out.decimal(width);
    out.put('(');
    out.paddedDecimal(type.isFixedWidth() ? width : length, 2);
    out.ascii(") mxlc=00 mal=00 scl=00 pre=00\n");
  }

  /** Each bind is a group of its own, so {@code siz} is given and {@code off} is 0. */
  private void bufferLines(BindType type, long width, long length) {
    out.ascii("  oacflg=03 fl2=");
    out.ascii(type.isCharacter() ? FL2_CHARACTER : FL2_OTHER);
    out.ascii(" frm=");
    out.paddedDecimal(type.isCharacter() ? 1 : 0, 2);
    out.ascii(" csi=");
    out.paddedDecimal(type.isCharacter() ? CHARACTER_SET_ID : 0, 2);
    out.ascii(" siz=");
    out.decimal((width + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
    out.ascii(" off=0\n  kxsbbbfp=00000000  bln=");
    out.paddedDecimal(width, 2);
    out.ascii("  avl=");
    out.paddedDecimal(length, 2);
    out.ascii("  flg=05\n");
  }

  private void typeName(BindRecord bind) {
    out.ascii(TYPE_LABEL);
    ByteSpan name = bind.typeName;
    String builtIn = BindType.nameOf(bind.typeOid);
    if (name.length() > 0) {
      out.appendLine(name.array(), name.offset(), name.length(), '?');
    } else if (!builtIn.isEmpty()) {
      out.ascii(builtIn);
    } else {
      out.unsignedDecimal(bind.typeOid);
    }
    out.put('\n');
  }

  private void value(BindType type, BindRecord bind) {
    ByteSpan text = bind.value;
    out.ascii("  value=");
    switch (type.style()) {
      case BARE -> out.append(text.array(), text.offset(), text.length());
      case HEX -> raw(text);
      case QUOTED -> {
        out.put('"');
        out.append(text.array(), text.offset(), text.length());
        out.put('"');
      }
    }
    if (bind.cut) {
      out.ascii("...");
    }
    out.put('\n');
  }

  /**
   * Hex bytes apart from each other and without a leading zero, as Oracle shows a RAW: {@code
   * \x0054} is {@code 0 54}. A bytea in the server's "escape" format is quoted as it is.
   */
  private void raw(ByteSpan text) {
    byte[] b = text.array();
    int at = text.offset();
    int end = at + text.length();
    if (text.length() < 2 || b[at] != '\\' || b[at + 1] != 'x') {
      out.put('"');
      out.append(b, at, text.length());
      out.put('"');
      return;
    }
    for (at += 2; at + 1 < end; at += 2) {
      if (at > text.offset() + 2) {
        out.put(' ');
      }
      if (b[at] != '0') {
        out.put(b[at]);
      }
      out.put(b[at + 1]);
    }
  }
}
