package org.pgtrace.format;

/** Writes the {@code ***} lines that say what time it is, as often as Oracle does. */
final class Stamps {
  private static final long INTERVAL_US = 1_000_000;

  private final TraceBuffer out;
  private boolean stamped;
  private boolean isSilent;
  private long last;

  Stamps(TraceBuffer out) {
    this.out = out;
  }

  /** Leaves it to {@link #write}. */
  void setSilent() {
    isSilent = true;
  }

  /** To be called before a line that ends at {@code tim}: stamps where a second has passed. */
  void beforeLine(long tim) {
    if (!isSilent && (!stamped || tim - last >= INTERVAL_US)) {
      write(tim);
    }
  }

  /** To be called before a keyed line: stamps unless this very moment has its stamp. */
  void beforeKey(long tim) {
    if (!isSilent && (!stamped || tim != last)) {
      write(tim);
    }
  }

  /** Stamps in any case. */
  void write(long tim) {
    out.ascii("\n*** ");
    IsoTime.append(out, tim);
    out.put('\n');
    stamped = true;
    last = tim;
  }
}
