package org.pgtrace.profile;

import java.io.PrintWriter;
import java.util.List;
import org.pgtrace.reader.Diagnostic;
import org.pgtrace.report.JsonWriter;

/** The report for programs; docs/reference/profile-json.md says what each field is. */
public final class ProfileJson {
  /** Rises when a field changes its meaning or goes away. */
  static final int VERSION = 1;

  private final Profile profile;
  private final JsonWriter json;

  private ProfileJson(Profile profile, JsonWriter json) {
    this.profile = profile;
    this.json = json;
  }

  /**
   * Prints a profile.
   *
   * @param top how many statements
   */
  public static void print(Profile profile, SortKey key, int top, PrintWriter out) {
    new ProfileJson(profile, new JsonWriter(out)).print(key, top);
  }

  private void print(SortKey key, int top) {
    SessionProfile total = profile.total();
    List<StatementProfile> statements = profile.statements(key);
    json.beginObject();
    json.field("format", "pgtrace profile").field("version", VERSION);
    input();
    json.beginObject("total");
    account(total);
    json.end();
    json.beginArray("sessions");
    profile.sessions().forEach(this::session);
    json.end();
    json.field("sort", key.label());
    json.field("statement_count", statements.size());
    json.beginArray("statements");
    StatementJson writer = new StatementJson(json, total.responseUs());
    statements.subList(0, Math.min(top, statements.size())).forEach(writer::write);
    json.end();
    json.end();
  }

  private void input() {
    json.beginObject("input");
    json.field("files", profile.sessions().size());
    json.field("lines", profile.lines());
    json.field("unknown_lines", profile.unknownLines());
    json.field("damages", profile.damages());
    json.field("lost_events", profile.lostEvents());
    json.field("calls_without_text", profile.callsWithoutText());
    json.beginArray("first_damages");
    for (Diagnostic d : profile.firstDamages()) {
      json.beginObject();
      json.field("file", d.file()).field("line", d.line()).field("offset", d.offset());
      json.field("message", d.message());
      json.end();
    }
    json.end();
    json.end();
  }

  private void session(SessionProfile s) {
    json.beginObject();
    json.field("file", s.file);
    json.field("session_id", s.sessionId);
    json.field("service", s.service);
    json.field("module", s.module);
    json.field("user", s.user);
    account(s);
    json.end();
  }

  private void account(SessionProfile s) {
    json.field("source", s.source());
    json.field("wall_us", s.wallUs);
    json.field("think_us", s.think.waitUs());
    json.field("response_us", s.responseUs());
    json.field("cpu_us", s.cpuUs);
    json.field("cpu_in_calls_us", s.cpuInCallsUs);
    json.field("cpu_between_calls_us", s.cpuBetweenCallsUs());
    json.field("waits_us", s.waitUs());
    json.field("unaccounted_us", s.unaccountedUs());
    if (s.summaries > 0) {
      json.field("summary_waits_us", s.summaryWaitUs);
      json.field("summary_think_us", s.summaryThinkUs);
    }
    json.field("calls", s.calls);
    json.field("calls_elapsed_us", s.callsUs);
    json.field("commits", s.commits);
    json.field("rollbacks", s.rollbacks);
    json.field("errors", s.errors);
    json.field("disk_blocks", s.diskBlocks);
    json.field("cache_blocks", s.cacheBlocks);
    StatementJson.waits(json, "waits", s.waits);
    json.key("think");
    StatementJson.wait(json, s.think);
    StatementJson.waits(json, "read_by_others", s.readByOthers);
    StatementJson.workers(json, s.workers);
  }
}
