package org.pgtrace.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.pgtrace.ring.Body;
import org.pgtrace.ring.NativeSegment;
import org.pgtrace.ring.NativeSegment.Session;

/** Who writes for one session, each made when it is first asked for. */
final class Writers {
  static final int SLOT = 1;

  /** The session itself. */
  static final int OWN = 0;

  private final Workplace place;
  private final Map<Integer, Session> all = new HashMap<>();

  /** A record of the session (0) or of a worker (from 1) that ends at a microsecond. */
  record Written(int by, long us, int flags, Body body) {}

  Writers(Workplace place) {
    this.place = place;
    all.put(OWN, place.segment.claim(SLOT, place.clientSession("")));
  }

  /**
   * A writer.
   *
   * @param other whether a process that is no parallel worker is asked for
   */
  Session of(int by, boolean other) {
    int key = other ? -1 : by;
    return all.computeIfAbsent(key, k -> place.segment.worker(SLOT, by));
  }

  void write(Written record) {
    boolean done =
        of(record.by(), false)
            .write(record.body(), record.flags(), NativeSegment.MONO_NS + record.us() * 1000);
    assertThat(done).isTrue();
  }
}
