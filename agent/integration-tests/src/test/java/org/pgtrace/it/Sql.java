package org.pgtrace.it;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.postgresql.PGConnection;

/** Short forms of JDBC. Statements go through the simple protocol where they allow it. */
final class Sql {
  private Sql() {}

  static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** As {@link #execute}, where nothing may be thrown that is declared. */
  static void run(Connection connection, String sql) {
    try {
      execute(connection, sql);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** First column of the first row, as text; "null" for NULL. */
  static String value(Connection connection, String sql) throws SQLException {
    List<List<String>> rows = rows(connection, sql);
    return rows.get(0).get(0);
  }

  /** All rows, as text; "null" for NULL. */
  static List<List<String>> rows(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      List<List<String>> rows = new ArrayList<>();
      int columns = result.getMetaData().getColumnCount();
      while (result.next()) {
        List<String> row = new ArrayList<>();
        for (int i = 1; i <= columns; i++) {
          row.add(String.valueOf(result.getString(i)));
        }
        rows.add(row);
      }
      return rows;
    }
  }

  static int pid(Connection connection) throws SQLException {
    return connection.unwrap(PGConnection.class).getBackendPID();
  }

  /** Switches tracing on, into a file of its own. */
  static void trace(Connection connection, String identifier) throws SQLException {
    execute(connection, "SET pg_trace.tracefile_identifier = '" + identifier + "'");
    execute(connection, "SET pg_trace.enabled = on");
  }
}
