package org.pgtrace.benchmarks;

import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** One backend with its settings, whose CPU is measured, and the client that keeps it busy. */
final class Subject implements AutoCloseable {
  private final String name;
  private final Connection connection;
  private final Workload.Client client;
  private final long pid;
  private final int perRound;

  Subject(Variant variant, Workload workload) throws SQLException {
    name = variant.name();
    perRound = workload.perRound();
    connection = variant.server().connect(variant.settings());
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT pg_backend_pid()")) {
      rows.next();
      pid = rows.getLong(1);
    }
    client = workload.client(connection);
  }

  String name() {
    return name;
  }

  /** Switches tracing on or off, outside of what is measured. */
  void trace(boolean on) throws SQLException {
    set("enabled", on ? "on" : "off");
  }

  /** Changes a setting of pg_trace, outside of what is measured. */
  void set(String setting, String value) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET pg_trace." + setting + " = '" + value + "'");
    }
  }

  /** Buffer hits of one execution, as the server counts them. */
  long hits() throws SQLException, IOException {
    long before = hitsCounted();
    round();
    return (hitsCounted() - before) / perRound;
  }

  private long hitsCounted() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("SELECT pg_stat_force_next_flush()");
      try (ResultSet rows =
          statement.executeQuery(
              "SELECT sum(heap_blks_hit + coalesce(idx_blks_hit, 0))::bigint"
                  + " FROM pg_statio_user_tables")) {
        rows.next();
        return rows.getLong(1);
      }
    }
  }

  /** What one execution took in one round. */
  record Cost(double cpuNs, double wallNs) {}

  /** Runs one round. */
  Cost round() throws SQLException, IOException {
    long cpu = Cpu.ofProcessNs(pid);
    long wall = System.nanoTime();
    for (int i = 0; i < perRound; i++) {
      client.execute();
    }
    wall = System.nanoTime() - wall;
    // The backend goes to sleep a little after its last answer.
    PrivateServer.pause(1);
    cpu = Cpu.ofProcessNs(pid) - cpu;
    return new Cost((double) cpu / perRound, (double) wall / perRound);
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
