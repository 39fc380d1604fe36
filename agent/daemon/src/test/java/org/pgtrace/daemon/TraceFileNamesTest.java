package org.pgtrace.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class TraceFileNamesTest {
  private static final Path FOLDER = Path.of("/traces");

  @Test
  void cluster_and_pid_make_the_name() {
    assertThat(name("main", "", 1)).isEqualTo("main_pg_4711.trc");
  }

  @Test
  void the_identifier_comes_after_the_pid() {
    assertThat(name("main", "slow-run_1", 1)).isEqualTo("main_pg_4711_slow-run_1.trc");
  }

  @Test
  void further_files_are_numbered() {
    assertThat(name("main", "", 2)).isEqualTo("main_pg_4711_2.trc");
    assertThat(name("main", "x", 3)).isEqualTo("main_pg_4711_x_3.trc");
  }

  @Test
  void nothing_leads_out_of_the_folder() {
    assertThat(name("../../etc/x", "../y", 1)).isEqualTo("_._.._etc_x_pg_4711____y.trc");
    assertThat(name("", "", 1)).isEqualTo("pg_pg_4711.trc");
  }

  @Test
  void a_daemon_knows_the_names_that_it_gives() {
    for (String identifier : new String[] {"", "slow", "ä b"}) {
      assertThat(TraceFileNames.matches(name("a.b-c", identifier, 12))).isTrue();
    }
    assertThat(TraceFileNames.matches("FREE_ora_39079.trc")).isFalse();
    assertThat(TraceFileNames.matches("main_pg_1.trc.gz")).isFalse();
  }

  private static String name(String cluster, String identifier, int number) {
    Path path =
        TraceFileNames.path(FOLDER, TraceFileNames.ofProcess(cluster, 4711), identifier, number);
    return FOLDER.relativize(path).toString();
  }
}
