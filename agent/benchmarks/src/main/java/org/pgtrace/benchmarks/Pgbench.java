package org.pgtrace.benchmarks;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** {@code pgbench -M prepared -S} itself, one client, its backend's CPU read while it runs. */
final class Pgbench {
  private static final int TRANSACTIONS = 20_000;

  private Pgbench() {}

  static void compare(List<Variant> variants, int rounds, Path log, PrintWriter out)
      throws IOException {
    double[][] cpu = new double[variants.size()][rounds];
    for (int round = -1; round < rounds; round++) {
      for (int i = 0; i < variants.size(); i++) {
        double ns = cpuOfRun(variants.get(i), log);
        if (round >= 0) {
          cpu[i][round] = ns;
        }
      }
    }
    out.printf(
        Locale.ROOT,
        "%npgbench -M prepared -S -t %d, one client, %d rounds%n",
        TRANSACTIONS,
        rounds);
    for (int i = 0; i < variants.size(); i++) {
      out.printf(
          Locale.ROOT,
          "  %-28s %12.2f   %-26s %12.3f%n",
          variants.get(i).name(),
          Ratios.quiet(cpu[i]) / 1000,
          Ratios.of(cpu[i], cpu[0]),
          Ratios.quiet(cpu[i]) / Ratios.quiet(cpu[0]));
    }
    out.flush();
  }

  /**
   * CPU of one transaction, ns: from the first sample of the backend to the last, so short of a
   * part of its start and of its last two milliseconds.
   */
  private static double cpuOfRun(Variant variant, Path log) throws IOException {
    Set<Long> others = backends(variant.server().pid());
    List<String> command = new ArrayList<>(variant.server().pgbench());
    command.addAll(List.of("-n", "-M", "prepared", "-S", "-c", "1"));
    command.addAll(List.of("-t", Integer.toString(TRANSACTIONS), "postgres"));
    Process process =
        Commands.start(
            Map.of("PGOPTIONS", PrivateServer.options(variant.settings())), command, log);
    Map<Long, Long> first = new HashMap<>();
    Map<Long, Long> last = new HashMap<>();
    while (process.isAlive()) {
      for (long pid : backends(variant.server().pid())) {
        if (!others.contains(pid)) {
          sample(pid, first, last);
        }
      }
      PrivateServer.pause(2);
    }
    if (Commands.waitFor(process) != 0) {
      throw new IOException("pgbench failed, see " + log);
    }
    // The other new backend only asks for the scale.
    long cpu = 0;
    for (Map.Entry<Long, Long> sample : last.entrySet()) {
      cpu = Math.max(cpu, sample.getValue() - first.getOrDefault(sample.getKey(), 0L));
    }
    return (double) cpu / TRANSACTIONS;
  }

  private static void sample(long pid, Map<Long, Long> first, Map<Long, Long> last) {
    try {
      long cpu = Cpu.ofProcessNs(pid);
      first.putIfAbsent(pid, cpu);
      last.put(pid, cpu);
    } catch (IOException e) {
      // It has ended: the last sample counts.
      last.putIfAbsent(pid, 0L);
    }
  }

  private static Set<Long> backends(long server) {
    return ProcessHandle.of(server).stream()
        .flatMap(ProcessHandle::children)
        .map(ProcessHandle::pid)
        .collect(Collectors.toSet());
  }
}
