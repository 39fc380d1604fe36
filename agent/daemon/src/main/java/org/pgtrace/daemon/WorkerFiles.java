package org.pgtrace.daemon;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.pgtrace.format.TraceBuffer;
import org.pgtrace.format.TraceForm;
import org.pgtrace.format.TraceWriter;
import org.pgtrace.ring.Positions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * In strict form: the files of a session's parallel workers, one for each, as Oracle's.
 *
 * <p>The rings' commit knows the leader's file alone. How long these are at that commit stands in a
 * file beside them, which is written before: their lengths at the commit before, and at the one of
 * these positions. A daemon that starts again cuts each to the one that counts.
 */
final class WorkerFiles implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerFiles.class);
  private static final String SEPARATOR = "\t";
  private static final int FIELDS = 4;
  private static final int HEAD_BYTES = 1024;

  private final TraceFileStore files;
  private final SessionFacts facts;
  private final Path state;
  private final long maxFileSize;
  private final List<Entry> entries = new ArrayList<>();

  private static final class Entry {
    private final int worker;
    private final TraceFile file;

    /** Bytes at the last commit. */
    private long committed;

    /** Bytes at the next one. */
    private long next;

    Entry(int worker, TraceFile file) {
      this.worker = worker;
      this.file = file;
    }
  }

  /**
   * The files of a session's workers.
   *
   * @param maxFileSize bytes at which the next file is begun, or 0
   */
  WorkerFiles(TraceFileStore files, SessionFacts facts, long maxFileSize) {
    this.files = files;
    this.maxFileSize = maxFileSize;
    this.facts = facts;
    this.state =
        files
            .folder()
            .resolve("." + TraceFileNames.ofProcess(facts.cluster(), facts.pid()) + ".workers");
  }

  /** Goes on in the files of a daemon before, each cut to what it has committed. */
  void resume(Positions committed) throws IOException {
    if (!entries.isEmpty() || !Files.isRegularFile(state, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    List<String> lines = Files.readAllLines(state, StandardCharsets.UTF_8);
    try {
      if (lines.size() > 1 && lines.get(0).equals(facts.sessionId())) {
        Positions next = positions(lines.get(1));
        boolean reached =
            committed.session() >= next.session() && committed.workers() >= next.workers();
        for (String line : lines.subList(2, lines.size())) {
          resume(line.split(SEPARATOR, FIELDS), reached);
        }
      }
    } catch (IllegalArgumentException e) {
      LOG.warn("{}: not understood, begins new files: {}", state, e.getMessage());
    }
  }

  private static Positions positions(String line) {
    String[] fields = line.split(SEPARATOR, 2);
    return new Positions(Long.parseLong(fields[0]), Long.parseLong(fields[1]));
  }

  private void resume(String[] fields, boolean reached) throws IOException {
    if (fields.length != FIELDS) {
      throw new InvalidPathException(String.join(SEPARATOR, fields), "too few fields");
    }
    int worker = Integer.parseInt(fields[0]);
    long length = Long.parseLong(fields[reached ? 2 : 1]);
    String name = TraceFileNames.ofWorker(facts.cluster(), facts.pid(), worker);
    Optional<TraceFile> file =
        files.reopen(facts, name, files.folder().resolve(fields[FIELDS - 1]).toString(), length);
    if (file.isPresent()) {
      Entry entry = new Entry(worker, file.get());
      entry.committed = length;
      entry.next = length;
      entries.add(entry);
    }
  }

  /**
   * Writes the lines of all workers. The rings are to be committed next, at these positions, which
   * stand for the lines up to where nothing is kept.
   */
  void write(List<Source> sources, Positions safe, String identifier) throws IOException {
    if (openFiles(sources, identifier)) {
      // Before a file has a byte, or a daemon that starts would not know of it.
      writeState(safe);
    }
    boolean changed = false;
    for (Source source : sources) {
      Optional<Entry> entry = entryOf(source.worker);
      if (source.lines().isPresent() && entry.isPresent()) {
        append(source.lines().get(), entry.get());
        changed |= entry.get().next != entry.get().committed;
      }
    }
    if (changed) {
      writeState(safe);
    }
  }

  /** The rings are committed. A full file gets no more lines. */
  void committed(List<Source> sources) {
    for (Entry entry : entries) {
      entry.committed = entry.next;
    }
    for (Source source : sources) {
      Optional<Entry> full = entryOf(source.worker).filter(this::isFull);
      if (source.lines().isPresent() && full.isPresent()) {
        files.close(full.get().file);
        entries.remove(full.get());
        source.lines().get().beginFile();
      }
    }
  }

  /** Lines that follow go to new files. */
  @Override
  public void close() {
    entries.forEach(entry -> files.close(entry.file));
    entries.clear();
  }

  /** The session is over. */
  void remove() {
    close();
    try {
      Files.deleteIfExists(state);
    } catch (IOException e) {
      LOG.debug("{}: {}", state, e.toString());
    }
  }

  /** Has a file for each worker that has lines; whether one is new. */
  private boolean openFiles(List<Source> sources, String identifier) throws IOException {
    boolean isNew = false;
    for (Source source : sources) {
      if (source.lines().isEmpty() || source.lines().get().out.length() == 0) {
        continue;
      }
      if (entryOf(source.worker).isEmpty()) {
        String name = TraceFileNames.ofWorker(facts.cluster(), facts.pid(), source.worker);
        entries.add(new Entry(source.worker, files.createNew(name, identifier)));
        isNew = true;
      }
    }
    return isNew;
  }

  private boolean isFull(Entry entry) {
    long length = entry.file.length();
    return maxFileSize > 0 && length >= maxFileSize && length == entry.committed;
  }

  private void append(WorkerLines lines, Entry entry) throws IOException {
    if (lines.out.length() > 0 && entry.file.length() == 0) {
      TraceBuffer head = new TraceBuffer(HEAD_BYTES);
      new TraceWriter(head, TraceForm.STRICT)
          .header(facts.workerHeader(entry.file.path().toString(), entry.worker, lines.beginTim()));
      entry.file.append(head.array(), head.length());
    }
    entry.next = Math.max(0, entry.file.length() + lines.safeLength());
    if (lines.out.length() > 0) {
      entry.file.append(lines.out.array(), lines.out.length());
      lines.removeWritten();
    }
  }

  private Optional<Entry> entryOf(int worker) {
    return entries.stream().filter(entry -> entry.worker == worker).findFirst();
  }

  /** Whole, or not at all. */
  private void writeState(Positions safe) throws IOException {
    StringBuilder text = new StringBuilder();
    text.append(facts.sessionId()).append('\n');
    text.append(safe.session()).append(SEPARATOR).append(safe.workers()).append('\n');
    for (Entry entry : entries) {
      text.append(entry.worker).append(SEPARATOR);
      text.append(entry.committed).append(SEPARATOR);
      text.append(entry.next).append(SEPARATOR);
      text.append(entry.file.path().getFileName()).append('\n');
    }
    Path written = state.resolveSibling(state.getFileName() + ".new");
    Files.writeString(written, text.toString(), StandardCharsets.UTF_8);
    Files.move(written, state, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
