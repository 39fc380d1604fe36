package org.pgtrace.convert;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.pgtrace.format.BindsRecord;
import org.pgtrace.format.CallRecord;
import org.pgtrace.format.CloseRecord;
import org.pgtrace.format.ContinuationRecord;
import org.pgtrace.format.ErrorRecord;
import org.pgtrace.format.HeadRecord;
import org.pgtrace.format.KeyRecord;
import org.pgtrace.format.LostRecord;
import org.pgtrace.format.PlanRecord;
import org.pgtrace.format.StampRecord;
import org.pgtrace.format.StatRecord;
import org.pgtrace.format.StatementRecord;
import org.pgtrace.format.TransactionEndRecord;
import org.pgtrace.format.WaitLine;
import org.pgtrace.reader.Diagnostic;
import org.pgtrace.reader.Place;
import org.pgtrace.reader.TraceVisitor;

/**
 * Writes a trace of pg_trace in strict form: what an Oracle 19c trace may contain, as the daemon
 * itself writes it with {@code --strict}. Parallel workers go to files of their own.
 */
public final class StrictConverter implements TraceVisitor, AutoCloseable {
  private static final Pattern PRODUCT =
      Pattern.compile("PostgreSQL (.+), pg_trace ([^,]+), trace format (\\d+)");
  private static final Pattern STRICT_PRODUCT =
      Pattern.compile("Oracle Database .* written by pg_trace (\\S+) for PostgreSQL (\\S+)");
  private static final String SESSION_END = "SESSION END";

  private final StrictOutputs outputs;
  private final Map<Integer, StrictPart> parts = new TreeMap<>();
  private final Map<Long, KnownStatement> statements = new HashMap<>();
  private final StatBlock stats = new StatBlock();

  /** Lines of the head, until the first line after it; then of use for workers' files. */
  private final List<HeadRecord> head = new ArrayList<>();

  private final Map<String, String> keys = new LinkedHashMap<>();
  private boolean isOfPgTrace;
  private String writerVersion = "";
  private String serverVersion = "";
  private long damages;
  private long lastTim;

  /** Moment of a stamp that nothing has followed so far; -1: none. */
  private long lastStamp = -1;

  /**
   * @param outputs where the lines go
   */
  public StrictConverter(StrictOutputs outputs) {
    this.outputs = outputs;
  }

  /** Whether the head says that pg_trace wrote the trace: others' cannot be converted. */
  public boolean isOfPgTrace() {
    return isOfPgTrace;
  }

  /** How often something was left out because it was damaged. */
  public long damages() {
    return damages;
  }

  @Override
  public void head(HeadRecord line, Place at) {
    HeadRecord copy = new HeadRecord();
    copy.label = line.label;
    copy.value = line.value;
    copy.line.setCopy(line.line);
    head.add(copy);
    if (line.label.isEmpty() && head.size() == 2) {
      product(line.value);
    }
  }

  private void product(String text) {
    Matcher full = PRODUCT.matcher(text);
    Matcher strict = STRICT_PRODUCT.matcher(text);
    if (full.matches()) {
      isOfPgTrace = true;
      serverVersion = full.group(1);
      writerVersion = full.group(2);
    } else if (strict.matches()) {
      isOfPgTrace = true;
      writerVersion = strict.group(1);
      serverVersion = strict.group(2);
    }
  }

  @Override
  public void stamp(StampRecord stamp, Place at) {
    lastStamp = stamp.epochUs;
  }

  @Override
  public void key(KeyRecord key, Place at) {
    StrictPart session = session();
    keys.put(key.key, key.value);
    lastTim = key.epochUs;
    if (key.key.equals(SESSION_END)) {
      session.writer.sessionEnd("", key.epochUs);
    } else {
      session.writer.keyedLine(key.key, key.value, key.epochUs);
    }
  }

  @Override
  public void statement(StatementRecord s, Place at) {
    StrictPart part = part(at, s.tim);
    if (!s.isError) {
      statements.put(s.cursor, KnownStatement.of(s));
      parts.values().forEach(each -> each.forget(s.cursor));
      part.introduce(s.cursor);
    }
    part.writer.statement(s);
  }

  @Override
  public void call(CallRecord call, Place at) {
    naming(at, call.cursor, call.tim).writer.call(call);
  }

  @Override
  public void close(CloseRecord c, Place at) {
    naming(at, c.cursor, c.tim).writer.close(c);
  }

  @Override
  public void binds(BindsRecord binds, Place at) {
    naming(at, binds.cursor, lastTim).writer.binds(binds, lastTim);
  }

