package org.pgtrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;

/** The reference pages of settings and functions against the server. */
@EachPlatform
class ReferencePagesIT {
  private static TracedServer server;

  ReferencePagesIT(Platform platform) {
    assertThat(server.platform()).isSameAs(platform);
  }

  @BeforeParameterizedClassInvocation
  static void start(Platform platform) throws SQLException {
    server = platform.started(Map.of());
    try (Connection connection = server.connect()) {
      Sql.execute(connection, "CREATE EXTENSION pg_trace");
    }
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    server.close();
  }

  /** Rows of a table of the page, the cells without blanks at their ends and code marks. */
  private static List<List<String>> rows(String page, String rowsBegin) throws IOException {
    return Files.readAllLines(Sources.file("docs/reference/" + page)).stream()
        .filter(line -> line.startsWith("| `" + rowsBegin))
        .map(
            line ->
                List.of(line.replace("`", "").replaceAll("^\\| *| *\\|$", "").split(" *\\| *", -1)))
        .toList();
  }

  private static List<List<String>> query(String sql) throws SQLException {
    try (Connection connection = server.connect()) {
      return Sql.rows(connection, sql);
    }
  }

  @Test
  void each_setting_is_on_its_page_with_its_limits() throws Exception {
    List<List<String>> settings =
        query(
            "SELECT name, CASE context WHEN 'superuser' THEN 'session'"
                + " WHEN 'postmaster' THEN 'server start' ELSE context END,"
                + " CASE boot_val WHEN '' THEN '''''' ELSE boot_val END, coalesce(min_val, ''),"
                + " coalesce(max_val, ''), coalesce(unit, ''),"
                + " CASE WHEN vartype = 'bool' THEN 'on, off'"
                + " ELSE coalesce(array_to_string(enumvals, ', '), '') END"
                + " FROM pg_settings WHERE name LIKE 'pg\\_trace.%'");

    assertThat(rows("settings.md", "pg_trace."))
        .isNotEmpty()
        .containsExactlyInAnyOrderElementsOf(settings);
  }

  @Test
  void each_setting_has_a_paragraph() throws Exception {
    String page = Files.readString(Sources.file("docs/reference/settings.md"));
    for (List<String> setting : rows("settings.md", "pg_trace.")) {
      assertThat(page).contains("\n**`" + setting.get(0) + "`**");
    }
  }

  @Test
  void each_function_is_on_its_page_with_its_privileges() throws Exception {
    List<List<String>> functions =
        query(
            "SELECT p.oid::regprocedure, pg_get_function_result(p.oid),"
                + " CASE WHEN has_function_privilege('plain', p.oid, 'EXECUTE')"
                + " THEN 'everybody' ELSE 'superuser, or granted' END"
                + " FROM pg_proc p JOIN pg_depend d ON d.objid = p.oid AND d.deptype = 'e'"
                + " AND d.classid = 'pg_proc'::regclass"
                + " JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'pg_trace'");

    assertThat(rows("sql.md", "pg_trace_"))
        .isNotEmpty()
        .containsExactlyInAnyOrderElementsOf(functions);
  }

  @Test
  void each_column_of_a_function_is_on_its_page() throws Exception {
    List<List<String>> columns =
        query(
            "SELECT a.name, format_type(a.type, NULL) FROM pg_proc p,"
                + " unnest(p.proargnames, p.proallargtypes) AS a(name, type)"
                + " WHERE p.proname IN ('pg_trace_status', 'pg_trace_capabilities')");

    List<List<String>> onPage =
        Arrays.stream(Files.readString(Sources.file("docs/reference/sql.md")).split("\n", -1))
            .filter(line -> line.matches("\\| `[a-z_]+` \\| `[a-z ]+` \\|.*"))
            .map(line -> line.split("`", -1))
            .map(cells -> List.of(cells[1], cells[3]))
            .toList();
    assertThat(onPage).containsExactlyInAnyOrderElementsOf(columns);
  }

  @Test
  void each_capability_is_on_its_page() throws Exception {
    String page = Files.readString(Sources.file("docs/reference/sql.md"));
    for (List<String> row : query("SELECT name FROM pg_trace_capabilities()")) {
      assertThat(page).contains("| `" + row.get(0) + "` | ");
    }
  }
}
