package org.pgtrace.daemon;

import org.pgtrace.format.HitRecord;
import org.pgtrace.format.TraceWriter;
import org.pgtrace.ring.EventLayout.Hits;
import org.pgtrace.ring.EventRecord;
import org.pgtrace.ring.Layout;

/** Turns one session's buffer hits into lines. */
final class HitTranslator {
  private final NameBook names;
  private final HitRecord hits = new HitRecord();

  HitTranslator(NameBook names) {
    this.names = names;
  }

  void hit(EventRecord event, long tim, TraceWriter writer) {
    hits.cursor = event.i32(Hits.CURSOR);
    hits.node = event.u16(Hits.NODE);
    hits.relationFile = number(event, 2);
    hits.fork = number(event, 3);
    hits.tim = tim;
    NameBook.Relation relation = names.relationOfFile(number(event, 1), hits.relationFile);
    hits.objectId = relation.objectId();
    hits.relation.set(relation.name(), 0, relation.name().length);
    hits.clearSpans();
    for (int i = 0; i < event.spanCount(); i++) {
      if (event.spanIsGuess(i)) {
        long block = event.spanFirst(i);
        hits.addGuess(block == Layout.NO_BLOCK ? HitRecord.UNKNOWN : block);
      } else {
        hits.addSpan(event.spanFirst(i), event.spanBlocks(i));
      }
    }
    writer.hits(hits);
  }

  private static long number(EventRecord event, int index) {
    return event.u32(Hits.NUMBER + index * Integer.BYTES);
  }
}
