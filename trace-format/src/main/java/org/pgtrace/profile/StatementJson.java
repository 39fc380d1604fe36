package org.pgtrace.profile;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.pgtrace.format.NodeWait;
import org.pgtrace.report.JsonWriter;

/** Writes all of one statement. */
final class StatementJson {
  private static final double SHARE_DIGITS = 1e6;

  private final JsonWriter json;
  private final long responseUs;

  StatementJson(JsonWriter json, long responseUs) {
    this.json = json;
    this.responseUs = responseUs;
  }

  void write(StatementProfile s) {
    json.beginObject();
    identity(s);
    calls(s);
    json.beginObject("response");
    json.field("elapsed_us", s.self.elapsedUs);
    json.field("cpu_us", s.self.cpuUs);
    json.field("waits_us", s.waits.waitUs());
    json.field("unaccounted_us", s.unaccountedUs());
    json.end();
    waits(json, "waits", s.waits);
    waits(json, "waits_between_calls", s.waitsBetween);
    waits(json, "read_by_others", s.readByOthers);
    workers(json, s.workers);
    json.field("disk_blocks", s.diskBlocks);
    json.field("cache_blocks", s.cacheBlocks);
    objects(s);
    latency(s.latency);
    slowest(s);
    json.beginArray("plans");
    s.plans.values().stream().filter(plan -> !plan.nodes().isEmpty()).forEach(this::plan);
    json.end();
    json.beginArray("recursive");
    s.tree.mostTimeFirst().forEach(this::tree);
    json.end();
    json.end();
  }

  private void identity(StatementProfile s) {
    json.field("number", s.number);
    json.field("sql_id", s.sqlId());
    json.field("sql_ids", s.sqlIds());
    json.field("more_sql_ids", s.hasMoreSqlIds());
    json.field("text", s.text);
    json.field("has_text", s.hasText);
    json.field("depth_min", s.depthMin == Integer.MAX_VALUE ? 0 : s.depthMin);
    json.field("depth_max", s.depthMax);
    json.field("share", rounded(Page.part(s.self.elapsedUs, responseUs)));
    json.field("executions", s.executions);
    json.field("errors", s.errors);
    json.beginArray("error_texts");
    s.errorTexts.forEach(
        (text, count) ->
            json.beginObject().field("text", text).field("count", count.longValue()).end());
    json.end();
  }

  private void calls(StatementProfile s) {
    json.beginObject("calls");
    for (Map.Entry<CallRow, CallFigures> row : s.calls.entrySet()) {
      figures(row.getKey().label().toLowerCase(Locale.ROOT), row.getValue());
    }
    figures("total", s.total());
    figures("own", s.self);
    json.end();
  }

  private void figures(String key, CallFigures f) {
    json.beginObject(key);
    json.field("count", f.count);
    json.field("cpu_us", f.cpuUs);
    json.field("elapsed_us", f.elapsedUs);
    json.field("disk", f.disk);
    json.field("query", f.query);
    json.field("current", f.current);
    json.field("rows", f.rows);
    json.field("misses", f.misses);
    json.end();
  }

  static void waits(JsonWriter json, String key, WaitTable waits) {
    json.beginArray(key);
    waits.mostTimeFirst().forEach(wait -> wait(json, wait));
    json.end();
  }

  static void wait(JsonWriter json, WaitSum wait) {
    json.beginObject();
    json.field("name", wait.name);
    json.field("count", wait.count);
    json.field("time_us", wait.waitUs());
    json.field("elapsed_us", wait.elapsedUs);
    json.field("cpu_us", wait.cpuUs);
    json.field("max_us", wait.maxUs);
    json.end();
  }

  static void workers(JsonWriter json, WorkerShare w) {
    json.beginObject("workers");
    json.field("parts", w.parts);
    json.field("elapsed_us", w.elapsedUs);
    json.field("cpu_us", w.cpuUs);
    json.field("disk", w.disk);
    json.field("query", w.query);
    json.field("rows", w.rows);
    json.field("disk_blocks", w.diskBlocks);
    json.field("cache_blocks", w.cacheBlocks);
    waits(json, "waits", w.waits);
    json.end();
  }

  private void objects(StatementProfile s) {
    json.beginArray("objects");
    for (Map.Entry<String, ObjectBlocks> entry : s.objects()) {
      ObjectBlocks o = entry.getValue();
      json.beginObject();
      json.field("name", entry.getKey());
      json.field("reads", o.reads);
      json.field("blocks", o.blocks);
      json.field("disk_blocks", o.diskBlocks);
      json.field("cache_blocks", o.cacheBlocks);
      json.field("elapsed_us", o.elapsedUs);
      json.field("hits", o.hits);
      json.end();
    }
    json.end();
  }

