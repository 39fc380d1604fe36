package org.pgtrace.proc;

import java.nio.file.Path;

/**
 * What came of reading a file: its value, or why there is none. A reader that is asked again and
 * again gives the same {@link Value} each time, and overwrites what is in it.
 *
 * @param <T> what the file says
 */
public sealed interface Reading<T> {

  /**
   * The file was read and understood.
   *
   * @param value valid until the same reader reads again
   */
  record Value<T>(T value) implements Reading<T> {}

  /**
   * The process has ended. It may be a zombie still, or its pid may be somebody else's by now.
   *
   * @param pid what its number was
   */
  record Gone<T>(int pid) implements Reading<T> {}

  /**
   * The file is there, and we may not read it.
   *
   * @param remedy what the system said, and what helps
   */
  record NotPermitted<T>(Path file, String remedy) implements Reading<T> {}

  /**
   * This kernel has no such file, or keeps no account of what would be in it.
   *
   * @param missing what would have to be there, such as {@code CONFIG_TASK_IO_ACCOUNTING}
   */
  record NotThere<T>(Path file, String missing) implements Reading<T> {}

  /** The file cannot be opened or understood: cut off, or not as proc(5) has it. */
  record Unreadable<T>(Path file, String reason) implements Reading<T> {}

  /**
   * Why there is no value, for something else that would have been made of it.
   *
   * @throws IllegalArgumentException there is a value
   */
  static <T> Reading<T> without(Reading<?> failed) {
    if (failed instanceof Gone<?> gone) {
      return new Gone<>(gone.pid());
    }
    if (failed instanceof NotPermitted<?> not) {
      return new NotPermitted<>(not.file(), not.remedy());
    }
    if (failed instanceof NotThere<?> not) {
      return new NotThere<>(not.file(), not.missing());
    }
    if (failed instanceof Unreadable<?> not) {
      return new Unreadable<>(not.file(), not.reason());
    }
    throw new IllegalArgumentException("a value: " + failed);
  }
}
