package org.pgtrace.ring;

import com.sun.jna.Pointer;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A mapped part of a segment file, and the only class that orders memory accesses. Offsets are from
 * the start of the part; accesses outside of it throw IndexOutOfBoundsException, also after close.
 */
final class SharedMemory implements AutoCloseable {
  private static final VarHandle INTS =
      MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());
  private static final VarHandle LONGS =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

  private final Pointer mapping;
  private final long mappedLength;
  private ByteBuffer buffer;
  private boolean closed;

  /**
   * Takes over a mapping.
   *
   * @param mapping its first page
   * @param mappedLength bytes, whole pages
   * @param offset bytes before the part that was asked for
   * @param length bytes of that part
   */
  SharedMemory(Pointer mapping, long mappedLength, int offset, int length) {
    this.mapping = mapping;
    this.mappedLength = mappedLength;
    this.buffer = mapping.getByteBuffer(offset, length).order(ByteOrder.nativeOrder());
  }

  /** The bytes, for plain reads of what an acquire read has made visible. */
  ByteBuffer bytes() {
    return buffer;
  }

  int getInt(int offset) {
    return buffer.getInt(offset);
  }

  long getLong(int offset) {
    return buffer.getLong(offset);
  }

  void putInt(int offset, int value) {
    buffer.putInt(offset, value);
  }

  void putLong(int offset, long value) {
    buffer.putLong(offset, value);
  }

  int getIntAcquire(int offset) {
    return (int) INTS.getAcquire(buffer, offset);
  }

  long getLongAcquire(int offset) {
    return (long) LONGS.getAcquire(buffer, offset);
  }

  void putIntRelease(int offset, int value) {
    INTS.setRelease(buffer, offset, value);
  }

  void putLongRelease(int offset, long value) {
    LONGS.setRelease(buffer, offset, value);
  }

  int getAndAddInt(int offset, int value) {
    return (int) INTS.getAndAdd(buffer, offset, value);
  }

  boolean compareAndSetLong(int offset, long expected, long value) {
    return LONGS.compareAndSet(buffer, offset, expected, value);
  }

  boolean compareAndSetInt(int offset, int expected, int value) {
    return INTS.compareAndSet(buffer, offset, expected, value);
  }

  void zero(int offset, int length) {
    for (int at = offset; at < offset + length; at++) {
      buffer.put(at, (byte) 0);
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      buffer = ByteBuffer.allocateDirect(0);
      LibC.munmap(mapping, mappedLength);
    }
  }
}
