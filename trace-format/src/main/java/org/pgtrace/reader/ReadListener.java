package org.pgtrace.reader;

import java.nio.file.Path;

/** Is told how far a file has been read. */
@FunctionalInterface
public interface ReadListener {
  /** Listens to nothing. */
  ReadListener NONE = (file, bytes, length) -> {};

  /**
   * Some of a file was read.
   *
   * @param bytes so far
   * @param length of the whole file when reading began
   */
  void read(Path file, long bytes, long length);
}
