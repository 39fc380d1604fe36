package org.pgtrace.profile;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.pgtrace.reader.Diagnostic;
import org.pgtrace.reader.ReadListener;
import org.pgtrace.reader.Tally;
import org.pgtrace.reader.TraceReader;

/**
 * Where the time of trace files went. Each file is one session; statements are those of all files
 * together. Memory grows with the number of distinct statements, plans and objects, not with that
 * of executions.
 */
public final class Profile {
  private final List<SessionProfile> sessions = new ArrayList<>();
  private final Statements statements = new Statements();
  private final DamageList damageList = new DamageList();
  private final List<Path> notTraces = new ArrayList<>();
  private long lines;
  private long damages;
  private long unknownLines;
  private long lostEvents;

  private Profile() {}

  /**
   * Reads files, each as a session of its own.
   *
   * @param listener is told how far each has been read
   * @throws IOException when one cannot be read
   */
  public static Profile read(List<Path> files, ReadListener listener) throws IOException {
    Profile profile = new Profile();
    for (Path file : files) {
      profile.add(file, listener);
    }
    return profile;
  }

  private void add(Path file, ReadListener listener) throws IOException {
    SessionProfile session = new SessionProfile(file.toString());
    SessionReader reader = new SessionReader(session, sessions.size() + 1, statements, damageList);
    Tally tally = TraceReader.read(file, reader, listener);
    reader.end();
    if (!tally.isTrace()) {
      notTraces.add(file);
      return;
    }
    sessions.add(session);
    lines += tally.lines();
    damages += tally.damages();
    unknownLines += tally.unknownLines();
    lostEvents += tally.lostEvents();
  }

  /** Files that have nothing of a trace in them; they are in no figure. */
  public List<Path> notTraces() {
    return List.copyOf(notTraces);
  }

  /** Whether any file was a trace. */
  public boolean isTrace() {
    return !sessions.isEmpty();
  }

  /** How often something of the files could not be read. */
  public long damages() {
    return damages;
  }

  /** The first of the {@link #damages()}. */
  public List<Diagnostic> firstDamages() {
    return damageList.first();
  }

  /** Events that the traces say are missing. */
  public long lostEvents() {
    return lostEvents;
  }

  long lines() {
    return lines;
  }

  long unknownLines() {
    return unknownLines;
  }

  long callsWithoutText() {
    return statements.callsWithoutText;
  }

  List<SessionProfile> sessions() {
    return sessions;
  }

  /** All sessions together. */
  SessionProfile total() {
    SessionProfile total = new SessionProfile("");
    sessions.forEach(total::add);
    return total;
  }

  /** All statements, the most expensive first. */
  List<StatementProfile> statements(SortKey key) {
    List<StatementProfile> used = statements.used();
    used.sort(key.order());
    return used;
  }
}