  private void latency(Latency l) {
    json.beginObject("latency");
    json.field("count", l.count());
    json.field("sum_us", l.sumUs());
    json.field("min_us", l.minUs());
    json.field("p50_us", l.percentileUs(50));
    json.field("p90_us", l.percentileUs(90));
    json.field("p99_us", l.percentileUs(99));
    json.field("max_us", l.maxUs());
    json.field("slowest_1_percent_share", rounded(l.shareOfSlowest(0.01)));
    json.field("slowest_10_percent_share", rounded(l.shareOfSlowest(0.1)));
    json.beginArray("decades");
    long from = 0;
    for (int i = 0; i < Latency.DECADES; i++) {
      if (l.count(i) > 0) {
        json.beginObject().field("from_us", from);
        json.field("count", l.count(i)).field("time_us", l.timeUs(i)).end();
      }
      from = from == 0 ? 10 : from * 10;
    }
    json.end();
    json.end();
  }

  private void slowest(StatementProfile s) {
    json.beginArray("slowest");
    for (SlowExecution e : s.slowest()) {
      json.beginObject();
      json.field("elapsed_us", e.elapsedUs());
      json.field("tim", e.tim());
      json.field("sql_id", e.sqlId());
      json.field("file", e.file());
      json.field("line", e.line());
      json.beginArray("binds");
      e.binds().forEach(this::bind);
      json.end();
      json.field("more_binds", e.moreBinds());
      json.end();
    }
    json.end();
  }

  private void bind(SlowExecution.Bind bind) {
    json.beginObject();
    json.field("position", bind.position());
    json.field("type", bind.type());
    json.field("null", bind.isNull());
    if (!bind.isNull()) {
      json.field("value", bind.value());
      json.field("cut", bind.isCut());
    }
    json.end();
  }

  private void plan(PlanProfile plan) {
    json.beginObject();
    json.field("hash", plan.hash);
    json.field("executions", plan.executions);
    json.field("elapsed_us", plan.elapsedUs);
    json.field("captures", plan.captures);
    json.beginArray("nodes");
    plan.nodes().forEach(this::node);
    json.end();
    json.end();
  }

  private void node(PlanNode n) {
    json.beginObject();
    json.field("id", n.id);
    json.field("parent", n.parentId);
    json.field("operation", n.op);
    json.field("object", n.objectId);
    json.field("rows", n.rows);
    json.field("loops", n.loops);
    if (n.hasEstimate) {
      json.field("estimated_rows_per_loop", rounded(n.estimatePerLoop()));
      json.field("estimate_factor", rounded(n.factor()));
    }
    if (n.isTimed) {
      json.field("time_us", n.timeUs);
      json.field("self_us", n.selfUs);
      json.field("sampled", n.isSampled);
    }
    if (n.hasStatistics) {
      json.field("query", n.query).field("self_query", n.selfQuery);
      json.field("disk", n.disk).field("self_disk", n.selfDisk);
      json.field("written", n.written).field("self_written", n.selfWritten);
    }
    json.field("hit", n.hit).field("self_hit", n.selfHit);
    json.field("read", n.read).field("self_read", n.selfRead);
    json.field("dirtied", n.dirtied).field("self_dirtied", n.selfDirtied);
    json.beginArray("removed");
    n.removed.forEach(
        (kind, rows) ->
            json.beginObject()
                .field("by", kind.label().replaceAll(": $", ""))
                .field("rows", rows.longValue())
                .end());
    json.end();
    nodeWaits(n.waits());
    json.end();
  }

  private void nodeWaits(List<NodeWait> waits) {
    json.beginArray("waits");
    for (NodeWait wait : waits) {
      json.beginObject();
      json.field("name", wait.nam);
      json.field("count", wait.count);
      json.field("elapsed_us", wait.totalUs);
      json.field("from_disk", wait.fromDisk);
      json.field("from_cache", wait.fromCache);
      json.end();
    }
    json.end();
  }

  private void tree(TreeNode node) {
    json.beginObject();
    json.field("number", node.statement.number);
    json.field("sql_id", node.statement.sqlId());
    json.field("executions", node.executions);
    json.field("elapsed_us", node.elapsedUs);
    json.beginArray("recursive");
    node.mostTimeFirst().forEach(this::tree);
    json.end();
    json.end();
  }

  private static double rounded(double value) {
    return Math.round(value * SHARE_DIGITS) / SHARE_DIGITS;
  }
}
