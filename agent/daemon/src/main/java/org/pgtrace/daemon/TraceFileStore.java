package org.pgtrace.daemon;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Chooses the files of sessions in one folder, and knows which are in use. */
final class TraceFileStore {
  private static final Logger LOG = LoggerFactory.getLogger(TraceFileStore.class);

  private final Path folder;
  private final Set<Path> inUse = new HashSet<>();

  TraceFileStore(Path folder) {
    this.folder = folder;
  }

  /** A file that was chosen. */
  record Choice(TraceFile file, boolean isNew) {}

  /** The folder, absolute. */
  Path folder() {
    return folder;
  }

  boolean isInUse(Path path) {
    return inUse.contains(path);
  }

  /**
   * The file in which a process goes on: its own last one where there is one, else a new one. A
   * file of another process that had the same pid is left alone; an empty one is nobody's.
   */
  Choice openLast(SessionFacts facts, String identifier) throws IOException {
    String ofProcess = TraceFileNames.ofProcess(facts.cluster(), facts.pid());
    Optional<Path> own = Optional.empty();
    for (int number = 1; ; number++) {
      Path path = TraceFileNames.path(folder, ofProcess, identifier, number);
      if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
        break;
      }
      if (Files.size(path) == 0 || TraceFile.belongsTo(path, facts.sessionId())) {
        own = Optional.of(path);
      }
    }
    return own.isPresent()
        ? new Choice(use(TraceFile.resumeAfterLastLine(own.get())), false)
        : new Choice(createNew(ofProcess, identifier), true);
  }

  /** A new file of the session, whatever there is. */
  TraceFile createNew(SessionFacts facts, String identifier) throws IOException {
    return createNew(TraceFileNames.ofProcess(facts.cluster(), facts.pid()), identifier);
  }

  /**
   * A new file, whatever there is.
   *
   * @param ofProcess what its name begins with
   */
  TraceFile createNew(String ofProcess, String identifier) throws IOException {
    TraceFile.createFolder(folder);
    int number = 1;
    while (true) {
      Path path = TraceFileNames.path(folder, ofProcess, identifier, number);
      if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
        try {
          return use(TraceFile.create(path));
        } catch (FileAlreadyExistsException e) {
          LOG.debug("{}: somebody was faster", path);
        }
      }
      number++;
    }
  }

  /**
   * The file that a daemon before wrote, cut to what it committed. Empty where it is gone, is not
   * the session's, or lies elsewhere: the path comes from the segment and may be anything.
   *
   * @param ofProcess what its name begins with
   */
  Optional<TraceFile> reopen(SessionFacts facts, String ofProcess, String path, long length)
      throws IOException {
    Path file = Path.of(path);
    Path name = file.getFileName();
    if (name == null
        || !folder.resolve(name).equals(file)
        || !TraceFileNames.matches(name.toString())
        || !name.toString().startsWith(ofProcess)
        || !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
        || Files.size(file) < length
        || (Files.size(file) > 0 && !TraceFile.belongsTo(file, facts.sessionId()))) {
      return Optional.empty();
    }
    return Optional.of(use(TraceFile.resume(file, length)));
  }

  /** The file is not written any more. */
  void close(TraceFile file) {
    inUse.remove(file.path());
    try {
      file.close();
    } catch (IOException e) {
      // Each batch was written whole before it was committed: nothing is lost.
      LOG.warn("{}", e.getMessage());
    }
  }

  /** A new file is not needed after all. */
  void discard(TraceFile file) {
    close(file);
    try {
      Files.delete(file.path());
    } catch (IOException e) {
      LOG.debug("{}: {}", file.path(), e.toString());
    }
  }

  private TraceFile use(TraceFile file) {
    inUse.add(file.path());
    return file;
  }
}
