package org.pgtrace.it;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;

/**
 * A PostgreSQL with pg_trace. Two roles of the cluster are there: {@code postgres}, and {@code
 * plain}, which has no privileges.
 */
interface TracedServer extends AutoCloseable {
  /** How a server is stopped. */
  enum Stop {
    FAST("INT"),
    IMMEDIATE("QUIT");

    final String signal;

    Stop(String signal) {
      this.signal = signal;
    }
  }

  /** The cluster's name, different for each server. */
  String cluster();

  /** TCP port on 127.0.0.1. */
  int port();

  /** Folder of the segment file. */
  Path ringDirectory();

  /** The segment file of the running server. */
  Path segment();

  /** Process id of the running server. */
  long pid();

  /** What the server has logged. */
  String log();

  void start();

  void stop(Stop how);

  /** A new session; options as {@code -c name=value} of a client. */
  Connection connect(String user, Map<String, String> settings) throws SQLException;

  default Connection connect() throws SQLException {
    return connect("postgres", Map.of());
  }

  /** Runs a script in a session of psql, and gives all that it printed. */
  String psql(Path script, Map<String, String> settings);

  /** Stops the server if it runs and removes all of it. */
  @Override
  void close();
}
