package org.pgtrace.proc;

/**
 * A line of {@code /proc/diskstats} (the kernel's Documentation/admin-guide/iostats.rst): a disk or
 * partition, of all who use it, since the machine started.
 */
public final class DiskCounters {
  /** The file's unit, whatever the disk's sectors are. */
  private static final long SECTOR_BYTES = 512;

  private final Device device;
  private long reads;
  private long readSectors;
  private long readMs;
  private long writes;
  private long writtenSectors;
  private long writeMs;
  private long inFlight;
  private long busyMs;

  DiskCounters(Device device) {
    this.device = device;
  }

  Parser.Outcome parse(ProcText text) {
    while (!text.isAtEnd()) {
      long major = text.number();
      long minor = text.number();
      if (major == device.major() && minor == device.minor()) {
        return parseCounters(text);
      }
      text.nextLine();
    }
    return text.isUnderstood() ? Parser.Outcome.NOT_KEPT : Parser.Outcome.SENSELESS;
  }

  private Parser.Outcome parseCounters(ProcText text) {
    text.skipWord(); // its name
    reads = text.number();
    text.number(); // reads that were merged with another one
    readSectors = text.number();
    readMs = text.number();
    writes = text.number();
    text.number(); // merged writes
    writtenSectors = text.number();
    writeMs = text.number();
    inFlight = text.number();
    busyMs = text.number();
    return Parser.outcome(text);
  }

  /** The disk or partition. */
  public Device device() {
    return device;
  }

  /** Reads that are done. */
  public long reads() {
    return reads;
  }

  /** Bytes read. */
  public long readBytes() {
    return bytes(readSectors);
  }

  /** Time that all reads took together, ms. */
  public long readMs() {
    return readMs;
  }

  /** Writes that are done. */
  public long writes() {
    return writes;
  }

  /** Bytes written. */
  public long writtenBytes() {
    return bytes(writtenSectors);
  }

  /** Time that all writes took together, ms. */
  public long writeMs() {
    return writeMs;
  }

  /** Reads and writes under way now. */
  public long inFlight() {
    return inFlight;
  }

  /** Time with at least one read or write under way, ms. */
  public long busyMs() {
    return busyMs;
  }

  private static long bytes(long sectors) {
    return sectors > Long.MAX_VALUE / SECTOR_BYTES ? Long.MAX_VALUE : sectors * SECTOR_BYTES;
  }
}
