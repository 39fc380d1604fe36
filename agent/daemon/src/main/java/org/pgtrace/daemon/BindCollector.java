package org.pgtrace.daemon;

import org.pgtrace.format.BindRecord;
import org.pgtrace.format.TraceWriter;
import org.pgtrace.ring.EventCopies;
import org.pgtrace.ring.EventLayout.Bind;
import org.pgtrace.ring.EventRecord;
import org.pgtrace.ring.Layout;

/** Collects an execution's bind values until the last has come; the memory is used again. */
final class BindCollector {
  private final EventCopies values = new EventCopies();
  private final BindRecord bind = new BindRecord();
  private final byte[] text = new byte[Layout.RECORD_MAX];

  boolean isOpen() {
    return values.size() > 0;
  }

  /** The cursor of those that have come. */
  int cursor() {
    return values.get(0).i32(Bind.CURSOR);
  }

  void add(EventRecord event) {
    values.add(event);
  }

  /** Writes what has come, and forgets it. */
  void write(TraceWriter writer, long tim) {
    writer.bindsStart(cursor(), values.size(), tim);
    for (int i = 0; i < values.size(); i++) {
      set(values.get(i));
      writer.bind(bind);
    }
    writer.bindsEnd();
    values.clear();
  }

  private void set(EventRecord event) {
    int flags = event.i32(Bind.FLAGS);
    int nameLength = event.textLength();
    int valueLength = event.secondTextLength();
    event.copyText(text, 0);
    event.copySecondText(text, nameLength);
    bind.position = event.u16(Bind.POSITION);
    bind.typeOid = event.u32(Bind.TYPE_OID);
    bind.typeName.set(text, 0, nameLength);
    bind.isNull = (flags & Layout.BIND_NULL) != 0;
    bind.cut = (flags & Layout.BIND_TRUNCATED) != 0;
    bind.value.set(text, nameLength, valueLength);
    bind.actualLength = event.u32(Bind.VALUE_TOTAL);
  }
}
