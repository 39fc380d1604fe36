package org.pgtrace.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgtrace.format.TraceBuffer;
import org.pgtrace.format.TraceForm;
import org.pgtrace.format.TraceWriter;
import org.pgtrace.ring.Body;
import org.pgtrace.ring.EventHandler;
import org.pgtrace.ring.EventLayout.Hits;
import org.pgtrace.ring.EventLayout.Wait;
import org.pgtrace.ring.EventRecord;
import org.pgtrace.ring.Layout;
import org.pgtrace.ring.NativeSegment;
import org.pgtrace.ring.NativeSegment.Session;
import org.pgtrace.ring.Positions;
import org.pgtrace.ring.RingReader;
import org.pgtrace.ring.SegmentReader;
import org.pgtrace.ring.SlotReader;

class TranslatorAllocationTest {
  private static final int SLOT = 1;
  private static final int ROUNDS = 20;

  private static final int WAITS = 400;
  private static final int HITS = 300;

  /** Room for what each drain does once; one object a record of hits would be 96,000 or more. */
  private static final long ALLOWED_BYTES = 64_000;

  private static final int[] KINDS = {
    Layout.WAIT_PLAIN,
    Layout.WAIT_BLOCKS,
    Layout.WAIT_FILE,
    Layout.WAIT_LOCK,
    Layout.WAIT_CLIENT,
    Layout.WAIT_IPC
  };

  private final TraceBuffer out = new TraceBuffer(16);
  private final TraceWriter writer = new TraceWriter(out, TraceForm.FULL);

  @Test
  void waits_and_hits_make_no_garbage(@TempDir Path folder) throws IOException {
    try (Workplace place = new Workplace(folder);
        SegmentReader segment =
            SegmentReader.open(place.segmentPath(), SegmentReader.Access.DRAIN)) {
      Session session = place.segment.claim(SLOT, place.clientSession(""));
      SlotReader slot = segment.slots().get(SLOT);
      NameBook names = new NameBook();
      WaitTranslator waits = new WaitTranslator(new SessionClock(slot), names);
      HitTranslator hits = new HitTranslator(names);
      EventHandler handler = event -> handle(waits, hits, event);
      try (RingReader ring = slot.openRing()) {
        session.write(Body.waitName(0x0A00_0012, "IO", "DataFileRead"), 0, NativeSegment.MONO_NS);
        session.write(Body.fileName(3, "pg_xact/0000"), 0, NativeSegment.MONO_NS);
        long allocated = 0;
        for (int i = 0; i < ROUNDS * 2; i++) {
          fill(session);
          long before = allocatedBytes();
          ring.drain(handler, Integer.MAX_VALUE);
          allocated += i < ROUNDS ? 0 : allocatedBytes() - before;
          slot.commit(new Positions(ring.position(), 0), 0, 1);
          out.clear();
        }
        assertThat(ring.damage()).isEmpty();
        assertThat(allocated).isLessThan(ALLOWED_BYTES);
      }
    }
  }

  private boolean handle(WaitTranslator waits, HitTranslator hits, EventRecord event) {
    switch (event.type()) {
      case Layout.EV_WAIT_NAME -> waits.eventName(event);
      case Layout.EV_FILE_NAME -> waits.fileName(event);
      case Layout.EV_HITS -> hits.hit(event, event.timeNs() / 1000, writer);
      default -> waits.waited(event, event.timeNs() / 1000, writer, 0, false);
    }
    return true;
  }

  private static void fill(Session session) {
    for (int i = 0; i < WAITS; i++) {
      Body wait =
          Body.waited(101, 0x0A00_0012, KINDS[i % KINDS.length], NativeSegment.MONO_NS)
              .u16(Wait.NODE, i % 50)
              .i32(Wait.NUMBER, 3)
              .i32(Wait.NUMBER + 8, 16390 + i % 20)
              .i32(Wait.COUNT, 1 + i % 2);
      assertThat(session.write(wait, 0, NativeSegment.MONO_NS)).isTrue();
    }
    for (int i = 0; i < HITS; i++) {
      Body hits = Body.hits(101, 0, 276, i, 1).i32(Hits.NUMBER + 8, 16390 + i % 20);
      assertThat(session.write(hits, 0, NativeSegment.MONO_NS)).isTrue();
    }
  }

  private static long allocatedBytes() {
    return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
  }
}
