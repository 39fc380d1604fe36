package org.pgtrace.reader;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file that tells how much of it has been read. */
final class CountedStream extends FilterInputStream {
  private final Path file;
  private final long length;
  private final ReadListener listener;
  private long bytes;

  private CountedStream(InputStream in, Path file, long length, ReadListener listener) {
    super(in);
    this.file = file;
    this.length = length;
    this.listener = listener;
  }

  static CountedStream open(Path file, ReadListener listener) throws IOException {
    InputStream in = Files.newInputStream(file);
    return new CountedStream(in, file, Files.size(file), listener);
  }

  @Override
  public int read() throws IOException {
    return counted(super.read(), 1);
  }

  @Override
  public int read(byte[] target, int off, int len) throws IOException {
    int count = super.read(target, off, len);
    return counted(count, count);
  }

  private int counted(int result, int count) {
    if (result >= 0) {
      bytes += count;
      listener.read(file, bytes, length);
    }
    return result;
  }
}
