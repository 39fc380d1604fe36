package org.pgtrace.format;

/** Writes HIT lines. */
final class HitWriter {
  private final TraceBuffer out;

  HitWriter(TraceBuffer out) {
    this.out = out;
  }

  /** Writes a line but for its end. */
  void write(HitRecord h) {
    field("HIT #", h.cursor);
    field(": obj#=", h.objectId);
    if (h.relation.length() > 0) {
      out.ascii(" rel='");
      out.appendQuoted(h.relation.array(), h.relation.offset(), h.relation.length());
      out.put('\'');
    } else {
      field(" file#=", h.relationFile);
    }
    ForkNames.append(out, h.fork);
    blocks(h);
    if (h.node > 0) {
      field(" node=", h.node);
    }
    field(" tim=", h.tim);
  }

  private void blocks(HitRecord h) {
    out.ascii(" blocks=");
    for (int i = 0; i < h.spans(); i++) {
      if (i > 0) {
        out.put(',');
      }
      span(h, i);
    }
  }

  private void span(HitRecord h, int i) {
    if (h.first(i) == HitRecord.UNKNOWN) {
      out.put('?');
      return;
    }
    field(h.guessed(i) ? "~" : "", h.first(i));
    if (h.last(i) > h.first(i)) {
      field("-", h.last(i));
    }
  }

  private void field(String label, long value) {
    out.ascii(label);
    out.decimal(value);
  }
}
