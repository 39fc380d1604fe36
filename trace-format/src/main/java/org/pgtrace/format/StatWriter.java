package org.pgtrace.format;

/** Writes one STAT line but for its end. */
final class StatWriter {
  private StatWriter() {}

  static void write(TraceBuffer out, StatRecord s) {
    field(out, "STAT #", s.cursor);
    field(out, " id=", s.id);
    field(out, " cnt=", s.rows);
    field(out, " pid=", s.parentId);
    field(out, " pos=", s.position);
    field(out, " obj=", s.objectId);
    out.ascii(" op='");
    out.appendQuoted(s.op.array(), s.op.offset(), s.op.length());
    field(out, " (cr=", s.consistentGets);
    field(out, " pr=", s.blocksRead);
    field(out, " pw=", s.blocksWritten);
    field(out, " str=", s.starts);
    field(out, " time=", s.timeUs);
    field(out, " us cost=", s.cost);
    field(out, " size=", s.size);
    field(out, " card=", s.card);
    out.ascii(")'");
  }

  private static void field(TraceBuffer out, String label, long value) {
    out.ascii(label);
    out.decimal(value);
  }
}
