package org.pgtrace.daemon;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.pgtrace.ring.Layout;

/** Finds the files that may be segments. */
public final class SegmentFinder {
  private final Optional<Path> only;
  private final List<Folder> folders;

  /**
   * @param only the one file to look for, or all files in {@code folders}
   */
  public SegmentFinder(Optional<Path> only, List<Path> folders) {
    this.only = only;
    this.folders = folders.stream().map(Folder::new).toList();
  }

  /** Those that are there now; a folder that cannot be read has none. */
  public List<Path> find() {
    if (only.isPresent()) {
      return Files.isRegularFile(only.get(), LinkOption.NOFOLLOW_LINKS)
          ? List.of(only.get())
          : List.of();
    }
    List<Path> found = new ArrayList<>();
    for (Folder folder : folders) {
      found.addAll(folder.find());
    }
    return found;
  }

  /** One folder: listed again only when it may have changed, because a daemon asks often. */
  private static final class Folder {
    /** Two changes within one tick of the file system's clock have the same time. */
    private static final Duration SETTLED = Duration.ofSeconds(1);

    private final Path path;
    private List<Path> found = List.of();
    private Instant listedFor = Instant.MIN;

    Folder(Path path) {
      this.path = path;
    }

    List<Path> find() {
      try {
        Instant changed = Files.getLastModifiedTime(path).toInstant();
        if (!changed.equals(listedFor)) {
          found = list();
          listedFor = changed.isBefore(Instant.now().minus(SETTLED)) ? changed : Instant.MIN;
        }
        return found;
      } catch (IOException e) {
        // Not there yet, or not for us: `pgtrace doctor` says which.
        return List.of();
      }
    }

    private List<Path> list() throws IOException {
      List<Path> files = new ArrayList<>();
      try (DirectoryStream<Path> all = Files.newDirectoryStream(path, Layout.FILE_PREFIX + "*")) {
        for (Path file : all) {
          if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            files.add(file);
          }
        }
      }
      return List.copyOf(files);
    }
  }
}
