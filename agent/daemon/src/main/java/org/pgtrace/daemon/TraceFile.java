package org.pgtrace.daemon;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * An open trace file. Its length is what was written whole, whatever a failed write left behind.
 */
final class TraceFile implements AutoCloseable {
  private static final String MODE = "rw-r-----";
  private static final String FOLDER_MODE = "rwxr-x---";

  /** The session's id stands within the first bytes of a file. */
  private static final int HEAD_BYTES = 8192;

  private final Path path;
  private final FileChannel channel;
  private final Object key;
  private long length;

  private TraceFile(Path path, FileChannel channel, long length) throws IOException {
    this.path = path;
    this.channel = channel;
    this.length = length;
    this.key = keyOf(attributes(path));
  }

  /** Makes a new file in a folder that exists. */
  static TraceFile create(Path path) throws IOException {
    FileChannel channel =
        FileChannel.open(
            path,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(MODE)));
    // Also under a tighter umask.
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(MODE));
    return new TraceFile(path, channel, 0);
  }

  /**
   * Goes on in a file at a length that it has at least; what follows is cut off.
   *
   * @throws IOException also where the file is shorter
   */
  static TraceFile resume(Path path, long length) throws IOException {
    FileChannel channel =
        FileChannel.open(path, StandardOpenOption.WRITE, StandardOpenOption.READ, NOFOLLOW_LINKS);
    try {
      if (channel.size() < length) {
        throw new IOException(path + ": is shorter than what was written to it");
      }
      channel.truncate(length);
      return new TraceFile(path, channel, length);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /** Goes on after the last whole line of a file. */
  static TraceFile resumeAfterLastLine(Path path) throws IOException {
    long length = Files.size(path);
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ, NOFOLLOW_LINKS)) {
      ByteBuffer last = ByteBuffer.allocate(1);
      while (length > 0) {
        last.clear();
        channel.read(last, length - 1);
        if (last.get(0) == '\n') {
          break;
        }
        length--;
      }
    }
    return resume(path, length);
  }

  /** Makes a folder for trace files where there is none. */
  static void createFolder(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(FOLDER_MODE)));
    }
  }

  /** Whether a file exists and was written for the session with this id. */
  static boolean belongsTo(Path path, String sessionId) {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ, NOFOLLOW_LINKS)) {
      return head(channel).contains("\n*** SESSION ID:(" + sessionId + ") ");
    } catch (IOException e) {
      return false;
    }
  }

  /** The first lines, and the first bytes of what follows them. */
  String head() throws IOException {
    return head(channel);
  }

  private static String head(FileChannel channel) throws IOException {
    ByteBuffer head = ByteBuffer.allocate(HEAD_BYTES);
    int read = 0;
    while (read >= 0 && head.hasRemaining()) {
      read = channel.read(head, head.position());
    }
    return new String(head.array(), 0, head.position(), StandardCharsets.UTF_8);
  }

  Path path() {
    return path;
  }

  /** Bytes. */
  long length() {
    return length;
  }

  /** Whether the path still names this file, and nobody has cut it. */
  boolean isInPlace() throws IOException {
    try {
      BasicFileAttributes now = attributes(path);
      return keyOf(now).equals(key) && now.size() >= length;
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  /** Appends all bytes, or none. */
  void append(byte[] bytes, int count) throws IOException {
    ByteBuffer rest = ByteBuffer.wrap(bytes, 0, count);
    try {
      long at = length;
      while (rest.hasRemaining()) {
        at += channel.write(rest, at);
      }
      length = at;
    } catch (IOException e) {
      cutQuietly();
      throw e;
    }
  }

  private void cutQuietly() {
    try {
      channel.truncate(length);
    } catch (IOException ignored) {
      // The next write begins at the same length, and so does a daemon that starts again.
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  private static BasicFileAttributes attributes(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class, NOFOLLOW_LINKS);
  }

  private static Object keyOf(BasicFileAttributes attributes) {
    Object key = attributes.fileKey();
    return key == null ? "" : key;
  }
}
