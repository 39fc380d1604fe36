package org.pgtrace.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Folders that are removed at the end. They belong to the server's user. */
final class Scratch {
  private static final Path ROOT = make();
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private Scratch() {}

  private static Path make() {
    try {
      Path root = Files.createTempDirectory("pgtrace-it");
      Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxr-xr-x"));
      if (Commands.isRoot()) {
        Commands.run(List.of("chown", "postgres:", root.toString()));
      }
      Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(root)));
      return root;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The folder of all others. */
  static Path root() {
    return ROOT;
  }

  /** A new folder of the server's user. */
  static Path folder(String name) {
    Path folder = ROOT.resolve(name + NUMBER.incrementAndGet());
    Commands.run(Commands.asServerUser(List.of("mkdir", "-m", "0755", folder.toString())));
    return folder;
  }

  /** A folder that is made once by name; empty until the caller fills it. */
  static Path shared(String name) {
    return ROOT.resolve(name);
  }

  /** The program's archive, where the server's user can read it. */
  static synchronized Path archive() {
    Path copy = ROOT.resolve("pgtrace.jar");
    try {
      if (!Files.exists(copy)) {
        Files.copy(Sources.archive(), copy, StandardCopyOption.REPLACE_EXISTING);
        Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rw-r--r--"));
      }
      return copy;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void remove(Path folder) {
    try {
      Files.walkFileTree(
          folder,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes a) throws IOException {
              Files.deleteIfExists(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) {
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(
                Path directory, @org.jspecify.annotations.Nullable IOException e)
                throws IOException {
              Files.deleteIfExists(directory);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      // A process that is just ending has written once more: the system's own clean-up has it.
      return;
    }
  }
}
