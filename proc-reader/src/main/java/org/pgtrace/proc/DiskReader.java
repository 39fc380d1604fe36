package org.pgtrace.proc;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Reads what the disk of a folder, such as a server's data directory, has done. The file is kept
 * open; for one thread.
 */
public final class DiskReader implements AutoCloseable {
  private final Source<DiskCounters> source;

  private DiskReader(Source<DiskCounters> source) {
    this.source = source;
  }

  /**
   * Finds the disk that a folder is on.
   *
   * @param root /proc, except in tests
   */
  public static DiskReader open(Path root, Path folder) {
    try {
      Path real = folder.toRealPath();
      return open(root, Device.of(real), real);
    } catch (IOException e) {
      Reading<DiskCounters> verdict = new SystemFailure("such a folder").of(folder, e);
      return new DiskReader(() -> verdict);
    }
  }

  /**
   * Finds the disk that a process's current folder is on; of a server's processes that is the data
   * directory, whatever it is called in their container.
   *
   * @param root /proc, except in tests
   */
  public static DiskReader ofCurrentFolder(Path root, ProcessIdentity who) {
    Path folder = root.resolve(Integer.toString(who.pid())).resolve("cwd");
    try {
      return open(root, Device.of(folder), folder);
    } catch (IOException e) {
      Reading<DiskCounters> verdict = new SystemFailure("such a folder").of(folder, e);
      return new DiskReader(() -> verdict);
    }
  }

  static DiskReader open(Path root, Device device, Path folder) {
    String on =
        MountTable.read(root)
            .holding(folder)
            .map(mount -> mount.type() + " of " + mount.source())
            .orElse("a file system that is not in the mount table");
    String missing =
        "a disk "
            + device
            + ": "
            + folder
            + " is on "
            + on
            + ", which is no block device by itself";
    return new DiskReader(
        KeptFile.openRecords(
            root.resolve("diskstats"),
            new SystemFailure(missing),
            new ReadBuffer(),
            new DiskCounters(device),
            DiskCounters::parse));
  }

  /** Reads the disk's line. Not there: the folder's device is no disk. */
  public Reading<DiskCounters> read() {
    return source.read();
  }

  @Override
  public void close() {
    source.close();
  }
}
