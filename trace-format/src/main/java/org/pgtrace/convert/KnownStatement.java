package org.pgtrace.convert;

import org.pgtrace.format.ByteSpan;
import org.pgtrace.format.StatementRecord;
import org.pgtrace.format.TraceWriter;

/** A statement's text, kept for the files of parallel workers that name its cursor. */
record KnownStatement(long cursor, ByteSpan text, int depth, long uid, int commandType, long lid) {
  static KnownStatement of(StatementRecord s) {
    ByteSpan text = new ByteSpan();
    text.setCopy(s.text);
    return new KnownStatement(s.cursor, text, s.depth, s.uid, s.commandType, s.lid);
  }

  void write(TraceWriter writer, long tim) {
    writer.parsing(
        cursor, text.array(), text.offset(), text.length(), depth, uid, commandType, lid, tim);
  }
}
