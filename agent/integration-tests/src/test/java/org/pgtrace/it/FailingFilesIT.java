package org.pgtrace.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.postgresql.util.PSQLException;

/** Calls that fail: the server's own error, with the kernel's reason, as without a trace. */
@EachPlatform
class FailingFilesIT {
  private static Site site;

  FailingFilesIT(Platform platform) {
    assertThat(site.server().platform()).isSameAs(platform);
  }

  /** Three tables whose files are exchanged while the server is down. */
  @BeforeParameterizedClassInvocation
  static void start(Platform platform) throws SQLException, IOException {
    site = Site.started(platform, Map.of());
    Path full = file("fills");
    Path removed = file("removed");
    Path folder = file("folder");
    site.server().stop(TracedServer.Stop.FAST);
    Files.delete(full);
    Files.createSymbolicLink(full, Path.of("/dev/full"));
    Files.delete(removed);
    Files.delete(folder);
    Files.createDirectory(folder);
    site.server().start();
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    site.close();
  }

  /** The file of a new table. */
  private static Path file(String table) throws SQLException {
    try (Connection connection = site.server().connect()) {
      Sql.execute(
          connection,
          "CREATE TABLE " + table + " AS SELECT repeat('x', 1900) pad FROM generate_series(1, 40)");
      return site.server().dataFile(connection, table);
    }
  }

  /** The error of a new session, without and with a trace of all that there is. */
  private static String sameError(String identifier, String sql) throws SQLException {
    PSQLException bare;
    PSQLException traced;
    try (Connection connection = site.server().connect()) {
      bare = catchThrowableOfType(PSQLException.class, () -> Sql.execute(connection, sql));
    }
    try (Connection connection = site.server().connect()) {
      Sql.execute(connection, "SET pg_trace.level = 12");
      Sql.trace(connection, identifier);
      traced = catchThrowableOfType(PSQLException.class, () -> Sql.execute(connection, sql));
      assertThat(Sql.value(connection, "SELECT 42")).isEqualTo("42");
    }
    assertThat(traced.getSQLState()).isEqualTo(bare.getSQLState());
    assertThat(traced.getServerErrorMessage()).hasToString(bare.getServerErrorMessage().toString());
    assertThat(Trace.text(site.daemon().ended(identifier).file()))
        .contains("ERRTEXT ")
        .contains(bare.getSQLState());
    return traced.getSQLState() + " " + traced.getMessage();
  }

  @Test
  void a_full_disk() throws SQLException {
    String error = sameError("full", "INSERT INTO fills VALUES ('y')");
    assertThat(error).startsWith("53100 ").contains("No space left on device");
  }

  @Test
  void a_removed_file() throws SQLException {
    String error = sameError("removed", "SELECT count(*) FROM removed");
    assertThat(error).startsWith("58P01 ").contains("No such file or directory");
  }

  @Test
  void a_file_that_is_a_folder() throws SQLException {
    String error = sameError("folder", "SELECT count(*) FROM folder");
    assertThat(error).contains("Is a directory");
  }
}
