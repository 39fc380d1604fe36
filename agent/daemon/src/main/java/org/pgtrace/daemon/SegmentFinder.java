package org.pgtrace.daemon;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.pgtrace.ring.Layout;

/** Finds the files that may be segments. */
public final class SegmentFinder {
  private final Optional<Path> only;
  private final List<Path> folders;

  /**
   * @param only the one file to look for, or all files in {@code folders}
   */
  public SegmentFinder(Optional<Path> only, List<Path> folders) {
    this.only = only;
    this.folders = List.copyOf(folders);
  }

  /** Those that are there now; a folder that cannot be read has none. */
  public List<Path> find() {
    if (only.isPresent()) {
      return Files.isRegularFile(only.get(), LinkOption.NOFOLLOW_LINKS)
          ? List.of(only.get())
          : List.of();
    }
    List<Path> found = new ArrayList<>();
    for (Path folder : folders) {
      try (DirectoryStream<Path> files =
          Files.newDirectoryStream(folder, Layout.FILE_PREFIX + "*")) {
        for (Path file : files) {
          if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            found.add(file);
          }
        }
      } catch (IOException e) {
        // Not there yet, or not for us: `pgtrace doctor` says which.
      }
    }
    return found;
  }
}
