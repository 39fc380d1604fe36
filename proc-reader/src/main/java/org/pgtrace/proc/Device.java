package org.pgtrace.proc;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A device's number. File systems that are on no single block device (tmpfs, overlay, btrfs) have
 * one too, of major 0, which no disk has.
 */
public record Device(int major, int minor) {

  /** What a file or folder is on. */
  public static Device of(Path file) throws IOException {
    return ofNumber(((Number) Files.getAttribute(file, "unix:dev")).longValue());
  }

  /** As the C library puts it together: makedev(3). */
  static Device ofNumber(long dev) {
    long major = (dev >>> 8 & 0xfff) | (dev >>> 32 & ~0xfffL);
    long minor = (dev & 0xff) | (dev >>> 12 & ~0xffL);
    return new Device((int) major, (int) minor);
  }

  @Override
  public String toString() {
    return major + ":" + minor;
  }
}
