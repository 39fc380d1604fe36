package org.pgtrace.proc;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Failures of a process's file. The texts of the system's errors are in the user's language, so
 * what a failure means is found out by another look: is the process still there, may we read it?
 *
 * @param root where the proc file system is
 * @param who whose file it is
 * @param missing what the kernel lacks where the process is there and the file is not
 */
record ProcessFailure(Path root, ProcessIdentity who, String missing) implements Failure {
  private static final String REMEDY = "run as the process's owner, or as root with CAP_SYS_PTRACE";

  @Override
  public <T> Reading<T> of(Path file, IOException exception) {
    if (SystemFailure.isClosed(exception)) {
      return new Reading.Unreadable<>(file, SystemFailure.reason(exception));
    }
    ProcessLookup now = new ProcessTable(root).find(who.pid());
    if (now instanceof ProcessLookup.Gone) {
      return goneOrHidden(file);
    }
    if (now instanceof ProcessLookup.Found found && !found.identity().equals(who)) {
      return new Reading.Gone<>(who.pid());
    }
    if (exception instanceof NoSuchFileException) {
      return notKept(file);
    }
    // The right to read "io" is asked for when it is read, after it has been opened.
    boolean isOpened = !(exception instanceof FileSystemException);
    if (isOpened || !Files.isReadable(file)) {
      return new Reading.NotPermitted<>(file, SystemFailure.reason(exception) + ": " + REMEDY);
    }
    return new Reading.Unreadable<>(file, SystemFailure.reason(exception));
  }

  @Override
  public <T> Reading<T> notKept(Path file) {
    return new Reading.NotThere<>(file, missing);
  }

  private <T> Reading<T> goneOrHidden(Path file) {
    if (MountTable.read(root).hidesProcesses()) {
      return new Reading.NotPermitted<>(
          file,
          "the proc file system is mounted with hidepid, so other users' processes cannot be told"
              + " from none: run as the process's owner, as root, or in the group that its mount"
              + " option gid names");
    }
    return new Reading.Gone<>(who.pid());
  }
}
