package org.pgtrace.daemon;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Removes trace files that nobody writes any more and that are old enough. */
final class Retention {
  private static final Logger LOG = LoggerFactory.getLogger(Retention.class);

  private final TraceFileStore files;
  private final Duration keep;

  Retention(TraceFileStore files, Duration keep) {
    this.files = files;
    this.keep = keep;
  }

  /** Looks through the folder once. */
  void removeOld(Instant now) {
    Instant limit = now.minus(keep);
    try (DirectoryStream<Path> all = Files.newDirectoryStream(files.folder(), "*.trc")) {
      for (Path file : all) {
        if (isOld(file, limit)) {
          Files.delete(file);
          LOG.info("{}: removed, older than it is to be kept", file);
        }
      }
    } catch (IOException e) {
      LOG.warn("old trace files: {}", e.getMessage());
    }
  }

  private boolean isOld(Path file, Instant limit) throws IOException {
    Path name = file.getFileName();
    return name != null
        && TraceFileNames.matches(name.toString())
        && !files.isInUse(file)
        && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
        && Files.getLastModifiedTime(file).toInstant().isBefore(limit);
  }
}
