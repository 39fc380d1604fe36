package org.pgtrace.cli;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.pgtrace.convert.StrictOutputs;

/**
 * The files of a trace in strict form; whole, or not there: until the end they have another name.
 * Without a file for the session its lines go to standard output, and the workers' nowhere.
 */
final class StrictFiles implements StrictOutputs, AutoCloseable {
  private static final String UNFINISHED = ".unfinished";
  private static final String PROCESS = "_pg_";
  private static final String SUFFIX = ".trc";

  private final Path input;
  private final Optional<Path> output;
  private final Map<Path, Path> unfinished = new TreeMap<>();
  private boolean hasUnwrittenWorkers;

  StrictFiles(Path input, Optional<Path> output) {
    this.input = input;
    this.output = output;
  }

  @Override
  public OutputStream open(int worker) throws IOException {
    if (output.isEmpty()) {
      hasUnwrittenWorkers |= worker > 0;
      return worker > 0 ? OutputStream.nullOutputStream() : new StandardOutput();
    }
    Path target = target(worker);
    if (Files.exists(target) && !Files.isRegularFile(target)) {
      // A device or a pipe is written to, and not replaced.
      return Files.newOutputStream(target);
    }
    Path written = target.resolveSibling(target.getFileName() + UNFINISHED);
    OutputStream stream = Files.newOutputStream(written);
    unfinished.put(written, target);
    return stream;
  }

  @Override
  public String path(int worker) {
    return (output.isEmpty() ? input : target(worker)).toAbsolutePath().normalize().toString();
  }

  /** As the daemon calls a worker's file where OUT is called as it calls a session's. */
  private Path target(int worker) {
    Path session = output.orElse(input);
    if (worker == 0) {
      return session;
    }
    String name = String.valueOf(session.getFileName());
    String part = String.format(Locale.ROOT, "p%03d", worker - 1);
    int process = name.indexOf(PROCESS);
    if (process >= 0) {
      int after = process + PROCESS.length();
      return session.resolveSibling(
          name.substring(0, process) + "_" + part + "_" + name.substring(after));
    }
    String stem = name.endsWith(SUFFIX) ? name.substring(0, name.length() - SUFFIX.length()) : name;
    return session.resolveSibling(stem + "_" + part + SUFFIX);
  }

  boolean hasUnwrittenWorkers() {
    return hasUnwrittenWorkers;
  }

  /** All is written: gives the files their names. */
  void finish() throws IOException {
    for (Map.Entry<Path, Path> each : unfinished.entrySet()) {
      Files.move(each.getKey(), each.getValue(), StandardCopyOption.REPLACE_EXISTING);
    }
    unfinished.clear();
  }

  /** Leaves nothing behind that is not whole. */
  @Override
  public void close() throws IOException {
    for (Path written : unfinished.keySet()) {
      Files.deleteIfExists(written);
    }
  }

  /** Bytes as they are: a trace is in the server's encoding. Not ours to close. */
  private static final class StandardOutput extends BufferedOutputStream {
    StandardOutput() {
      super(new FileOutputStream(FileDescriptor.out));
    }

    @Override
    public void close() throws IOException {
      flush();
    }
  }
}
