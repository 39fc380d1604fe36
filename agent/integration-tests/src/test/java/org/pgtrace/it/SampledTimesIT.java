package org.pgtrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgtrace.it.Trace.Entry;

/** Sampled times of nodes against exact ones, as shares of their statement. */
@EachPlatform
class SampledTimesIT {
  private static final int RUNS = 21;

  /** Nodes that take less of the statement are too small to compare. */
  private static final double SHARE_MIN = 0.05;

  /**
   * In parts of the statement's time. Exact timing costs something itself, more so for nodes with
   * many rows, and machines are noisy: the product's aim of 5 % is printed, not asserted.
   */
  private static final double TOLERANCE = 0.15;

  private static Site site;

  SampledTimesIT(Platform platform) {
    assertThat(site.server().platform()).isSameAs(platform);
  }

  @BeforeParameterizedClassInvocation
  static void start(Platform platform) {
    site = Site.started(platform);
    site.server().psql(Sources.resource("crosscheck/setup.sql"), Map.of());
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    site.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT s.name, count(*), sum(length(b.pad)) FROM big b JOIN small s ON s.id = b.grp"
            + " GROUP BY s.name ORDER BY 2",
        "SELECT count(*) FROM (SELECT id, rank() OVER (PARTITION BY grp ORDER BY val) FROM big) w",
        "SELECT count(*) FROM big a JOIN big b ON b.id = a.val WHERE a.id % 2 = 0"
      })
  void sampled_times_of_nodes_are_near_exact_ones(String sql) throws Exception {
    Undisturbed.once(
        run -> {
          // In turn: what else the machine does meets both alike.
          try (Connection one = traced("sampled" + run, "sampled", sql);
              Connection other = traced("exact" + run, "exact", sql)) {
            for (int i = 0; i < RUNS; i++) {
              Sql.rows(one, sql);
              Sql.rows(other, sql);
            }
          }
          double[] sampled = shares(identifier("sampled" + run, sql));
          double[] exact = shares(identifier("exact" + run, sql));
          assertThat(sampled).hasSameSizeAs(exact);
          return IntStream.range(0, exact.length)
              .mapToObj(node -> new Share(node + 1, exact[node], sampled[node]))
              .toList();
        },
        shares -> assertThat(shares).allSatisfy(SampledTimesIT::assertNear));
  }

  /** A node's own time as a part of the statement's, measured in two ways. */
  private record Share(int node, double exact, double sampled) {}

  private static void assertNear(Share of) {
    System.out.printf(
        "node %d: exact %.1f %%, sampled %.1f %% of the statement%n",
        of.node, 100 * of.exact, 100 * of.sampled);
    if (of.exact > SHARE_MIN) {
      assertThat(Math.abs(of.sampled - of.exact)).as("node %d", of.node).isLessThan(TOLERANCE);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"sampled", "exact"})
  void the_first_row_of_a_sort_comes_late_and_that_of_a_scan_early(String timing) throws Exception {
    Undisturbed.once(
        run -> {
          String identifier = "first_row_" + timing + run;
          try (Connection connection = site.server().connect()) {
            Sql.execute(connection, "SET pg_trace.node_timing = " + timing);
            Sql.trace(connection, identifier);
            for (int i = 0; i < RUNS; i++) {
              Sql.rows(connection, "SELECT id FROM big ORDER BY md5(pad)");
            }
          }
          return Trace.text(site.daemon().ended(identifier).file());
        },
        plan -> {
          double sort = firstRow(plan, "Sort");
          double scan = firstRow(plan, "Seq Scan on public.big");
          assertThat(sort).isGreaterThan(0.5);
          assertThat(scan).isLessThan(sort / 2);
        });
  }

  /**
   * Time to the node's first row, as a part of its time: the median of its executions, of which the
   * machine may stop any one where it likes.
   */
  private static double firstRow(String text, String node) {
    Matcher line =
        Pattern.compile("-> " + node + ".* time=~?(\\d+)us .*\\n +First row: ~?(\\d+)us\\n")
            .matcher(text);
    double[] parts =
        line.results()
            .mapToDouble(at -> Double.parseDouble(at.group(2)) / Double.parseDouble(at.group(1)))
            .sorted()
            .toArray();
    assertThat(parts).as(text).hasSize(RUNS);
    return parts[RUNS / 2];
  }

  private static String identifier(String name, String sql) {
    return name + "_" + Integer.toHexString(sql.hashCode());
  }

  /** A session that has warm caches and is traced. */
  private static Connection traced(String name, String timing, String sql) throws SQLException {
    Connection connection = site.server().connect();
    Sql.execute(connection, "SET pg_trace.node_timing = " + timing);
    Sql.rows(connection, sql);
    // What is sampled does not show where it was that another process had the processor.
    site.server().giveProcessor(connection);
    Sql.trace(connection, identifier(name, sql));
    return connection;
  }

  /** Median over the runs of each node's own time, as a part of the statement's. */
  private static double[] shares(String identifier) {
    Trace trace = site.daemon().ended(identifier);
    List<List<Entry>> plans = plans(trace);
    assertThat(plans).hasSize(RUNS);
    double[] medians = new double[plans.get(0).size()];
    for (int node = 0; node < medians.length; node++) {
      int at = node;
      medians[node] =
          plans.stream().mapToDouble(plan -> ownShare(plan, at)).sorted().toArray()[RUNS / 2];
    }
    return medians;
  }

  private static List<List<Entry>> plans(Trace trace) {
    List<List<Entry>> plans = new ArrayList<>();
    for (Entry node : trace.of(Trace.Kind.STAT)) {
      if (!trace.statementOf(node.field("c")).startsWith("SELECT")) {
        continue;
      }
      if (node.field("id") == 1) {
        plans.add(new ArrayList<>());
      }
      plans.get(plans.size() - 1).add(node);
    }
    return plans;
  }

  private static double ownShare(List<Entry> plan, int index) {
    Entry node = plan.get(index);
    long own = node.field("time");
    for (Entry child : plan) {
      if (child.field("pid") == node.field("id")) {
        own -= child.field("time");
      }
    }
    return (double) own / Math.max(1, plan.get(0).field("time"));
  }
}
