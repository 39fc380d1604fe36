package org.pgtrace.benchmarks;

import java.io.IOException;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/** Many short rounds, each of all subjects in an order of its own, compared with the first one. */
final class Comparison {
  private static final int WARMUP_ROUNDS = 5;

  private final List<Subject> subjects;
  private final double[][] cpu;
  private final double[][] wall;

  Comparison(List<Subject> subjects, int rounds) throws SQLException, IOException {
    this.subjects = subjects;
    cpu = new double[subjects.size()][rounds];
    wall = new double[subjects.size()][rounds];
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < subjects.size(); i++) {
      order.add(i);
    }
    Random random = new Random(1);
    for (int round = -WARMUP_ROUNDS; round < rounds; round++) {
      Collections.shuffle(order, random);
      for (int i : order) {
        Subject.Cost cost = subjects.get(i).round();
        if (round >= 0) {
          cpu[i][round] = cost.cpuNs();
          wall[i][round] = cost.wallNs();
        }
      }
    }
  }

  void print(String title, PrintWriter out) {
    out.printf(Locale.ROOT, "%n%s, %d rounds%n", title, cpu[0].length);
    out.printf(
        Locale.ROOT,
        "  %-28s %12s   %-24s %-12s %-24s%n",
        "",
        "CPU us, quiet",
        "CPU / " + subjects.get(0).name(),
        "when quiet",
        "time / " + subjects.get(0).name());
    for (int i = 0; i < subjects.size(); i++) {
      out.printf(
          Locale.ROOT,
          "  %-28s %12.2f   %-24s %-12.3f %-24s%n",
          subjects.get(i).name(),
          Ratios.quiet(cpu[i]) / 1000,
          Ratios.of(cpu[i], cpu[0]),
          Ratios.quiet(cpu[i]) / Ratios.quiet(cpu[0]),
          Ratios.of(wall[i], wall[0]));
    }
    out.flush();
  }
}
