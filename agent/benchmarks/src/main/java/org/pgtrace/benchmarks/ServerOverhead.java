package org.pgtrace.benchmarks;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What tracing costs a backend: its CPU time, in pairs with a server that has never heard of
 * pg_trace, on the same machine in the same second.
 */
@Command(
    name = "ServerOverhead",
    mixinStandardHelpOptions = true,
    description = "Compares the CPU of traced and bare backends on private servers.")
public final class ServerOverhead implements Callable<Integer> {
  /** Place of the variant in which the extension is loaded and nothing is traced. */
  private static final int OFF = 2;

  @Option(names = "--rounds", description = "Rounds of each comparison. Default: ${DEFAULT-VALUE}")
  int rounds = 200;

  @Option(
      names = "--workload",
      split = ",",
      description = "SELECT, TPCB, JOIN, SWITCHED, HITS, PGBENCH; all by default.")
  Set<Part> parts = Set.of(Part.values());

  @Option(names = "--pg-bin", description = "Folder of the server's programs.")
  Path bin = Path.of("/usr/lib/postgresql/15/bin");

  @Option(
      names = "--library-dir",
      description = "Load pg_trace.so from this folder, not from the server's own.")
  Path library = Path.of("");

  @Option(
      names = "--other-library-dir",
      description = "Also measure the pg_trace.so of this folder, beside the first.")
  Path otherLibrary = Path.of("");

  @Option(names = "--archive", description = "The program. Default: ${DEFAULT-VALUE}")
  Path archive = Path.of("agent/cli/target/pgtrace.jar");

