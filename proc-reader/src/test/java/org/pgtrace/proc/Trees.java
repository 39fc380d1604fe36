package org.pgtrace.proc;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * Files of /proc and /sys as fixtures, of one process each, and what is done with them.
 *
 * <ul>
 *   <li>{@code recorded}: Linux 6.18, control groups of both versions side by side
 *   <li>{@code unified}: a service with a CPU quota, control groups of version 2
 *   <li>{@code container}: inside a container two namespaces down, version 1, a name with brackets
 *   <li>{@code plain}: a kernel without any of the accounts that it need not keep
 * </ul>
 */
final class Trees {
  static final int PID = 4711;
  static final ProcessIdentity PROCESS = new ProcessIdentity(PID, 4873046);
  static final KernelUnits UNITS = new KernelUnits(100, 4096);

  private Trees() {}

  /** A tree that is not to be changed. */
  static Path named(String name) {
    try {
      return Path.of(Trees.class.getResource("/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A tree's proc folder, to be changed. */
  static Path copyOfProc(String name, Path to) throws IOException {
    Path from = named(name).resolve("proc");
    try (Stream<Path> files = Files.walk(from)) {
      files.filter(Files::isRegularFile).forEach(file -> copy(file, from, to));
    }
    return to;
  }

  private static void copy(Path file, Path from, Path to) {
    try {
      Path target = to.resolve(from.relativize(file));
      Files.createDirectories(target.resolve(".."));
      Files.copy(file, target);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What was read, where nothing else will do. */
  static <T> T valueIn(Reading<T> reading) {
    if (reading instanceof Reading.Value<T> value) {
      return value.value();
    }
    throw new AssertionError("no value: " + reading);
  }
}