  @Override
  public void wait(WaitLine wait, Place at) {
    naming(at, wait.cursor, wait.tim).writer.wait(wait);
  }

  @Override
  public void stat(StatRecord stat, Place at) {
    if (!stats.isEmpty() && !stats.continues(stat, at.worker())) {
      endStats();
    }
    stats.add(stat, at.worker());
  }

  @Override
  public void plan(PlanRecord plan, Place at) {
    if (stats.isEmpty() || plan.isRunning) {
      return;
    }
    stats
        .splitOff(plan.nodes)
        .forEach(
            (worker, lines) -> {
              StrictPart part = part(worker, lastTim);
              introduce(part, plan.cursor, lastTim);
              lines.forEach(part.writer::stat);
            });
    endStats();
  }

  @Override
  public void error(ErrorRecord error, Place at) {
    naming(at, error.cursor, error.tim).writer.error(error);
  }

  @Override
  public void transactionEnd(TransactionEndRecord end, Place at) {
    part(at, end.tim).writer.xctend(end);
  }

  @Override
  public void lost(LostRecord lost, Place at) {
    if (lost.ebpf < 0) {
      part(at, lost.toTim).writer.lost(lost);
    }
  }

  @Override
  public void continuation(ContinuationRecord continuation, Place at) {
    sessionEnd().writer.continuation(continuation);
  }

  @Override
  public void diagnostic(Diagnostic diagnostic) {
    damages += diagnostic.severity() == Diagnostic.Severity.DAMAGE ? 1 : 0;
  }

  // ---- where a line goes

  private StrictPart naming(Place at, long cursor, long tim) {
    StrictPart part = part(at, tim);
    introduce(part, cursor, tim);
    return part;
  }

  private StrictPart part(Place at, long tim) {
    endStats();
    lastTim = Math.max(lastTim, tim);
    return part(at.worker(), tim);
  }

  private StrictPart session() {
    endStats();
    return part(0, lastTim);
  }

  /** In a trace that is strict already a stamp says where the session ended. */
  private StrictPart sessionEnd() {
    long end = lastStamp;
    StrictPart session = session();
    if (end >= 0) {
      session.writer.sessionEnd("", end);
    }
    return session;
  }

  private StrictPart part(int worker, long tim) {
    lastStamp = -1;
    StrictPart part = parts.get(worker);
    if (part == null) {
      part = open(worker, tim);
      parts.put(worker, part);
    }
    part.flushIfFull();
    return part;
  }

  private StrictPart open(int worker, long tim) {
    if (!isOfPgTrace) {
      return new StrictPart(OutputStream.nullOutputStream());
    }
    try {
      StrictPart part = new StrictPart(outputs.open(worker));
      head.forEach(line -> headLine(part, line, worker));
      if (!head.isEmpty()) {
        part.blank();
      }
      if (worker > 0) {
        keys.forEach((key, value) -> part.writer.keyedLine(key, value, tim));
      }
      return part;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void headLine(StrictPart part, HeadRecord line, int worker) {
    if (line.label.equals("Trace file")) {
      part.writer.headLine(withText(line, "Trace file " + outputs.path(worker)));
    } else if (line.label.isEmpty()) {
      part.writer.strictProduct(writerVersion, serverVersion);
    } else if (worker > 0 && line.label.equals("Unix process pid")) {
      int bracket = line.value.lastIndexOf('(');
      String process = bracket < 0 ? line.value + " " : line.value.substring(0, bracket);
      String name = String.format(Locale.ROOT, "(P%03d)", worker - 1);
      part.writer.headLine(withText(line, "Unix process pid: " + process + name));
    } else {
      part.writer.headLine(line);
    }
  }

  private static HeadRecord withText(HeadRecord line, String text) {
    HeadRecord other = new HeadRecord();
    other.label = line.label;
    other.line.set(text);
    return other;
  }

  /** A worker's file has each text that it names; the session's own has them anyway. */
  private void introduce(StrictPart part, long cursor, long tim) {
    KnownStatement known = statements.get(cursor);
    if (known != null && part != parts.get(0) && part.introduce(cursor)) {
      known.write(part.writer, tim);
    }
  }

  /** Without a PLAN behind them the lines are as they are. */
  private void endStats() {
    if (!stats.isEmpty()) {
      StrictPart part = part(stats.worker(), lastTim);
      stats.stats().forEach(part.writer::stat);
      stats.clear();
    }
  }

  /** Writes what is left. */
  @Override
  public void close() throws IOException {
    if (isOfPgTrace) {
      sessionEnd();
    }
    for (StrictPart part : parts.values()) {
      part.close();
    }
  }
}
