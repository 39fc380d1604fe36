package org.pgtrace.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Scripts of SQL through psql, that is through the simple protocol, against their golden traces.
 * Each script runs twice in one session: untraced, to have the server's caches warm, then traced.
 */
@EachPlatform
class GoldenIT {
  private static Site full;
  private static Site strict;

  private final Platform platform;

  GoldenIT(Platform platform) {
    this.platform = platform;
  }

  @BeforeParameterizedClassInvocation
  static void start(Platform platform) {
    full = Site.started(platform);
    full.server().psql(Sources.resource("golden/setup.sql"), Map.of());
    strict = Site.started(platform, Map.of(), "--strict");
    strict.server().psql(Sources.resource("golden/setup.sql"), Map.of());
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    full.close();
    strict.close();
    assertThat(full.daemon().log() + strict.daemon().log()).doesNotContain("ERROR");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "simple",
        "prepared",
        "cursor",
        "multi",
        "nested",
        "trigger",
        "foreign_key",
        "utility",
        "error",
        "subtransaction",
        "temporary"
      })
  void the_trace_of_a_script_is_as_its_golden_file(String name) throws IOException {
    run(full.server(), name, true);

    Golden.compare(platform, full.daemon().ended(name), name);
  }

  @Test
  void a_statement_that_runs_out_of_time_has_its_error() throws IOException {
    run(full.server(), "cancel", true);

    // How far it came differs.
    Golden.compareCold(platform, full.daemon().ended("cancel"), "cancel");
  }

  @Test
  void switching_in_the_middle_of_something_leaves_no_half_lines() throws IOException {
    run(full.server(), "switch", false);

    Golden.compareCold(platform, full.daemon().ended("switch"), "switch");
  }

  @Test
  void the_strict_form_has_only_what_oracle_writes() throws IOException {
    run(strict.server(), "simple", true);
    Path file = strict.daemon().fileOf("simple");
    Wait.until("the end is there", () -> strict.daemon().files().size() == 1 && isFree());

    Golden.compare(platform, Trace.read(file), "simple_strict");
    assertThat(Trace.text(file))
        .doesNotContain("PLAN #", "ERRTEXT", "SESSION END", "SETTINGS", "USER NAME");
  }

  /** The slot is given back after the last line. */
  private static boolean isFree() throws Exception {
    try (var connection = strict.server().connect();
        var statement = connection.createStatement();
        var rows = statement.executeQuery("SELECT count(*) FROM pg_trace_status()")) {
      return rows.next() && rows.getInt(1) == 0;
    }
  }

  /** Runs a script traced; first untraced too, if the server's caches are to be warm. */
  private static void run(TracedServer on, String name, boolean warm) throws IOException {
    String include = "\\i '" + Sources.resource("golden/" + name + ".sql") + "'\n";
    Path both = Scratch.folder("golden").resolve(name + ".sql");
    Files.writeString(
        both,
        (warm ? include : "")
            + "SET pg_trace.tracefile_identifier = '"
            + name
            + "';\nSET pg_trace.enabled = on;\n"
            + include,
        UTF_8);
    on.psql(both, Map.of());
  }
}
