package org.pgtrace.diff;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.pgtrace.reader.ReadListener;
import org.pgtrace.reader.Tally;
import org.pgtrace.reader.TraceReader;
import org.pgtrace.report.FileFailure;

/**
 * What one trace, or all traces of a folder, say of their statements. Memory grows with distinct
 * statements, plans and relations, not with the traces.
 */
public final class Workload {
  private static final int DAMAGES_SHOWN = 3;

  private final Path path;
  private final boolean hasCatalogs;
  private final Map<StatementKey, StatementStats> statements = new LinkedHashMap<>();
  private final List<String> damages = new ArrayList<>();
  private final List<String> unended = new ArrayList<>();
  private long damageCount;
  private int files;

  long lostEvents;

  /** Whether there is a WAIT line of the server's own. */
  boolean hasWaits;

  /** Whether there is a HIT line. */
  boolean hasHits;

  private Workload(Path path, boolean hasCatalogs) {
    this.path = path;
    this.hasCatalogs = hasCatalogs;
  }

  /**
   * Reads a trace, or all of a folder.
   *
   * @param hasCatalogs whether the server's own relations count among those that are read
   * @param listener is told how far each file has been read
   */
  public static Workload read(Path path, boolean hasCatalogs, ReadListener listener)
      throws UnusableInputException {
    Workload workload = new Workload(path, hasCatalogs);
    for (Path file : TraceFiles.of(path)) {
      workload.add(file, listener);
    }
    return workload;
  }

  private void add(Path file, ReadListener listener) throws UnusableInputException {
    SessionReader session = new SessionReader(this);
    Tally tally;
    try {
      tally = TraceReader.read(file, session, listener);
    } catch (IOException e) {
      throw new UnusableInputException(FileFailure.text(file, e));
    }
    if (!tally.isTrace()) {
      throw new UnusableInputException(file + ": not a trace");
    }
    session.end();
    if (session.goesOn() && file.equals(path)) {
      unended.add(file + " goes on in another file: compare their folder");
    } else if (!session.isWhole()) {
      unended.add(file + " has no end: its session was traced on when the file was read");
    }
    files++;
  }

  StatementStats statement(StatementKey key) {
    return statements.computeIfAbsent(key, k -> new StatementStats(k, statements.size() + 1));
  }

  void object(StatementStats statement, String name, ObjectReads reads) {
    if (hasCatalogs || !ObjectNames.isCatalog(name)) {
      statement
          .objects
          .computeIfAbsent(ObjectNames.stable(name), n -> new ObjectReads())
          .add(reads);
    }
  }

  void damaged(String message) {
    damageCount++;
    if (damages.size() < DAMAGES_SHOWN) {
      damages.add(message);
    }
  }

  Path path() {
    return path;
  }

  int files() {
    return files;
  }

  /** In the order of first use. */
  Map<StatementKey, StatementStats> statements() {
    return statements;
  }

  long sum(ToLongFunction<StatementStats> figure) {
    return statements.values().stream().mapToLong(figure).sum();
  }

  /** What is missing in it, for people; nothing where it is whole. */
  List<String> losses() {
    List<String> losses = new ArrayList<>(unended);
    if (lostEvents > 0) {
      losses.add(path + " has lost " + Numbers.count(lostEvents) + " events");
    }
    if (damageCount > 0) {
      losses.add(path + " is damaged in " + Comparison.plural(damageCount, "place"));
      losses.addAll(damages);
    }
    return losses;
  }

  long damageCount() {
    return damageCount;
  }
}
