package org.pgtrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Two runs of the example in docs/ci, each on a cluster of its own, compared by the program. */
@EachPlatform
class DiffIT {
  private static final int RUNS = Integer.getInteger("pgtrace.diff.runs", 1);

  private final Platform platform;

  DiffIT(Platform platform) {
    this.platform = platform;
  }

  /** {@code -Dpgtrace.diff.runs=100} compares a hundred runs with the first. */
  @Test
  void runs_of_the_same_work_are_the_same() throws IOException {
    Path first = recorded("schema.sql");
    for (int run = 0; run < RUNS; run++) {
      Commands.Result result = diff(first, recorded("schema.sql"));

      assertThat(result.output()).startsWith("same\n").contains("(1 file, 7 statements)");
      assertThat(result.status()).isZero();
    }
  }

  @Test
  void a_dropped_index_is_a_regression_of_the_statements_that_used_it() throws IOException {
    Commands.Result result = diff(recorded("schema.sql"), recorded("schema.sql", "drop_index.sql"));

    assertThat(result.output())
        .startsWith("regression: 4 checks failed in 2 statements\n")
        .contains("Index Scan on orders_customer", "Seq Scan on public.orders")
        .containsPattern("public\\.orders_customer +2 +0\n");
    assertThat(result.status()).isEqualTo(1);
  }

  private Path recorded(String... scripts) throws IOException {
    try (Site site = Site.started(platform)) {
      for (String script : scripts) {
        site.server().psql(Sources.file("docs/ci").resolve(script), Map.of());
      }
      site.server().psql(Sources.file("docs/ci/workload.sql"), Map.of());
      site.daemon().switchedOff("ci");
      Path copy = Files.createTempFile(Scratch.folder("diff"), "ci", ".trc");
      return Files.write(copy, Files.readAllBytes(site.daemon().fileOf("ci")));
    }
  }

  private static Commands.Result diff(Path base, Path next) {
    List<String> command = new ArrayList<>(TraceDaemon.program());
    command.addAll(List.of("diff", base.toString(), next.toString()));
    return Commands.execute(command, Map.of(), Scratch.root());
  }
}
