package org.pgtrace.proc;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** Where files are read to, one after the other; for one thread. Grows to the largest file. */
final class ReadBuffer {
  private static final int INITIAL_BYTES = 4096;

  /** More than any of these files has; the rest is not read. */
  private static final int MAX_BYTES = 1 << 20;

  private ByteBuffer direct = ByteBuffer.allocateDirect(INITIAL_BYTES);
  private byte[] bytes = new byte[INITIAL_BYTES];

  /** What was read last. */
  byte[] bytes() {
    return bytes;
  }

  /**
   * Reads a file from its beginning and returns its length.
   *
   * @param inRecords the kernel gives no more than some whole lines at once, as for diskstats; of
   *     other files one read gives all that fits
   */
  int read(FileChannel file, boolean inRecords) throws IOException {
    direct.clear();
    int n = file.read(direct, 0);
    while (n > 0 && (inRecords || !direct.hasRemaining())) {
      if (!direct.hasRemaining()) {
        if (direct.capacity() == MAX_BYTES) {
          break;
        }
        grow();
      }
      n = file.read(direct, direct.position());
    }
    int length = direct.position();
    direct.get(0, bytes, 0, length);
    return length;
  }

  /** Makes room, and begins anew. */
  private void grow() {
    direct = ByteBuffer.allocateDirect(direct.capacity() * 2);
    bytes = new byte[direct.capacity()];
  }
}
