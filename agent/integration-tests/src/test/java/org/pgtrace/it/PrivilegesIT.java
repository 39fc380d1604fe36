package org.pgtrace.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.postgresql.util.PSQLException;

/** Who may trace, and the ways to switch a session on. */
@EachPlatform
class PrivilegesIT {
  private static Site site;

  private final Platform platform;

  PrivilegesIT(Platform platform) {
    this.platform = platform;
  }

  @BeforeParameterizedClassInvocation
  static void start(Platform platform) throws SQLException {
    site = Site.started(platform);
    try (Connection connection = site.server().connect()) {
      Sql.execute(connection, "CREATE EXTENSION pg_trace");
      Sql.execute(connection, "CREATE ROLE granted LOGIN");
      Sql.execute(connection, "GRANT SET ON PARAMETER pg_trace.enabled TO granted");
      Sql.execute(connection, "GRANT SET ON PARAMETER pg_trace.tracefile_identifier TO granted");
    }
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    site.close();
  }

  @Test
  void a_role_without_privileges_may_not_trace() throws SQLException {
    try (Connection connection = site.server().connect("plain", Map.of())) {
      assertThatThrownBy(() -> Sql.execute(connection, "SET pg_trace.enabled = on"))
          .hasMessageContaining("permission denied to set parameter \"pg_trace.enabled\"");
      assertThatThrownBy(() -> Sql.value(connection, "SELECT pg_trace_status()"))
          .hasMessageContaining("permission denied for function pg_trace_status");
      assertThatThrownBy(() -> Sql.value(connection, "SELECT pg_trace_capabilities()"))
          .hasMessageContaining("permission denied for function pg_trace_capabilities");
      assertThat(Sql.value(connection, "SELECT pg_trace_file()")).isEqualTo("null");
    }
  }

  @Test
  void a_role_without_privileges_cannot_connect_with_tracing_in_its_options() {
    assertThatThrownBy(
            () -> site.server().connect("plain", Map.of("pg_trace.enabled", "on")).close())
        .hasMessageContaining("permission denied");
  }

  @Test
  void a_grant_is_enough() throws SQLException {
    try (Connection connection = site.server().connect("granted", Map.of())) {
      Sql.trace(connection, "granted");
      Sql.execute(connection, "SELECT 'granted'");
    }

    Trace trace = site.daemon().ended("granted");
    assertThat(trace.calls("FETCH", "SELECT 'granted'")).hasSize(1);
    assertThat(Trace.text(trace.file())).contains("*** USER NAME:(granted) ");
  }

  @Test
  void a_role_can_be_set_to_be_traced_from_its_login_on() throws SQLException {
    try (Connection connection = site.server().connect()) {
      Sql.execute(connection, "CREATE ROLE watched LOGIN");
      Sql.execute(connection, "ALTER ROLE watched SET pg_trace.enabled = on");
      Sql.execute(connection, "ALTER ROLE watched SET pg_trace.tracefile_identifier = 'by_role'");
    }
    try (Connection connection = site.server().connect("watched", Map.of())) {
      Sql.execute(connection, "SELECT 'watched'");
    }

    Trace trace = site.daemon().ended("by_role");
    assertThat(trace.calls("FETCH", "SELECT 'watched'")).hasSize(1);
  }

  @Test
  void options_of_a_connection_switch_it_on() throws SQLException {
    Map<String, String> options =
        Map.of("pg_trace.enabled", "on", "pg_trace.tracefile_identifier", "by_options");
    try (Connection connection = site.server().connect("postgres", options)) {
      Sql.execute(connection, "SELECT 'options'");
    }

    Trace trace = site.daemon().ended("by_options");
    assertThat(trace.calls("FETCH", "SELECT 'options'")).hasSize(1);
  }

  @Test
  void a_database_can_be_set_to_be_traced() throws SQLException {
    try (Connection connection = site.server().connect()) {
      Sql.execute(connection, "ALTER DATABASE postgres SET pg_trace.level = 12");
      Sql.execute(connection, "ALTER ROLE granted RESET ALL");
    }
    try (Connection connection = site.server().connect()) {
      assertThat(Sql.value(connection, "SHOW pg_trace.level")).isEqualTo("12");
      Sql.execute(connection, "ALTER DATABASE postgres RESET pg_trace.level");
    }
  }

  @Test
  void a_server_without_the_library_says_what_to_do() throws SQLException {
    try (TracedServer server = platform.started(Map.of("shared_preload_libraries", ""));
        Connection connection = server.connect()) {
      assertThatThrownBy(() -> Sql.execute(connection, "CREATE EXTENSION pg_trace"))
          .isInstanceOfSatisfying(
              PSQLException.class,
              e ->
                  assertThat(String.valueOf(e.getServerErrorMessage()))
                      .contains(
                          "pg_trace must be loaded via shared_preload_libraries",
                          "Add pg_trace to shared_preload_libraries in postgresql.conf"));
    }
  }
}
