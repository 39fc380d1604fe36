package org.pgtrace.proc;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The units in which the kernel counts for a process, from the auxiliary vector that it gave this
 * one (getauxval(3)).
 *
 * @param ticksPerSecond clock ticks a second in /proc ({@code AT_CLKTCK})
 * @param pageBytes bytes of a page of memory ({@code AT_PAGESZ})
 */
public record KernelUnits(long ticksPerSecond, long pageBytes) {
  private static final long AT_PAGESZ = 6;
  private static final long AT_CLKTCK = 17;
  private static final int ENTRY_BYTES = 2 * Long.BYTES;
  private static final long MICROS = 1_000_000;

  /** Reads below {@code root}, which is /proc except in tests. */
  public static Reading<KernelUnits> read(Path root) {
    Path file = root.resolve("self/auxv");
    byte[] vector;
    try {
      vector = Files.readAllBytes(file);
    } catch (IOException e) {
      return new SystemFailure("/proc mounted for this PID namespace").of(file, e);
    }
    long ticks = entry(vector, AT_CLKTCK);
    long page = entry(vector, AT_PAGESZ);
    return ticks > 0 && page > 0
        ? new Reading.Value<>(new KernelUnits(ticks, page))
        : new Reading.Unreadable<>(file, "it does not give AT_CLKTCK and AT_PAGESZ");
  }

  /** The value of an entry: pairs of machine words, type and value; 0 where there is none. */
  private static long entry(byte[] vector, long type) {
    ByteBuffer words = ByteBuffer.wrap(vector).order(ByteOrder.nativeOrder());
    while (words.remaining() >= ENTRY_BYTES) {
      long entry = words.getLong();
      long value = words.getLong();
      if (entry == type) {
        return value;
      }
    }
    return 0;
  }

  /** Clock ticks in microseconds; what does not fit is {@link Long#MAX_VALUE}. */
  long ticksToMicros(long ticks) {
    long seconds = ticks / ticksPerSecond;
    long rest = ticks % ticksPerSecond * MICROS / ticksPerSecond;
    return seconds > Long.MAX_VALUE / MICROS - 1 ? Long.MAX_VALUE : seconds * MICROS + rest;
  }

  /** Pages in bytes; what does not fit is {@link Long#MAX_VALUE}. */
  long pagesToBytes(long pages) {
    return pages > Long.MAX_VALUE / pageBytes ? Long.MAX_VALUE : pages * pageBytes;
  }
}
