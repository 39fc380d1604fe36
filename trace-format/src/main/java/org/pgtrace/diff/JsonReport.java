package org.pgtrace.diff;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.pgtrace.diff.Finding.Outcome;
import org.pgtrace.report.JsonWriter;

/** A comparison for programs. */
public final class JsonReport {
  /** Grows when a field changes its meaning or goes. */
  private static final long VERSION = 1;

  private final Comparison comparison;
  private final JsonWriter json;

  private JsonReport(Comparison comparison, JsonWriter json) {
    this.comparison = comparison;
    this.json = json;
  }

  /** Writes it to a file. */
  public static void write(Comparison comparison, Path file) throws IOException {
    try (PrintWriter out = new PrintWriter(Files.newBufferedWriter(file))) {
      new JsonReport(comparison, new JsonWriter(out)).document();
      if (out.checkError()) {
        throw new IOException(file + ": could not be written");
      }
    }
  }

  private void document() {
    json.beginObject();
    json.field("version", VERSION);
    json.field("verdict", comparison.verdict().name().toLowerCase(Locale.ROOT));
    json.field("headline", comparison.headline());
    json.field("failed_checks", comparison.count(Outcome.FAILED));
    json.field("failed_statements", comparison.statements(Outcome.FAILED));
    strings("judged", comparison.checks().words());
    strings("warnings", comparison.warnings());
    strings("losses", comparison.losses());
    side("base", comparison.base());
    side("new", comparison.next());
    json.beginArray("statements");
    for (StatementDiff statement : comparison.statements()) {
      statement(statement);
    }
    json.end();
    json.end();
  }

  private void strings(String key, Iterable<String> values) {
    json.beginArray(key);
    values.forEach(json::value);
    json.end();
  }

  private void side(String key, Workload workload) {
    json.beginObject(key);
    json.field("path", workload.path().toString());
    json.field("files", workload.files());
    json.field("statements", workload.statements().size());
    json.field("lost_events", workload.lostEvents);
    json.field("damages", workload.damageCount());
    json.end();
  }

  private void statement(StatementDiff statement) {
    json.beginObject();
    json.field("sql", statement.key().sql());
    json.field("sqlid", statement.key().sqlId());
    json.field("recursive", statement.key().isRecursive());
    json.field("presence", statement.isNew() ? "new" : statement.isGone() ? "gone" : "both");
    json.beginArray("findings");
    for (Finding finding : statement.findings()) {
      json.beginObject();
      json.field("check", finding.check().label());
      json.field("outcome", finding.outcome().label());
      json.field("text", finding.text());
      json.end();
    }
    json.end();
    figures("base", statement.base());
    figures("new", statement.next());
    json.end();
  }

  private void figures(String key, StatementStats stats) {
    if (!stats.isThere()) {
      return;
    }
    json.beginObject(key);
    json.field("position", stats.position);
    for (Check check : Check.values()) {
      if (check.unit() != Check.Unit.NONE) {
        String unit = check.unit() == Check.Unit.MICROSECONDS ? "_us" : "";
        json.field(check.label() + unit, stats.figure(check, comparison.hasWaits()));
      }
    }
    json.field("dirtied", stats.dirtied);
    json.beginObject("errors_by_sqlstate");
    stats.errors.forEach(json::field);
    json.end();
    json.beginArray("plans");
    stats.plans.values().forEach(this::plan);
    json.end();
    objects(stats);
    waits(stats);
    json.end();
  }

  private void plan(PlanUse plan) {
    json.beginObject();
    json.field("hash", plan.hash);
    json.field("executions", plan.executions);
    json.beginArray("nodes");
    for (PlanNode node : plan.nodes) {
      json.beginObject();
      json.field("level", node.level());
      json.field("op", node.op());
      json.field("rows", node.rows());
      json.field("loops", node.loops());
      json.field("reads", node.reads());
      json.end();
    }
    json.end();
    json.end();
  }

  private void objects(StatementStats stats) {
    json.beginArray("objects");
    for (Map.Entry<String, ObjectReads> object : stats.objects.entrySet()) {
      json.beginObject();
      json.field("name", object.getKey());
      json.field("read", object.getValue().read);
      if (comparison.hasHits()) {
        json.field("hit", object.getValue().hit);
      }
      json.end();
    }
    json.end();
  }

  private void waits(StatementStats stats) {
    json.beginArray("waits_by_event");
    for (Map.Entry<String, Tallied> wait : stats.waits.entrySet()) {
      json.beginObject();
      json.field("name", wait.getKey());
      json.field("count", wait.getValue().count);
      json.field("us", wait.getValue().sum);
      json.end();
    }
    json.end();
  }
}
