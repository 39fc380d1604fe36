package org.pgtrace.cli;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Trace files as they are given to a command: files, or folders of them. */
final class TraceFiles {
  private static final String SUFFIX = ".trc";

  private TraceFiles() {}

  /**
   * The files, those of a folder by name.
   *
   * @throws IOException when a folder cannot be read, or has none
   */
  static List<Path> of(List<Path> given) throws IOException {
    List<Path> files = new ArrayList<>();
    for (Path path : given) {
      if (Files.isDirectory(path)) {
        files.addAll(inFolder(path));
      } else {
        files.add(path);
      }
    }
    return files;
  }

  private static List<Path> inFolder(Path folder) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      List<Path> files =
          all.filter(file -> file.getFileName().toString().endsWith(SUFFIX))
              .filter(Files::isRegularFile)
              .sorted()
              .toList();
      if (files.isEmpty()) {
        throw new FileSystemException(folder.toString(), null, "no files *" + SUFFIX + " in it");
      }
      return files;
    }
  }
}
