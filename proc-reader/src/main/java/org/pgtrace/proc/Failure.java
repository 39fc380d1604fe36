package org.pgtrace.proc;

import java.io.IOException;
import java.nio.file.Path;

/** Says what it means that a file cannot be opened or read. */
interface Failure {

  /** What this exception of the file means. */
  <T> Reading<T> of(Path file, IOException exception);

  /** What it means that the kernel shows the file and keeps no account for it. */
  <T> Reading<T> notKept(Path file);
}