  private final PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);

  /** What can be measured. */
  enum Part {
    SELECT,
    TPCB,
    JOIN,
    SWITCHED,
    HITS,
    PGBENCH
  }

  public static void main(String[] args) {
    System.exit(new CommandLine(new ServerOverhead()).execute(args));
  }

  @Override
  public Integer call() throws IOException, SQLException {
    Path scratch = folder(Path.of("/tmp"));
    Path rings = folder(Path.of("/dev/shm"));
    try {
      Machine.print(bin, out);
      measure(scratch, rings);
    } finally {
      remove(scratch);
      remove(rings);
    }
    return 0;
  }

  /** A new folder that the server's user may write to. */
  private static Path folder(Path parent) throws IOException {
    Path folder = Files.createTempDirectory(parent, "pgtrace-benchmark");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
    return folder;
  }

  private static void remove(Path folder) throws IOException {
    Commands.run("find", folder.toString(), "-mindepth", "1", "-delete");
    Files.delete(folder);
  }

  private void measure(Path scratch, Path rings) throws IOException, SQLException {
    try (PrivateServer bare = PrivateServer.start(bin, scratch, "bare", Map.of());
        PrivateServer traced = PrivateServer.start(bin, scratch, "traced", loaded(library, rings));
        TraceDaemon daemon = TraceDaemon.start(archive, scratch, rings)) {
      prepare(bare);
      prepare(traced);
      if (parts.contains(Part.SWITCHED)) {
        switched(scratch, rings, traced);
      }
      if (parts.contains(Part.HITS)) {
        hits(scratch, rings);
      }
      List<Variant> variants = variants(bare, traced);
      if (otherLibrary.toString().isEmpty()) {
        measure(scratch, variants);
        printDaemon(daemon);
        return;
      }
      try (PrivateServer other =
          PrivateServer.start(bin, scratch, "other", loaded(otherLibrary, rings))) {
        prepare(other);
        variants.add(Variant.plain("other, off", other));
        variants.add(Variant.traced("other, level 1", other, 1));
        variants.add(Variant.traced("other, level 1, no plans", other, 1, "plan_stat", "never"));
        measure(scratch, variants);
        printDaemon(daemon);
      }
    }
  }

  /**
   * Tracing switched on and off in turn in one session: the place of everything in memory, which
   * makes servers differ by several percent, is the same.
   */
  private void switched(Path scratch, Path rings, PrivateServer server)
      throws IOException, SQLException {
    switched("Join", Workload.JOIN, server);
    switched("SELECT of one row by its key", Workload.SELECT, server);
    Map<String, String> settings = loaded(library, rings);
    settings.put("shared_buffers", "1MB");
    try (PrivateServer small = PrivateServer.start(bin, scratch, "small", settings)) {
      prepare(small);
      switched("SELECT of one row that is in no buffer", Workload.MISS, small);
    }
  }

  private void switched(String title, Workload workload, PrivateServer server)
      throws IOException, SQLException {
    out.println();
    out.println(title + ", switched on and off in one session, " + rounds + " pairs: CPU on / off");
    for (Variant variant :
        List.of(
            Variant.traced("level 1", server, 1),
            Variant.traced("level 8", server, 8),
            Variant.traced("level 8, plan_stat=never", server, 8, "plan_stat", "never"),
            Variant.traced("level 1, node_timing=exact", server, 1, "node_timing", "exact"))) {
      double[] on = new double[rounds];
      double[] off = new double[rounds];
      try (Subject subject = new Subject(variant, workload)) {
        for (int i = 0; i < rounds; i++) {
          subject.trace(i % 2 == 0);
          double first = subject.round().cpuNs();
          subject.trace(i % 2 != 0);
          double second = subject.round().cpuNs();
          on[i] = i % 2 == 0 ? first : second;
          off[i] = i % 2 == 0 ? second : first;
        }
      }
      out.printf("  %-28s %s%n", variant.name(), Ratios.of(on, off));
    }
  }

  /** Buffer hits recorded and not, in turn in one session. */
  private void hits(Path scratch, Path rings) throws IOException, SQLException {
    Map<String, String> settings = loaded(library, rings);
    settings.put("shared_buffers", "512MB");
    settings.put("max_parallel_workers_per_gather", "0");
    settings.put("pg_trace.ring_size", "64MB");
    try (PrivateServer large = PrivateServer.start(bin, scratch, "large", settings)) {
      prepare(large);
      hits("Scan of a table", Workload.SCAN, large);
      hits("Look-ups in an index", Workload.LOOKUPS, large);
    }
  }

  private void hits(String title, Workload workload, PrivateServer server)
      throws IOException, SQLException {
    double[] all = new double[rounds];
    double[] physical = new double[rounds];
    double[] hitNs = new double[rounds];
    long hits;
    Variant variant = Variant.traced("blocks", server, 8, "plan_stat", "never");
    try (Subject subject = new Subject(variant, workload)) {
      subject.round();
      hits = subject.hits();
      for (int i = 0; i < rounds; i++) {
        boolean allFirst = i % 2 == 0;
        subject.set("blocks", allFirst ? "all" : "physical");
        double first = subject.round().cpuNs();
        subject.set("blocks", allFirst ? "physical" : "all");
        double second = subject.round().cpuNs();
        all[i] = allFirst ? first : second;
        physical[i] = allFirst ? second : first;
        hitNs[i] = (all[i] - physical[i]) / hits;
      }
    }
    out.println();
    out.println(title + " in buffers, level 8, " + hits + " hits, " + rounds + " pairs");
    out.println("  CPU, blocks = all / physical  " + Ratios.of(all, physical));
    out.println("  ns more for each hit          " + Ratios.of(hitNs));
    out.printf(
        "  the same in quiet rounds      %6.1f%n",
        (Ratios.quiet(all) - Ratios.quiet(physical)) / hits);
  }

  private void printDaemon(TraceDaemon daemon) {
    out.println();
    out.println("daemon: " + daemon.cpu().toMillis() + " ms of CPU in all");
  }

  private void measure(Path scratch, List<Variant> variants) throws IOException, SQLException {
    if (parts.contains(Part.SELECT)) {
      compare("SELECT of one row by its key, prepared", Workload.SELECT, variants);
    }
    if (parts.contains(Part.TPCB)) {
      compare("TPC-B, prepared", Workload.TPCB, variants);
    }
    if (parts.contains(Part.PGBENCH)) {
      int fewer = Math.max(3, rounds / 20);
      Pgbench.compare(variants, fewer, scratch.resolve("pgbench.log"), out);
    }
    if (parts.contains(Part.JOIN)) {
      measureJoin(scratch, variants);
    }
  }

  private void measureJoin(Path scratch, List<Variant> variants) throws IOException, SQLException {
    PrivateServer traced = variants.get(OFF).server();
    Map<String, String> explaining =
        Map.of(
            "shared_preload_libraries", "auto_explain",
            "auto_explain.log_min_duration", "0",
            "auto_explain.log_analyze", "on",
            "auto_explain.log_buffers", "on",
            "auto_explain.log_timing", "on");
    try (PrivateServer explains = PrivateServer.start(bin, scratch, "explains", explaining)) {
      prepare(explains);
      List<Variant> all = new ArrayList<>(variants);
      all.add(Variant.traced("level 1, node_timing=exact", traced, 1, "node_timing", "exact"));
      all.add(Variant.traced("level 1, node_timing=off", traced, 1, "node_timing", "off"));
      all.add(Variant.plain("auto_explain", explains));
      compare("Join of 200,000 rows with aggregation", Workload.JOIN, all);
    }
  }

  private static List<Variant> variants(PrivateServer bare, PrivateServer traced) {
    List<Variant> variants = new ArrayList<>();
    variants.add(Variant.plain("bare", bare));
    variants.add(Variant.plain("bare again", bare));
    variants.add(Variant.plain("loaded, off", traced));
    variants.add(Variant.traced("level 1", traced, 1));
    variants.add(Variant.traced("level 1, plan_stat=never", traced, 1, "plan_stat", "never"));
    variants.add(Variant.traced("level 8", traced, 8));
    variants.add(Variant.traced("level 12", traced, 12));
    return variants;
  }

  private void compare(String title, Workload workload, List<Variant> variants)
      throws IOException, SQLException {
    List<Subject> subjects = new ArrayList<>();
    try {
      for (Variant variant : variants) {
        subjects.add(new Subject(variant, workload));
      }
      new Comparison(subjects, rounds).print(title, out);
    } finally {
      for (Subject subject : subjects) {
        subject.close();
      }
    }
  }

  /** Tables of all workloads. */
  private static void prepare(PrivateServer server) throws IOException, SQLException {
    List<String> pgbench = new ArrayList<>(server.pgbench());
    pgbench.addAll(List.of("-i", "-q", "-s", "1", "postgres"));
    Commands.run(Map.of(), pgbench);
    try (Connection connection = server.connect(Map.of())) {
      for (Workload workload : Workload.values()) {
        workload.prepare(connection);
      }
    }
  }

  private static Map<String, String> loaded(Path library, Path rings) {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("shared_preload_libraries", "pg_trace");
    settings.put("pg_trace.ring_directory", rings.toString());
    if (!library.toString().isEmpty()) {
      settings.put("dynamic_library_path", library.toAbsolutePath() + ":$libdir");
    }
    return settings;
  }
}
