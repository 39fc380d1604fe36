package org.pgtrace.profile;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** All that is known of one statement: of all texts that have one normal form. */
final class StatementProfile {
  /** Texts with an sql id of their own that are told apart. */
  static final int VARIANTS_MAX = 1000;

  /** Error texts that are told apart. */
  static final int ERRORS_MAX = 5;

  private static final Comparator<SlowExecution> SLOWEST_FIRST =
      Comparator.comparingLong(SlowExecution::elapsedUs).reversed();

  /** Place in the order of first appearance, from 1. */
  final int number;

  /** Normal form of the text, or what stands for it. */
  final String text;

  /** Whether the trace has its text. */
  final boolean hasText;

  /** Least and greatest depth of its calls. */
  int depthMin = Integer.MAX_VALUE;

  int depthMax;

  /** Calls of the session itself, recursive calls inside of them included. */
  final Map<CallRow, CallFigures> calls = new EnumMap<>(CallRow.class);

  /** The same without the recursive calls inside of them. */
  final CallFigures self = new CallFigures();

  /** EXEC calls. */
  long executions;

  /** Errors, of parsing too. */
  long errors;

  /** How often each; no more than {@link #ERRORS_MAX} of them. */
  final Map<String, Long> errorTexts = new LinkedHashMap<>();

  /** Waits inside of its calls and of no recursive call in them. */
  final WaitTable waits = new WaitTable();

  /** Waits with its cursor that were in no call. */
  final WaitTable waitsBetween = new WaitTable();

  /** Reads that I/O workers or the kernel did for it; no waits of the session. */
  final WaitTable readByOthers = new WaitTable();

  /** Blocks that the kernel read a device for, that the page cache had; of its own cursor. */
  long diskBlocks;

  long cacheBlocks;
  final WorkerShare workers = new WorkerShare();
  final Latency latency = new Latency();
  final Map<Long, PlanProfile> plans = new LinkedHashMap<>();

  /** What it called, as a client's statement. */
  final TreeNode tree = new TreeNode(this);

  private final Map<Objects.Name, ObjectBlocks> objects = new HashMap<>();
  private final Map<String, Variant> variants = new HashMap<>();
  private final Variant otherVariants = new Variant("");
  private boolean hasMoreVariants;
  private final List<SlowExecution> slowest = new ArrayList<>();

  StatementProfile(int number, String text, boolean hasText) {
    this.number = number;
    this.text = text;
    this.hasText = hasText;
  }

  /** Texts of one sql id. */
  static final class Variant {
    final String sqlId;
    long elapsedUs;

    Variant(String sqlId) {
      this.sqlId = sqlId;
    }
  }

  /** The texts of an sql id; those beyond the limit are one. */
  Variant variant(String sqlId) {
    Variant variant = variants.get(sqlId);
    if (variant != null) {
      return variant;
    }
    if (sqlId.isEmpty() || variants.size() == VARIANTS_MAX) {
      hasMoreVariants |= !sqlId.isEmpty();
      return otherVariants;
    }
    variant = new Variant(sqlId);
    variants.put(sqlId, variant);
    return variant;
  }

  /** The sql id that took most time; empty where the trace has none. */
  String sqlId() {
    return variants.values().stream()
        .max(
            Comparator.comparingLong((Variant variant) -> variant.elapsedUs)
                .thenComparing(variant -> variant.sqlId, Comparator.reverseOrder()))
        .map(variant -> variant.sqlId)
        .orElse("");
  }

  /** Distinct sql ids; no more than {@link #VARIANTS_MAX} are counted. */
  int sqlIds() {
    return variants.size();
  }

  boolean hasMoreSqlIds() {
    return hasMoreVariants;
  }

  void atDepth(int depth) {
    depthMin = Math.min(depthMin, depth);
    depthMax = Math.max(depthMax, depth);
  }

  CallFigures row(CallRow row) {
    return calls.computeIfAbsent(row, any -> new CallFigures());
  }

  /** All calls together, recursive calls inside of them included. */
  CallFigures total() {
    CallFigures total = new CallFigures();
    calls.values().forEach(total::add);
    return total;
  }

  /** What of the time of its calls neither CPU nor a wait explains; may be below zero. */
  long unaccountedUs() {
    return self.elapsedUs - self.cpuUs - waits.waitUs();
  }

  /** Whether there is anything to show. */
  boolean isUsed() {
    return !calls.isEmpty()
        || errors > 0
        || !waits.isEmpty()
        || !waitsBetween.isEmpty()
        || !workers.isEmpty();
  }

  void addError(String text) {
    if (errorTexts.size() < ERRORS_MAX || errorTexts.containsKey(text)) {
      errorTexts.merge(text, 1L, Long::sum);
    }
  }

  ObjectBlocks object(Objects.Name name) {
    return objects.computeIfAbsent(name, any -> new ObjectBlocks());
  }

  /** By name, most blocks read first, then most hits. */
  List<Map.Entry<String, ObjectBlocks>> objects() {
    Map<String, ObjectBlocks> byName = new TreeMap<>();
    objects.forEach(
        (name, blocks) -> byName.computeIfAbsent(name.text, any -> new ObjectBlocks()).add(blocks));
    List<Map.Entry<String, ObjectBlocks>> sorted = new ArrayList<>(byName.entrySet());
    sorted.sort(
        Comparator.comparingLong((Map.Entry<String, ObjectBlocks> e) -> e.getValue().blocks)
            .thenComparingLong(e -> e.getValue().hits)
            .reversed());
    return sorted;
  }

  PlanProfile plan(long hash) {
    return plans.computeIfAbsent(hash, PlanProfile::new);
  }

  boolean isAmongSlowest(long elapsedUs) {
    return slowest.size() < SlowExecution.KEPT
        || elapsedUs > slowest.get(slowest.size() - 1).elapsedUs();
  }

  void addSlow(SlowExecution execution) {
    slowest.add(execution);
    slowest.sort(SLOWEST_FIRST);
    if (slowest.size() > SlowExecution.KEPT) {
      slowest.remove(slowest.size() - 1);
    }
  }

  /** The slowest first. */
  List<SlowExecution> slowest() {
    return List.copyOf(slowest);
  }
}
