package org.pgtrace.diff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pgtrace.diff.TraceText.INDEX_PLAN;
import static org.pgtrace.diff.TraceText.SEQ_PLAN;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is another in each run is no difference. */
class VolatileTest {
  private static final int RUNS = 100;

  private final Path folder;
  private final Traces traces;

  VolatileTest(@TempDir Path folder) {
    this.folder = folder;
    traces = new Traces(folder);
  }

  /** The same work, with numbers of its own. */
  private static TraceText run(long seed) {
    TraceText t = new TraceText(seed);
    int temporary = 1 + t.literal();
    t.parsing(1, "SELECT a FROM t WHERE b = " + t.literal())
        .read(1, "", 5)
        .call("PARSE", 1, 0, t.literal(), t.literal(), 0, INDEX_PLAN)
        .call("EXEC", 1, 0, 0, 0, 0, INDEX_PLAN)
        .read(1, "public.t", 3)
        .read(1, "pg_toast.pg_toast_" + (16384 + t.literal()), 2)
        .read(1, "pg_temp_" + temporary + ".x", 7)
        .read(1, "pg_catalog.pg_class", t.literal())
        .call("FETCH", 1, 0, 40, t.literal(), 6, INDEX_PLAN)
        .stat(1, 1, 0, "Index Scan using i on pg_temp_" + temporary + ".x", 6, 40)
        .plan(1, INDEX_PLAN, "Index Scan using i on pg_temp_" + temporary + ".x", 0)
        .close(1, 0);
    int parse = t.literal();
    t.parsing(2, "SELECT f(" + t.literal() + ", 'x" + t.literal() + "')")
        .call("EXEC", 2, 0, 0, 0, 0, SEQ_PLAN)
        .parsing(3, "select c from u where d = $1", 1)
        .call("PARSE", 3, 1, parse, 0, 0, INDEX_PLAN)
        .call("EXEC", 3, 1, 5, 1, 1, INDEX_PLAN)
        .close(3, 1)
        .call("FETCH", 2, 0, 200 + 5 + parse, t.literal(), 1, SEQ_PLAN);
    return t;
  }

  @Test
  void a_hundred_runs_of_the_same_work_are_the_same() throws Exception {
    Path base = traces.write("base.trc", run(0).toString());
    for (int seed = 1; seed <= RUNS; seed++) {
      String text = run(seed).toString();
      assertThat(text).isNotEqualTo(run(0).toString());
      Comparison comparison = traces.compare(base, traces.write("new.trc", text));

      assertThat(comparison.headline()).as("seed %d", seed).isEqualTo("same");
    }
  }

  @Test
  void a_hundred_orders_of_process_ids_are_the_same() throws Exception {
    Path base = sessions("base", 0);
    for (int seed = 1; seed <= RUNS; seed++) {
      Comparison comparison = traces.compare(base, sessions("new" + seed, seed));

      assertThat(comparison.headline()).as("seed %d", seed).isEqualTo("same");
      assertThat(comparison.statements())
          .as("seed %d", seed)
          .allMatch(s -> s.base().position == s.next().position);
    }
  }

  private Path sessions(String name, int seed) throws IOException {
    Path sessions = Files.createDirectories(folder.resolve(name));
    int pid = new Random(seed).nextInt(900) + 100;
    for (String identifier : new String[] {"_one", "", "_three"}) {
      pid += 7 * (seed % 2 == 0 ? 1 : -1);
      TraceText t =
          new TraceText(seed).query(1, "select " + identifier + "x from t", 10, 1, INDEX_PLAN);
      Files.writeString(sessions.resolve("main_pg_" + pid + identifier + ".trc"), t.toString());
    }
    return sessions;
  }

  @Test
  void relations_are_named_without_what_is_volatile() throws Exception {
    Comparison comparison = traces.compare(run(1), run(2));

    assertThat(comparison.statements().get(0).base().objects.keySet())
        .containsExactly("pg_temp.x", "pg_toast.pg_toast_N", "public.t");
    assertThat(comparison.statements().get(0).base().plan(INDEX_PLAN).nodes.get(0).op())
        .isEqualTo("Index Scan using i on pg_temp.x");
  }
}
