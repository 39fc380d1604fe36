package org.pgtrace.proc;

/**
 * What can be read again and again.
 *
 * @param <T> what it says
 */
interface Source<T> extends AutoCloseable {

  /** Reads it. A value is valid until the next call. */
  Reading<T> read();

  @Override
  default void close() {}
}
