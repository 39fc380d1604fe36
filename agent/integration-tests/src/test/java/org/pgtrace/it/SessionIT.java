package org.pgtrace.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.pgtrace.it.Trace.Kind;

/** What a trace file says of its session, and where it lies. */
@EachPlatform
class SessionIT {
  private static Site site;

  private final Platform platform;

  SessionIT(Platform platform) {
    this.platform = platform;
  }

  @BeforeParameterizedClassInvocation
  static void start(Platform platform) {
    site = Site.started(platform, Map.of("max_parallel_workers_per_gather", "2"));
    site.server().psql(Sources.resource("crosscheck/setup.sql"), Map.of());
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    site.close();
  }

  @Test
  void the_head_names_file_server_machine_and_session() throws Exception {
    int pid;
    String version;
    String client;
    String hostPid;
    try (Connection connection = site.server().connect()) {
      pid = Sql.pid(connection);
      version = Sql.value(connection, "SHOW server_version");
      client = Sql.value(connection, "SELECT host(inet_client_addr())");
      hostPid =
          platform instanceof Platform.Installed ? "" : ", host pid " + site.server().hostPid(pid);
      Sql.trace(connection, "head");
      Sql.execute(connection, "SELECT 1");
      // Who has ended cannot be looked up any more.
      site.daemon().fileOf("head");
    }

    Trace trace = site.daemon().ended("head");
    String cluster = site.server().cluster();
    assertThat(trace.file().getFileName()).hasToString(cluster + "_pg_" + pid + "_head.trc");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(trace.file())))
        .isEqualTo("rw-r-----");
    List<String> lines = Files.readAllLines(trace.file(), UTF_8);
    String stamp = " \\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}\\+00:00";
    List<String> expected =
        List.of(
            "Trace file \\Q" + trace.file() + "\\E",
            "PostgreSQL \\Q" + version + "\\E, pg_trace 1\\.0, trace format 1",
            "System name:\tLinux",
            "Node name:\t.+",
            "Release:\t.+",
            "Version:\t.+",
            "Machine:\t.+",
            "Instance name: " + cluster,
            "Redo thread mounted by this instance: 1",
            "Oracle process number: \\d+",
            "Unix process pid: " + pid + ", image: postgres@.+ \\(client backend" + hostPid + "\\)",
            "",
            "",
            "\\*\\*\\*" + stamp,
            "\\*\\*\\* SESSION ID:\\(" + pid + "\\.\\d+\\)" + stamp,
            "\\*\\*\\* CLIENT ID:\\(\\)" + stamp,
            "\\*\\*\\* SERVICE NAME:\\(postgres\\)" + stamp,
            "\\*\\*\\* MODULE NAME:\\(it\\)" + stamp,
            "\\*\\*\\* ACTION NAME:\\(\\)" + stamp,
            "\\*\\*\\* CLIENT IP:\\(\\Q" + client + "\\E\\)" + stamp,
            "\\*\\*\\* USER NAME:\\(postgres\\)" + stamp,
            "\\*\\*\\* SETTINGS:\\(level=8, plan_stat=all_executions, node_timing=sampled,"
                + " max_bind_length=256\\)"
                + stamp);
    for (int i = 0; i < expected.size(); i++) {
      assertThat(lines.get(i)).as("line %d", i + 1).matches(expected.get(i));
    }
  }

  @Test
  void another_application_name_is_another_module() throws SQLException {
    try (Connection connection = site.server().connect()) {
      Sql.trace(connection, "module");
      Sql.execute(connection, "SET application_name = 'step two'");
      Sql.execute(connection, "SELECT 'in step two'");
    }

    String text = Trace.text(site.daemon().ended("module").file());
    assertThat(text.indexOf("*** MODULE NAME:(step two) "))
        .isPositive()
        .isLessThan(text.indexOf("SELECT 'in step two'"));
  }

  @Test
  void another_identifier_begins_another_file_that_names_the_one_before() throws SQLException {
    try (Connection connection = site.server().connect()) {
      Sql.trace(connection, "part1");
      Sql.execute(connection, "SELECT 'both'");
      // The daemon has chosen the first file by then.
      Wait.until(
          "the first part is written",
          () -> Trace.text(site.daemon().fileOf("part1")).contains("SELECT 'both'"));
      Sql.execute(connection, "SET pg_trace.tracefile_identifier = 'part2'");
      Sql.execute(connection, "SELECT 'both'");
      Sql.execute(connection, "SELECT 'only the second'");
    }

    Trace second = site.daemon().ended("part2");
    Trace first = Trace.read(site.daemon().fileOf("part1"));
    assertThat(Trace.text(first.file()))
        .contains("*** TRACE CONTINUES IN FILE " + second.file() + " ***");
    assertThat(Trace.text(second.file()))
        .contains("*** TRACE CONTINUED FROM FILE " + first.file() + " ***");
    assertThat(second.calls("FETCH", "SELECT 'only the second'")).hasSize(1);
    assertThat(first.calls("FETCH", "SELECT 'both'")).hasSize(1);
    assertThat(second.calls("FETCH", "SELECT 'both'")).hasSize(1);
  }

  @Test
  void files_of_a_limited_size_can_be_read_each_for_itself() throws Exception {
    try (Site limited = Site.started(platform, Map.of(), "--max-file-size=64kB")) {
      try (Connection connection = limited.server().connect()) {
        Sql.trace(connection, "rolled");
        for (int i = 0; i < 500; i++) {
          Sql.execute(connection, "SELECT 'the same again'");
        }
      }
      Wait.until(
          "the last one is whole",
          () ->
              limited.daemon().files().stream()
                  .anyMatch(f -> Trace.text(f).contains("*** SESSION END:(")));

      // Some 500 kB in all; what is written at once may be 256 kB, whatever the limit.
      assertThat(limited.daemon().files()).hasSizeGreaterThan(1);
      int calls = 0;
      for (Path file : limited.daemon().files()) {
        calls += Trace.read(file).calls("FETCH", "SELECT 'the same again'").size();
      }
      assertThat(calls).isEqualTo(500);
    }
  }

  @Test
  void first_execution_writes_the_plan_once() throws SQLException {
    try (Connection connection = site.server().connect()) {
      Sql.execute(connection, "SET pg_trace.plan_stat = first_execution");
      Sql.trace(connection, "first_execution");
      for (int i = 0; i < 3; i++) {
        Sql.execute(connection, "SELECT count(*) FROM small");
      }
    }

    Trace trace = site.daemon().ended("first_execution");
    assertThat(trace.calls("FETCH", "SELECT count.*")).hasSize(3);
    assertThat(trace.lastPlan("SELECT count.*")).hasSize(2);
    assertThat(trace.of(Kind.PLAN)).hasSize(1);
  }

  @Test
  void a_parallel_query_has_its_rows_in_the_leaders_trace() throws SQLException {
    try (Connection connection = site.server().connect()) {
      for (String setting :
          List.of(
              "parallel_setup_cost = 0",
              "parallel_tuple_cost = 0",
              "min_parallel_table_scan_size = 0")) {
        Sql.execute(connection, "SET " + setting);
      }
      Sql.trace(connection, "parallel");
      for (int i = 0; i < 3; i++) {
        Sql.execute(connection, "SELECT count(*), max(pad) FROM big WHERE val % 3 = 0");
      }
    }

    Trace trace = site.daemon().ended("parallel");
    assertThat(trace.calls("FETCH", "SELECT count.*"))
        .filteredOn(call -> !call.isOfWorker())
        .extracting(call -> call.field("r"))
        .containsExactly(1L, 1L, 1L);
    assertThat(trace.lastPlan("SELECT count.*").stream().map(e -> e.text("op")))
        .anyMatch(op -> op.startsWith("Gather"));
    assertThat(Trace.text(trace.file())).contains("Workers Launched: ");
  }
}
