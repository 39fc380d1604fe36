package org.pgtrace.report;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Why a file cannot be used, for people: its name and the cause, in one line. */
public final class FileFailure {
  private FileFailure() {}

  /** Of a file that the failure itself may not name. */
  public static String text(Path file, IOException failure) {
    return file + ": " + cause(failure);
  }

  /** Of the file that the failure names. */
  public static String text(IOException failure) {
    return failure instanceof FileSystemException of && of.getFile() != null
        ? text(Path.of(of.getFile()), failure)
        : cause(failure);
  }

  private static String cause(IOException failure) {
    if (failure instanceof NoSuchFileException) {
      return "no such file";
    }
    if (failure instanceof AccessDeniedException) {
      return "permission denied";
    }
    String reason =
        failure instanceof FileSystemException of ? of.getReason() : failure.getMessage();
    return reason == null ? failure.getClass().getSimpleName() : reason;
  }
}
