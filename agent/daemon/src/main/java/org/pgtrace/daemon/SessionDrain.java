package org.pgtrace.daemon;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.util.List;
import java.util.Optional;
import org.pgtrace.format.TraceForm;
import org.pgtrace.ring.Commit;
import org.pgtrace.ring.MonotonicClock;
import org.pgtrace.ring.Positions;
import org.pgtrace.ring.RingDamage;
import org.pgtrace.ring.SessionRings;
import org.pgtrace.ring.SlotLayout;
import org.pgtrace.ring.SlotReader;
import org.pgtrace.ring.WorkersSlot;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One session: its rings, its lines, its file. Bytes are in the file before the position that they
 * stand for is committed, so a daemon that starts again repeats nothing and misses nothing.
 */
final class SessionDrain implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SessionDrain.class);
  private static final long RETRY_NS = 1_000_000_000L;
  private static final long PLACE_CHECK_NS = 250_000_000L;
  private static final int RECORDS_AT_ONCE = 4096;

  /** What every session of a daemon shares. */
  record Context(
      TraceFileStore files,
      DaemonOptions options,
      Sampling sampling,
      Optional<KernelWatch> kernelWatch) {}

  private final Context context;
  private final SlotReader slot;
  private final int ringSize;
  private final SessionFacts facts;
  private final Optional<StatementSamples> samples;
  private final Optional<KernelSession> kernel;
  private final SessionClock clock;
  private final SessionTranslator translator;
  private final ParseHold hold;
  private final WorkerFiles workerFiles;
  private Optional<SessionRings> rings = Optional.empty();
  private Optional<TraceFile> file = Optional.empty();
  private long fileNumber;
  private Positions committed;
  private String identifier;

  /** Whether the current file was chosen by this identifier, and not by a daemon before. */
  private boolean identifierChosen;

  private long retryAtNs;
  private long placeCheckedNs;
  private boolean troubled;
  private boolean commitIsDue;
  private List<RingDamage> damageLogged = List.of();

  /**
   * A session whose rings and file are opened when there is something to write.
   *
   * @param samples of its process, where there are to be any; taken over
   * @param kernel what the kernel's probes see of it, where there are any
   */
  SessionDrain(
      Context context,
      SlotReader slot,
      int ringSize,
      SessionFacts facts,
      Optional<StatementSamples> samples,
      Optional<KernelSession> kernel) {
    this.context = context;
    this.samples = samples;
    this.kernel = kernel;
    this.slot = slot;
    this.ringSize = ringSize;
    this.facts = facts;
    this.clock = new SessionClock(slot);
    this.translator =
        new SessionTranslator(facts, clock, context.options().form(), samples, kernel);
    this.hold = new ParseHold(translator, ringSize);
    this.workerFiles = new WorkerFiles(context.files(), facts, context.options().maxFileSize());
    Commit last = slot.commit();
    this.committed = last.read();
    this.fileNumber = last.fileNumber();
    this.identifier = slot.identifier();
    translator.markSafe(committed);
  }

  SessionFacts facts() {
    return facts;
  }

  /** Whether the file holds everything below the positions. */
  boolean hasCommitted(Positions positions) {
    return committed.session() >= positions.session() && committed.workers() >= positions.workers();
  }

  /** Whether nothing is left to read and to write; also where reading on is impossible. */
  boolean isDrained() {
    return nothingToRead() && isWritten();
  }

  /** When records that were left in the rings are due, monotonic clock. */
  long dueNs() {
    long sample = samples.map(StatementSamples::dueNs).orElse(SessionRings.NOT_DUE);
    return rings.isPresent() ? Math.min(rings.get().dueNs(), sample) : sample;
  }

  /** The session's process is over: nobody writes to its rings any more when this returns. */
  void endWriters() {
    slot.workers().closeRing();
  }

  /**
   * Reads what is there, up to one batch, writes and commits it.
   *
   * @return how many records were read
   */
  int drain(long nowNs) {
    boolean withSample = sampleIsNext(nowNs);
    if (samples.isPresent()) {
      samples.get().tick(nowNs);
    }
    boolean withKernel = kernel.isPresent() && kernel.get().isDue(nowNs);
    if (nothingToRead() && isWritten() && !withSample && !withKernel) {
      return 0;
    }
    if (kernel.isPresent()) {
      kernel.get().ask(nowNs);
    }
    if (troubled && nowNs - retryAtNs < 0) {
      return 0;
    }
    try {
      openRings();
      openFile(nowNs);
      int records = 0;
      if (hasWritten() && translator.nextIdentifier().isEmpty()) {
        records = read(nowNs);
        writeUnasked(withSample, nowNs);
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
      WorkersSlot workers = slot.workers();
      long full = slot.gapFull() + workers.gapFull();
      long tooBig = slot.gapTooBig() + workers.gapTooBig();
      int unfinished = unfinished(workers);
      boolean missing = full != 0 || tooBig != 0 || unfinished != 0;
      boolean unsaid = missing || died || holdsRecords();
      hold.release();
      if (kernel.isPresent() && wasTraced() && !translator.hasEnded()) {
        openFile(nowNs);
        translator.writeKernel(Long.MAX_VALUE);
      }
      if (wasTraced() && (translator.hasEnded() ? workersMiss() : unsaid)) {
        openFile(nowNs);
        translator.endOfProcess(
            died ? "process died" : "process ended",
            full,
            tooBig,
            unfinished,
            gapFromNs(),
            Math.max(translator.lastTim(), clock.tim(MonotonicClock.nowNs())));
        append();
      }
      workerFiles.remove();
      return true;
    } catch (IOException e) {
      trouble(e, nowNs);
      return false;
    }
  }

  /** Records that were begun and never ended: one in each ring at most. */
  private int unfinished(WorkersSlot workers) {
    return (slot.reservedTo() > slot.head() ? 1 : 0)
        + (workers.reservedTo() > workers.head() ? 1 : 0);
  }

  /** Whether records are missing at the end of the workers' ring; the session cannot say so. */
  private boolean workersMiss() {
    WorkersSlot workers = slot.workers();
    return workers.gapFull() != 0
        || workers.gapTooBig() != 0
        || workers.reservedTo() > workers.head();
  }

  /** The first moment of what is missing at the end of the rings. */
  private long gapFromNs() {
    WorkersSlot workers = slot.workers();
    boolean own = slot.gapFull() != 0 || slot.gapTooBig() != 0;
    boolean others = workers.gapFull() != 0 || workers.gapTooBig() != 0;
    return own && others
        ? Math.min(slot.gapFromNs(), workers.gapFromNs())
        : own ? slot.gapFromNs() : workers.gapFromNs();
  }

  @Override
  public void close() {
    samples.ifPresent(StatementSamples::close);
    kernel.ifPresent(session -> context.kernelWatch().ifPresent(watch -> watch.leave(session)));
    rings.ifPresent(SessionRings::close);
    rings = Optional.empty();
    workerFiles.close();
    closeFile();
  }

  private boolean nothingToRead() {
    if (rings.isPresent()) {
      return rings.get().isDrained();
    }
    return slot.head() == committed.session()
        && (!slot.workers().isInUse(slot.sessionNumber())
            || slot.workers().head() == committed.workers());
  }

  private boolean isWritten() {
    return hasWritten()
        && translator.safePositions().equals(committed)
        && translator.nextIdentifier().isEmpty();
  }

  private boolean hasWritten() {
    boolean written = translator.out().length() == 0;
    for (Source source : translator.sources()) {
      written &= source.lines().isEmpty() || source.lines().get().out.length() == 0;
    }
    return written;
  }

  /** Whether records were read of which no line is written yet. */
  private boolean holdsRecords() {
    return translator.isGroupOpen() || hold.isHolding();
  }

  /** Whether not all is written that was read, be it a part of a line that is to come. */
  private boolean keepsBack() {
    return holdsRecords() || translator.keepsFigures();
  }

  private boolean wasTraced() {
    return fileNumber > 0 || file.isPresent() || !committed.equals(Positions.START);
  }

  private void openRings() throws IOException {
    if (rings.isEmpty()) {
      rings = Optional.of(slot.openRings());
    }
  }

  /** Whether a sample's line is due that was taken before the rings were read last. */
  private boolean sampleIsNext(long nowNs) {
    return samples.isPresent() && samples.get().isDue(nowNs) && nothingToRead();
  }

  /** Writes what is due although no record says so. */
  private void writeUnasked(boolean withSample, long nowNs) {
    long leftNs = rings.orElseThrow().leftNs();
    boolean isBehind = !nothingToRead() && leftNs == SessionRings.NOT_DUE;
    if (isBehind || holdsRecords() || translator.nextIdentifier().isPresent()) {
      return;
    }
    int before = translator.out().length();
    if (kernel.isPresent()) {
      translator.writeKernel(Math.min(kernel.get().settledNs(nowNs), leftNs));
    }
    if (withSample && samples.orElseThrow().isPending()) {
      translator.writeSample();
    }
    if (translator.out().length() > before && !keepsBack()) {
      translator.markSafe(translator.safePositions());
      commitIsDue = true;
    }
  }

  private int read(long nowNs) throws IOException {
    SessionRings reader = rings.orElseThrow();
    long limitNs = kernel.isPresent() ? kernel.get().limitNs(nowNs) : SessionRings.NO_LIMIT;
    int records = reader.drain(hold, RECORDS_AT_ONCE, limitNs);
    if (translator.takeMissingText()) {
      slot.requestTexts();
    }
    if (translator.nextIdentifier().isPresent()) {
      // The lines end before the record that names the next file.
      return records;
    }
    Positions positions = reader.positions();
    if (!keepsBack()) {
      translator.markSafe(positions);
    } else if (!hold.isHolding() && fillsHalf(translator.safePositions(), positions)) {
      // The rest of the group would not fit: what has come lives in memory alone for a moment.
      translator.markSafe(positions);
    }
    logDamage(reader);
    return records;
  }

  /** Whether what lies between fills half of a ring. */
  private boolean fillsHalf(Positions from, Positions to) {
    return to.session() - from.session() > ringSize / 2
        || to.workers() - from.workers() > ringSize / 2;
  }

  private void logDamage(SessionRings reader) {
    List<RingDamage> damage = reader.damage();
    if (damage.size() > damageLogged.size()) {
      for (RingDamage each : damage) {
        if (!damageLogged.contains(each)) {
          LOG.error("{}: damaged ring, reading stops: {}", describe(), each);
        }
      }
      damageLogged = damage;
    }
  }

  /** All lines are written; the rings are committed up to where nothing of them is kept. */
  private void write() throws IOException {
    Positions safe = translator.safePositions();
    long safeLength = Math.max(0, openedFile().length() + translator.safeLength());
    append();
    if (commitIsDue || !safe.equals(committed)) {
      commitIsDue = false;
      committed = safe;
      slot.commit(committed, safeLength, fileNumber);
      workerFiles.committed(translator.sources());
    }
  }

  private void append() throws IOException {
    workerFiles.write(translator.sources(), translator.safePositions(), identifier);
    if (translator.out().length() > 0) {
      openedFile().append(translator.out().array(), translator.out().length());
      translator.removeWritten();
    }
  }

  private void openFile(long nowNs) throws IOException {
    if (file.isPresent()) {
      checkPlace(nowNs);
    }
    if (file.isEmpty()) {
      openFirstFile();
    }
    boolean holdsLines = !hasWritten() || keepsBack();
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
    Positions positions = translator.nextFilePositions();
    if (identifierChosen && next.equals(identifier)) {
      // The slot had the new identifier when the first file was chosen.
      committed = positions;
      slot.commit(committed, openedFile().length(), fileNumber);
    } else {
      switchFile(next, positions);
    }
    translator.takeIdentifier();
  }

  /** As long as the slot's; a file's name has a limit too. */
  private static String cut(String identifier) {
    return identifier.substring(0, Math.min(identifier.length(), SlotLayout.IDENTIFIER_LENGTH - 1));
  }

  private void openFirstFile() throws IOException {
    if (context.options().form() == TraceForm.STRICT) {
      workerFiles.resume(committed);
    }
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
      String name = TraceFileNames.ofProcess(facts.cluster(), facts.pid());
      return context.files().reopen(facts, name, path, length);
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
   * @param positions at which its records begin
   */
  private void switchFile(String nextIdentifier, Positions positions) throws IOException {
    TraceFile before = openedFile();
    TraceFile next = context.files().createNew(facts, nextIdentifier);
    byte[] line = TraceLines.continuesIn(next.path());
    try {
      before.append(line, line.length);
    } catch (IOException e) {
      context.files().discard(next);
      throw e;
    }
    if (!nextIdentifier.equals(identifier)) {
      workerFiles.close();
      translator.beginWorkerFiles();
    }
    identifier = nextIdentifier;
    identifierChosen = true;
    committed = positions;
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
