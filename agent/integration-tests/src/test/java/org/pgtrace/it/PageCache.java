package org.pgtrace.it;

import java.nio.file.Path;
import java.util.List;

/** The kernel's page cache. */
final class PageCache {
  private PageCache() {}

  /** Has the kernel forget what it knows of a file (posix_fadvise DONTNEED). */
  static void forget(Path file) {
    Commands.run(
        List.of(
            "dd",
            "of=" + file,
            "oflag=nocache",
            "conv=notrunc,fdatasync",
            "count=0",
            "status=none"));
  }
}
