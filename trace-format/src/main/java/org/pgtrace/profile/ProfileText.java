package org.pgtrace.profile;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;

/** The report for people: the response time first, then the statements, most expensive first. */
public final class ProfileText {
  private static final int SESSIONS_MAX = 20;
  private static final int OVERVIEW_TEXT = 40;

  private final Profile profile;
  private final SortKey key;
  private final int top;
  private final Page page;

  private ProfileText(Profile profile, SortKey key, int top, Page page) {
    this.profile = profile;
    this.key = key;
    this.top = top;
    this.page = page;
  }

  /**
   * Prints a profile.
   *
   * @param top how many statements
   */
  public static void print(Profile profile, SortKey key, int top, Look look, PrintWriter out) {
    new ProfileText(profile, key, top, new Page(out, look)).print();
  }

  private void print() {
    SessionProfile total = profile.total();
    head(total);
    new AccountText(page).print(total);
    sessions();
    List<StatementProfile> statements = profile.statements(key);
    overview(statements, total);
    long responseUs = total.responseUs();
    StatementText text = new StatementText(page, responseUs);
    for (int i = 0; i < Math.min(top, statements.size()); i++) {
      text.print(i + 1, statements.get(i));
    }
  }

  private void head(SessionProfile total) {
    List<SessionProfile> sessions = profile.sessions();
    if (sessions.size() == 1) {
      SessionProfile s = sessions.get(0);
      page.heading("Profile of " + s.file);
      page.line(
          "session %s, database %s, user %s, module %s",
          orNone(s.sessionId), orNone(s.service), orNone(s.user), orNone(s.module));
    } else {
      page.heading("Profile of " + sessions.size() + " sessions");
    }
    page.line(
        "%d calls of clients, %d commits, %d rollbacks, %d errors; %d lines read",
        total.calls, total.commits, total.rollbacks, total.errors, profile.lines());
    notes(total);
    page.blank();
  }

  private void notes(SessionProfile total) {
    if (profile.damages() > 0) {
      page.warning(
          "The input is damaged: "
              + profile.damages()
              + " records or lines could not be read. Figures may be too small.");
    }
    if (profile.lostEvents() > 0) {
      page.warning(
          "The trace has lost "
              + profile.lostEvents()
              + " events. Figures may be too small, and what they took is unaccounted.");
    }
    if (profile.callsWithoutText() > 0) {
      page.warning(
          profile.callsWithoutText() + " calls are of cursors whose text is not in the trace.");
    }
    if (total.measured > 0) {
      page.line(
          "No session summary in %s: wall time is from first to last line, CPU is that of the lines.",
          total.summaries > 0 ? "a part of the input" : "the input");
    }
    long over = total.waitsOverSummaryUs();
    if (Math.abs(over) > total.responseUs() / 100) {
      page.line(
          "The SUMMARY lines have %s less of waits than the WAIT lines: one or the other is not whole.",
          Page.seconds(over));
    }
    if (total.unaccountedUs() < 0) {
      page.line(
          "Unaccounted is below zero: CPU time inside of waits that is counted twice, or the clocks.");
    }
  }

  private static String orNone(String text) {
    return text.isEmpty() ? "-" : Page.fit(text, 30);
  }

  private void sessions() {
    List<SessionProfile> sessions = profile.sessions();
    if (sessions.size() < 2) {
      return;
    }
    page.heading("Sessions");
    page.line(
        "%12s %12s %12s %12s %12s  %s", "wall", "think", "CPU", "waits", "unaccounted", "file");
    for (SessionProfile s : sessions.subList(0, Math.min(SESSIONS_MAX, sessions.size()))) {
      page.line(
          "%12s %12s %12s %12s %12s  %s",
          Page.seconds(s.wallUs),
          Page.seconds(s.think.waitUs()),
          Page.seconds(s.cpuUs),
          Page.seconds(s.waitUs()),
          Page.seconds(s.unaccountedUs()),
          fileName(s.file));
    }
    if (sessions.size() > SESSIONS_MAX) {
      page.line("... and %d more", sessions.size() - SESSIONS_MAX);
    }
    page.blank();
  }

  private static String fileName(String file) {
    Path name = Path.of(file).getFileName();
    return name == null ? file : name.toString();
  }

  private void overview(List<StatementProfile> statements, SessionProfile total) {
    int shown = Math.min(top, statements.size());
    page.heading(
        "Statements by "
            + key.label()
            + ", without the recursive statements inside of them: "
            + shown
            + " of "
            + statements.size());
    page.line(
        "%3s %-13s %6s %12s %12s %9s  %s",
        "#", "sql id", "share", "elapsed", "CPU", "executes", "text");
    CallFigures others = new CallFigures();
    long otherExecutions = 0;
    for (int i = 0; i < statements.size(); i++) {
      StatementProfile s = statements.get(i);
      if (i < top) {
        overviewLine(String.valueOf(i + 1), s.sqlId(), s.self, s.executions, total, s.text);
      } else {
        others.add(s.self);
        otherExecutions += s.executions;
      }
    }
    if (statements.size() > shown) {
      String text = "(" + (statements.size() - shown) + " more)";
      overviewLine("", "", others, otherExecutions, total, text);
    }
    page.blank();
  }

  private void overviewLine(
      String number,
      String sqlId,
      CallFigures self,
      long executions,
      SessionProfile total,
      String text) {
    page.line(
        "%3s %-13s %6s %12s %12s %9d  %s",
        number,
        sqlId.isEmpty() ? "-" : sqlId,
        Page.percent(Page.part(self.elapsedUs, total.responseUs())),
        Page.seconds(self.elapsedUs),
        Page.seconds(self.cpuUs),
        executions,
        Page.fit(text, OVERVIEW_TEXT));
  }
}
