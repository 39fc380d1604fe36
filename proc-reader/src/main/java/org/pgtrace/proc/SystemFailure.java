package org.pgtrace.proc;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Failures of a file that is the kernel's, and no process's.
 *
 * @param missing what is not there where the file is not
 */
record SystemFailure(String missing) implements Failure {

  @Override
  public <T> Reading<T> of(Path file, IOException exception) {
    if (exception instanceof AccessDeniedException) {
      return new Reading.NotPermitted<>(file, "run as root");
    }
    if (exception instanceof NoSuchFileException) {
      return notKept(file);
    }
    // A file that could be opened and not read: the account is switched off, or the group is gone.
    boolean isOpened = !(exception instanceof FileSystemException);
    if (isOpened && !isClosed(exception)) {
      return new Reading.NotThere<>(file, missing + " (" + reason(exception) + ")");
    }
    return new Reading.Unreadable<>(file, reason(exception));
  }

  @Override
  public <T> Reading<T> notKept(Path file) {
    return new Reading.NotThere<>(file, missing);
  }

  static boolean isClosed(IOException exception) {
    return exception instanceof ClosedChannelException;
  }

  /** What the system said, or that an interrupt has closed the file. */
  static String reason(IOException exception) {
    if (isClosed(exception)) {
      return "closed: the reading thread was interrupted";
    }
    if (exception instanceof FileSystemException f && f.getReason() != null) {
      return f.getReason();
    }
    return exception.getMessage() == null ? exception.toString() : exception.getMessage();
  }
}
