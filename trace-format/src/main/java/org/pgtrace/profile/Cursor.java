package org.pgtrace.profile;

import java.util.ArrayList;
import java.util.List;

/** What a cursor number means now, and its executions that may go on. */
final class Cursor {
  final StatementProfile statement;
  final StatementProfile.Variant variant;

  /** Of the last call that had one. */
  long planHash;

  /** Of the execution that comes. */
  private Binds binds = Binds.NONE;

  /** One a depth at most: a recursive function may execute its statement inside of itself. */
  private final List<Execution> open = new ArrayList<>(1);

  Cursor(StatementProfile statement, StatementProfile.Variant variant) {
    this.statement = statement;
    this.variant = variant;
  }

  void bind(Binds values) {
    binds = values;
  }

  void executed(int depth, long elapsedUs, long tim, String file, long line) {
    end(depth);
    open.add(new Execution(depth, file, line, binds, elapsedUs, tim));
    binds = Binds.NONE;
  }

  /** A FETCH without its EXEC belongs to no execution. */
  void fetched(int depth, long elapsedUs, long tim) {
    for (Execution execution : open) {
      if (execution.depth == depth) {
        execution.elapsedUs += elapsedUs;
        execution.tim = tim;
      }
    }
  }

  void end(int depth) {
    for (int i = 0; i < open.size(); i++) {
      if (open.get(i).depth == depth) {
        ended(open.remove(i));
        return;
      }
    }
  }

  void endAll() {
    open.forEach(this::ended);
    open.clear();
  }

  private void ended(Execution e) {
    statement.latency.add(e.elapsedUs);
    if (statement.isAmongSlowest(e.elapsedUs)) {
      statement.addSlow(
          new SlowExecution(
              e.elapsedUs, e.tim, variant.sqlId, e.file, e.line, e.binds.values(), e.binds.more()));
    }
  }

  private static final class Execution {
    final int depth;
    final String file;
    final long line;
    final Binds binds;
    long elapsedUs;
    long tim;

    Execution(int depth, String file, long line, Binds binds, long elapsedUs, long tim) {
      this.depth = depth;
      this.file = file;
      this.line = line;
      this.binds = binds;
      this.elapsedUs = elapsedUs;
      this.tim = tim;
    }
  }
}
