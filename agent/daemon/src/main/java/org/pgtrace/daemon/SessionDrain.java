package org.pgtrace.daemon;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.util.Optional;
import org.pgtrace.ring.Commit;
import org.pgtrace.ring.MonotonicClock;
import org.pgtrace.ring.RingReader;
import org.pgtrace.ring.SlotLayout;
import org.pgtrace.ring.SlotReader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One session: its ring, its lines, its file. Bytes are in the file before the position that they
 * stand for is committed, so a daemon that starts again repeats nothing and misses nothing.
 */
final class SessionDrain implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SessionDrain.class);
  private static final long RETRY_NS = 1_000_000_000L;
  private static final long PLACE_CHECK_NS = 250_000_000L;
  private static final int RECORDS_AT_ONCE = 4096;

  /** What every session of a daemon shares. */
  record Context(TraceFileStore files, DaemonOptions options) {}

  private final Context context;
  private final SlotReader slot;
  private final int ringSize;
  private final SessionFacts facts;
  private final SessionClock clock;
  private final SessionTranslator translator;
  private final ParseHold hold;
  private Optional<RingReader> ring = Optional.empty();
  private Optional<TraceFile> file = Optional.empty();
  private long fileNumber;
  private long committed;
  private String identifier;

  /** Whether the current file was chosen by this identifier, and not by a daemon before. */
  private boolean identifierChosen;

  private long retryAtNs;
  private long placeCheckedNs;
  private boolean troubled;
  private boolean damageLogged;

  SessionDrain(Context context, SlotReader slot, int ringSize, SessionFacts facts) {
    this.context = context;
    this.slot = slot;
    this.ringSize = ringSize;
    this.facts = facts;
    this.clock = new SessionClock(slot);
    this.translator = new SessionTranslator(facts, clock, context.options().form());
    this.hold = new ParseHold(translator, ringSize);
    Commit last = slot.commit();
    this.committed = last.readPosition();
    this.fileNumber = last.fileNumber();
    this.identifier = slot.identifier();
    translator.markSafe(committed);
  }

  SessionFacts facts() {
    return facts;
  }

  /** Ring position up to which the file holds everything. */
  long committed() {
    return committed;
  }

  /** Whether nothing is left to read and to write; also where reading on is impossible. */
  boolean isDrained() {
    boolean damaged = ring.isPresent() && ring.get().damage().isPresent();
    return (damaged || slot.head() == position()) && isWritten();
  }

  /**
   * Reads what is there, up to one batch, writes and commits it.
   *
   * @return how many records were read
   */
  int drain(long nowNs) {
    if (slot.head() == position() && isWritten()) {
      return 0;
    }
    if (troubled && nowNs - retryAtNs < 0) {
      return 0;
    }
    try {
      openRing();
      openFile(nowNs);
      int records = 0;
      if (translator.safeLength() == 0 && translator.nextIdentifier().isEmpty()) {
        records = read();
      }
      write();
      followIdentifier();
      if (troubled) {
        troubled = false;
        LOG.info("{}: goes on", describe());
      }
      return records;
    } catch (IOException e) {
      trouble(e, nowNs);
      return 0;
    }
  }

  /**
   * Writes the end of the trace where the process did not, and closes the file. Not committed: the
   * slot is freed next, or the end is written again.
   *
   * @return false where it could not be written and is to be tried again
   */
  boolean finish(boolean died, long nowNs) {
    if (troubled && nowNs - retryAtNs < 0) {
      return false;
    }
    try {
      long full = slot.gapFull();
      long tooBig = slot.gapTooBig();
      boolean gap = full != 0 || tooBig != 0;
      boolean unsaid = gap || died || holdsRecords();
      hold.release();
      if (!translator.hasEnded() && unsaid && wasTraced()) {
        openFile(nowNs);
        long unfinished = slot.reservedTo() > slot.head() ? 1 : 0;
        translator.endOfProcess(
            died ? "process died" : "process ended",
            full,
            tooBig,
            unfinished,
            slot.gapFromNs(),
            Math.max(translator.lastTim(), clock.tim(MonotonicClock.nowNs())));
        openedFile().append(translator.out().array(), translator.safeLength());
        translator.removeWritten();
      }
      return true;
    } catch (IOException e) {
      trouble(e, nowNs);
      return false;
    }
  }

  @Override
  public void close() {
    ring.ifPresent(RingReader::close);
    ring = Optional.empty();
    closeFile();
  }

  /** Ring position of what is read next. */
  private long position() {
    return ring.isPresent() ? ring.get().position() : committed;
  }

  private boolean isWritten() {
    return translator.safeLength() == 0
        && translator.safePosition() == committed
        && translator.nextIdentifier().isEmpty();
  }

  /** Whether records were read of which no line is written yet. */
  private boolean holdsRecords() {
    return translator.isGroupOpen() || hold.isHolding();
  }

  private boolean wasTraced() {
    return fileNumber > 0 || file.isPresent() || committed > 0;
  }

  private void openRing() throws IOException {
    if (ring.isEmpty()) {
      ring = Optional.of(slot.openRing());
    }
  }

  private int read() {
    RingReader reader = ring.orElseThrow();
    int records = reader.drain(hold, RECORDS_AT_ONCE);
    if (translator.takeMissingText()) {
      slot.requestTexts();
    }
    if (translator.nextIdentifier().isPresent()) {
      // The lines end before the record that names the next file.
      return records;
    }
    if (!holdsRecords()) {
      translator.markSafe(reader.position());
    } else if (!hold.isHolding() && reader.position() - translator.safePosition() > ringSize / 2) {
      // The rest of the group would not fit: its parts live in memory alone for a moment.
      translator.markRead(reader.position());
    }
    reader
        .damage()
        .filter(damage -> !damageLogged)
        .ifPresent(
            damage -> {
              damageLogged = true;
              LOG.error("{}: damaged ring, reading stops: {}", describe(), damage);
            });
    return records;
  }

  private void write() throws IOException {
    TraceFile current = openedFile();
    int bytes = translator.safeLength();
    if (bytes > 0) {
      current.append(translator.out().array(), bytes);
      translator.removeWritten();
    }
    if (translator.safePosition() != committed) {
      committed = translator.safePosition();
      slot.commit(committed, current.length(), fileNumber);
    }
  }

  private void openFile(long nowNs) throws IOException {
    if (file.isPresent()) {
      checkPlace(nowNs);
    }
    if (file.isEmpty()) {
      openFirstFile();
    }
    boolean holdsLines = translator.out().length() > 0 || holdsRecords();
    long limit = context.options().maxFileSize();
    if (!holdsLines
        && translator.nextIdentifier().isEmpty()
        && limit > 0
        && openedFile().length() >= limit) {
      switchFile(identifier, committed);
    }
  }

  /** Begins the file that a record has asked for, once all lines before that record are written. */
  private void followIdentifier() throws IOException {
    if (translator.nextIdentifier().isEmpty()) {
      return;
    }
    String next = cut(translator.nextIdentifier().get());
    long position = translator.nextFilePosition();
    if (identifierChosen && next.equals(identifier)) {
      // The slot had the new identifier when the first file was chosen.
      committed = position;
      slot.commit(committed, openedFile().length(), fileNumber);
    } else {
      switchFile(next, position);
    }
    translator.takeIdentifier();
  }

  /** As long as the slot's; a file's name has a limit too. */
  private static String cut(String identifier) {
    return identifier.substring(0, Math.min(identifier.length(), SlotLayout.IDENTIFIER_LENGTH - 1));
  }

  private void openFirstFile() throws IOException {
    identifier = slot.identifier();
    identifierChosen = fileNumber == 0;
    if (fileNumber > 0) {
      Commit last = slot.commit();
      String path = slot.traceFile();
      Optional<TraceFile> before = reopen(path, last.fileLength());
      if (before.isPresent()) {
        file = before;
        if (last.fileLength() > 0) {
          resume(before.get());
        } else {
          translator.beginFile(path);
        }
        return;
      }
      LOG.warn("{}: trace file {} is gone or not ours, begins a new one", describe(), path);
      identifierChosen = true;
      beginFurther(context.files().createNew(facts, identifier), "");
      return;
    }
    TraceFileStore.Choice choice = context.files().openLast(facts, identifier);
    if (choice.isNew() || choice.file().length() == 0) {
      begin(choice.file());
    } else {
      resume(choice.file());
      use(choice.file());
    }
  }

  private Optional<TraceFile> reopen(String path, long length) throws IOException {
    try {
      return context.files().reopen(facts, path, length);
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }

  private void resume(TraceFile ownFile) throws IOException {
    facts.recall(ownFile.head());
    translator.resumeFile();
  }

  private void begin(TraceFile newFile) {
    translator.beginFile(newFile.path().toString());
    use(newFile);
  }

  private void beginFurther(TraceFile newFile, String before) {
    translator.beginFurtherFile(newFile.path().toString(), before);
    use(newFile);
  }

  /** Committed before the first byte is written, or a kill after that byte would repeat it. */
  private void use(TraceFile newFile) {
    file = Optional.of(newFile);
    fileNumber++;
    slot.setTraceFile(newFile.path().toString());
    slot.commit(committed, newFile.length(), fileNumber);
  }

  /**
   * Ends the file and begins the next. In between the slot says that there is no file, so that a
   * daemon which starts then takes no file for the other one.
   *
   * @param nextIdentifier of the next file
   * @param position at which its records begin
   */
  private void switchFile(String nextIdentifier, long position) throws IOException {
    TraceFile before = openedFile();
    TraceFile next = context.files().createNew(facts, nextIdentifier);
    byte[] line = TraceLines.continuesIn(next.path());
    try {
      before.append(line, line.length);
    } catch (IOException e) {
      context.files().discard(next);
      throw e;
    }
    identifier = nextIdentifier;
    identifierChosen = true;
    committed = position;
    slot.commit(committed, 0, 0);
    context.files().close(before);
    beginFurther(next, before.path().toString());
  }

  /** A file that somebody removed, renamed or cut is not written any more. */
  private void checkPlace(long nowNs) throws IOException {
    if (nowNs - placeCheckedNs < PLACE_CHECK_NS) {
      return;
    }
    placeCheckedNs = nowNs;
    TraceFile current = openedFile();
    if (!current.isInPlace()) {
      LOG.warn("{}: {} was removed or changed, begins a new file", describe(), current.path());
      closeFile();
      beginFurther(context.files().createNew(facts, identifier), "");
    }
  }

  private TraceFile openedFile() {
    return file.orElseThrow();
  }

  private void closeFile() {
    file.ifPresent(context.files()::close);
    file = Optional.empty();
  }

  /** Events stay in the ring, and everything is tried again in a second. */
  private void trouble(IOException e, long nowNs) {
    if (!troubled) {
      LOG.error(
          "{}: cannot write {}: {}; events stay in the ring, tries again each second",
          describe(),
          file.map(f -> f.path().toString()).orElse(context.files().folder().toString()),
          String.valueOf(e.getMessage()));
    }
    troubled = true;
    retryAtNs = nowNs + RETRY_NS;
  }

  private String describe() {
    return facts.cluster() + ", pid " + facts.pid();
  }
}
