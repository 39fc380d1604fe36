package org.pgtrace.proc;

import java.util.Optional;

/**
 * Bytes that a control group has had read and written: {@code io.stat} of version 2, {@code
 * blkio.throttle.io_service_bytes} of version 1 (the kernel's
 * Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/blkio-controller.rst). Of one device, or of
 * all together: then what goes through a device on top of another (LVM, RAID) counts for each.
 */
public final class CgroupIo {
  private static final byte[] READ = ProcText.key("rbytes=");
  private static final byte[] WRITTEN = ProcText.key("wbytes=");
  private static final byte[] READ_V1 = ProcText.key(" Read ");
  private static final byte[] WRITE_V1 = ProcText.key(" Write ");
  private static final byte[] TOTAL_V1 = ProcText.key("Total ");

  private final Optional<Device> only;
  private long readBytes;
  private long writtenBytes;

  CgroupIo(Optional<Device> only) {
    this.only = only;
  }

  /** A line a device: {@code 254:0 rbytes=1 wbytes=2 …}. */
  Parser.Outcome parseUnified(ProcText text) {
    return parse(text, READ, WRITTEN);
  }

  /** Some lines a device, such as {@code 254:0 Read 1}, and at the end their sum. */
  Parser.Outcome parseV1(ProcText text) {
    return parse(text, READ_V1, WRITE_V1);
  }

  private Parser.Outcome parse(ProcText text, byte[] read, byte[] written) {
    readBytes = 0;
    writtenBytes = 0;
    for (; !text.isAtEnd(); text.nextLine()) {
      if (text.seekHere(TOTAL_V1)) {
        continue;
      }
      long major = text.number();
      text.skip(':');
      long minor = text.number();
      if (isWanted(major, minor)) {
        // In one line, and in this order, or in two.
        readBytes = sum(readBytes, text.seekInLine(read) ? text.number() : 0);
        writtenBytes = sum(writtenBytes, text.seekInLine(written) ? text.number() : 0);
      }
    }
    return Parser.outcome(text);
  }

  private boolean isWanted(long major, long minor) {
    return only.isEmpty() || (only.get().major() == major && only.get().minor() == minor);
  }

  private static long sum(long a, long b) {
    return a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b;
  }

  /** Bytes read from the devices. */
  public long readBytes() {
    return readBytes;
  }

  /** Bytes written to the devices. */
  public long writtenBytes() {
    return writtenBytes;
  }
}
