package org.pgtrace.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.pgtrace.it.Trace.Entry;
import org.pgtrace.it.Trace.Kind;

/** {@code pgtrace convert --strict} of traces in full form. */
@EachPlatform
class ConvertIT {
  private static final String PARALLEL = "SELECT sum(val) FROM big WHERE id % 3 = 0";

  private static Site site;

  private final Platform platform;

  ConvertIT(Platform platform) {
    this.platform = platform;
  }

  @BeforeParameterizedClassInvocation
  static void start(Platform platform) throws SQLException {
    site = Site.started(platform, Map.of("max_worker_processes", "8"));
    site.server().psql(Sources.resource("golden/setup.sql"), Map.of());
    try (Connection connection = site.server().connect()) {
      Sql.execute(
          connection,
          "CREATE TABLE big AS SELECT n id, n % 7 val FROM generate_series(1, 50000) n");
      Sql.execute(connection, "VACUUM ANALYZE big");
    }
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    site.close();
  }

  private static List<Path> converted(Path full) throws IOException {
    Path folder = Scratch.folder("convert");
    List<String> command = new ArrayList<>(TraceDaemon.program());
    command.addAll(List.of("convert", full.toString(), "--strict"));
    command.addAll(List.of("-o", folder.resolve(full.getFileName()).toString()));
    assertThat(Commands.run(command)).isEmpty();
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }

  /** The golden file is that of a daemon that writes the strict form itself. */
  @Test
  void it_is_what_the_daemon_would_have_written() throws IOException {
    String include = "\\i '" + Sources.resource("golden/simple.sql") + "'\n";
    Path script = Scratch.folder("golden").resolve("simple.sql");
    Files.writeString(
        script,
        include
            + "SET pg_trace.tracefile_identifier = 'simple';\nSET pg_trace.enabled = on;\n"
            + include,
        UTF_8);
    site.server().psql(script, Map.of());
    List<Path> files = converted(site.daemon().ended("simple").file());
    assertThat(files).hasSize(1);
    Golden.compare(platform, Trace.read(files.get(0)), "simple_strict");
  }

  @Test
  void parallel_workers_get_files_of_their_own_and_nothing_is_counted_twice() throws Exception {
    try (Connection connection = site.server().connect()) {
      Sql.execute(connection, "SET max_parallel_workers_per_gather = 2");
      Sql.execute(connection, "SET min_parallel_table_scan_size = 0");
      Sql.execute(connection, "SET parallel_leader_participation = off");
      Sql.execute(connection, "SET parallel_setup_cost = 0");
      Sql.execute(connection, "SET parallel_tuple_cost = 0");
      Sql.trace(connection, "parallel");
      Sql.rows(connection, PARALLEL);
    }
    Trace full = site.daemon().ended("parallel");
    List<Path> files = converted(full.file());
    // Of p000 and p001, and of the session.
    assertThat(files).hasSizeBetween(2, 3);
    List<Trace> traces = files.stream().map(Trace::read).toList();
    Trace leader = traces.get(traces.size() - 1);
    assertThat(leader.of(Kind.CALL))
        .extracting(Entry::line)
        .isEqualTo(
            full.of(Kind.CALL).stream()
                .filter(call -> !call.isOfWorker())
                .map(Entry::line)
                .toList());
    for (Kind kind : List.of(Kind.CALL, Kind.WAIT, Kind.STAT)) {
      long ofWorkers = full.of(kind).stream().filter(Entry::isOfWorker).count();
      long all = traces.stream().mapToLong(trace -> trace.of(kind).size()).sum();
      assertThat(all).as(kind.toString()).isGreaterThanOrEqualTo(full.of(kind).size());
      assertThat(leader.of(kind)).hasSize((int) (full.of(kind).size() - ofWorkers));
    }
    for (String figure : List.of("cr", "pr", "cnt", "str")) {
      assertThat(ofScan(traces, figure)).as(figure).isEqualTo(ofScan(List.of(full), figure));
    }
    assertThat(String.join("", traces.stream().map(trace -> Trace.text(trace.file())).toList()))
        .doesNotContain("px=", "PLAN #", "SUMMARY", "ERRTEXT", "SESSION END", " pg='");
  }

  /** A figure of the scan below the Gather, in all files. */
  private static long ofScan(List<Trace> traces, String figure) {
    return traces.stream()
        .flatMap(trace -> trace.of(Kind.STAT).stream())
        .filter(stat -> stat.text("op").startsWith("Parallel Seq Scan on public.big"))
        .mapToLong(stat -> stat.field(figure))
        .sum();
  }
}
