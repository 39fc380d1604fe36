package org.pgtrace.it;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;

/**
 * A PostgreSQL with pg_trace: a private cluster in a scratch folder, which tests see under the same
 * path as the server does. Two roles of the cluster are there: {@code postgres}, and {@code plain},
 * which has no privileges.
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

  Platform platform();

  /** The cluster's name, different for each server. */
  String cluster();

  /** TCP port on 127.0.0.1 of this machine. */
  int port();

  /** Folder of the segment file. */
  Path ringDirectory();

  /** The segment file of the running server. */
  Path segment();

  /** Process id of the running server, as it knows it itself. */
  long pid();

  /** What the server has logged. */
  String log();

  /** Adds a line to postgresql.conf; the last one of a setting is in force. */
  void set(String setting, String value);

  void start();

  void stop(Stop how);

  /** Kills the server's first process, as the kernel does when memory is short. */
  void crash();

  /** Whether a session can be had now. */
  boolean accepts();

  /** A new session; options as {@code -c name=value} of a client. */
  Connection connect(String user, Map<String, String> settings) throws SQLException;

  default Connection connect() throws SQLException {
    return connect("postgres", Map.of());
  }

  /** Runs a script in a session of psql, and gives all that it printed. */
  String psql(Path script, Map<String, String> settings);

  /** Runs pgbench of the server's version, whose sessions have the settings. */
  String pgbench(Map<String, String> settings, String... options);

  /** Runs the extension's pg_regress files against this server. */
  Commands.Result regress(List<String> tests, Path output);

  /** Runs the program where the server runs, as its user. */
  Commands.Result pgtrace(String... arguments);

  /** A daemon's command line, for {@code pg_trace.daemon_command}. */
  List<String> daemonCommand(Path traceDirectory);

  /** Sends a signal to a process, whose number is the server's. */
  void signal(String name, long pid);

  /** The file of a table, whose first segment it is. */
  default Path dataFile(Connection connection, String table) throws SQLException {
    String file = Sql.value(connection, "SELECT pg_relation_filepath('" + table + "')");
    return ringDirectory().resolveSibling("data").resolve(file);
  }

  /**
   * Gives a session the processor before all others that want it, where that is permitted: nothing
   * of the machine but its hypervisor takes it away between two points that are timed.
   */
  default void giveProcessor(Connection session) throws SQLException {
    String pid = String.valueOf(hostPid(Sql.pid(session)));
    Commands.execute(List.of("chrt", "-f", "-p", "1", pid), Map.of(), Path.of("/"));
  }

  /** What a process of the server is called outside of its container. */
  long hostPid(long pid);

  /** Whether a process is there, whose number is the server's. */
  boolean isAlive(long pid);

  /** Stops the server if it runs and removes all of it. */
  @Override
  void close();
}
