package org.pgtrace.benchmarks;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Random;

/** What a client asks for, again and again. */
enum Workload {
  /** One row by its key, prepared: as {@code pgbench -M prepared -S}. */
  SELECT(200) {
    @Override
    Client client(Connection connection) throws SQLException {
      PreparedStatement select =
          connection.prepareStatement("SELECT abalance FROM pgbench_accounts WHERE aid = ?");
      Random random = new Random(SEED);
      return () -> {
        select.setInt(1, 1 + random.nextInt(ACCOUNTS));
        fetch(select);
      };
    }
  },

  /** The same where no row is in the buffers: each execution reads from the page cache. */
  MISS(100) {
    @Override
    void prepare(Connection connection) throws SQLException {
      try (Statement statement = connection.createStatement()) {
        statement.execute(
            "CREATE TABLE far AS SELECT g AS id, repeat('x', 3000) AS pad"
                + " FROM generate_series(1, 20000) g");
        statement.execute("ALTER TABLE far ADD PRIMARY KEY (id)");
        statement.execute("VACUUM ANALYZE far");
      }
    }

    @Override
    Client client(Connection connection) throws SQLException {
      PreparedStatement select =
          connection.prepareStatement("SELECT length(pad) FROM far WHERE id = ?");
      Random random = new Random(SEED);
      return () -> {
        select.setInt(1, 1 + random.nextInt(FAR));
        fetch(select);
      };
    }
  },

  /** The transaction of TPC-B, prepared: as {@code pgbench -M prepared}. */
  TPCB(40) {
    @Override
    Client client(Connection connection) throws SQLException {
      connection.setAutoCommit(false);
      return new TpcB(connection);
    }
  },

  /** A scan of 10,000 blocks that are all in buffers, one after the other. */
  SCAN(1) {
    @Override
    void prepare(Connection connection) throws SQLException {
      try (Statement statement = connection.createStatement()) {
        statement.execute(
            "CREATE TABLE wide WITH (fillfactor = 10) AS SELECT g AS id, repeat('x', 300) AS pad"
                + " FROM generate_series(1, 20000) g");
        statement.execute("VACUUM ANALYZE wide");
      }
    }

    @Override
    Client client(Connection connection) throws SQLException {
      PreparedStatement scan = connection.prepareStatement("SELECT count(*) FROM wide");
      return () -> fetch(scan);
    }
  },

  /** 50,000 look-ups in an index that is all in buffers: each block is of another relation. */
  LOOKUPS(1) {
    @Override
    Client client(Connection connection) throws SQLException {
      try (Statement statement = connection.createStatement()) {
        statement.execute("SET enable_hashjoin = off");
        statement.execute("SET enable_mergejoin = off");
        statement.execute("SET enable_memoize = off");
        statement.execute("SET max_parallel_workers_per_gather = 0");
      }
      PreparedStatement join =
          connection.prepareStatement(
              "SELECT count(a.abalance) FROM generate_series(1, 50000) g"
                  + " JOIN pgbench_accounts a ON a.aid = g * 7919 % 100000 + 1");
      return () -> fetch(join);
    }
  },

  /** A join of 200,000 rows with aggregation. */
  JOIN(1) {
    @Override
    void prepare(Connection connection) throws SQLException {
      try (Statement statement = connection.createStatement()) {
        statement.execute(
            "CREATE TABLE item AS SELECT g AS id, g % 100 AS kind FROM generate_series(1, 20000) g");
        statement.execute(
            "CREATE TABLE sale AS SELECT g AS id, g % 20000 + 1 AS item, g % 977 AS amount "
                + "FROM generate_series(1, 200000) g");
        statement.execute("VACUUM ANALYZE item");
        statement.execute("VACUUM ANALYZE sale");
      }
    }

    @Override
    Client client(Connection connection) throws SQLException {
      PreparedStatement join =
          connection.prepareStatement(
              "SELECT i.kind, count(*), sum(s.amount) FROM sale s JOIN item i ON i.id = s.item "
                  + "GROUP BY i.kind ORDER BY 2 DESC LIMIT 10");
      return () -> fetch(join);
    }
  };

  /** Executes once. */
  interface Client {
    void execute() throws SQLException;
  }

  private static final long SEED = 42;
  private static final int ACCOUNTS = 100_000;
  private static final int FAR = 20_000;

  private final int perRound;

  Workload(int perRound) {
    this.perRound = perRound;
  }

  /** Executions in one round: few, so that rounds that are compared share the moment. */
  int perRound() {
    return perRound;
  }

  /** Makes what is needed beside pgbench's own tables. */
  void prepare(Connection connection) throws SQLException {}

  abstract Client client(Connection connection) throws SQLException;

  private static void fetch(PreparedStatement query) throws SQLException {
    try (ResultSet rows = query.executeQuery()) {
      while (rows.next()) {
        rows.getInt(1);
      }
    }
  }

  /** Five statements and a commit. */
  private static final class TpcB implements Client {
    private static final int TELLERS = 10;

    private final Connection connection;
    private final List<PreparedStatement> updates;
    private final PreparedStatement balance;
    private final PreparedStatement insert;
    private final Random random = new Random(SEED);

    TpcB(Connection connection) throws SQLException {
      this.connection = connection;
      updates =
          List.of(
              update("accounts SET abalance = abalance + ? WHERE aid = ?"),
              update("tellers SET tbalance = tbalance + ? WHERE tid = ?"),
              update("branches SET bbalance = bbalance + ? WHERE bid = ?"));
      balance = connection.prepareStatement("SELECT abalance FROM pgbench_accounts WHERE aid = ?");
      insert =
          connection.prepareStatement(
              "INSERT INTO pgbench_history (tid, bid, aid, delta, mtime) "
                  + "VALUES (?, ?, ?, ?, CURRENT_TIMESTAMP)");
    }

    private PreparedStatement update(String rest) throws SQLException {
      return connection.prepareStatement("UPDATE pgbench_" + rest);
    }

    @Override
    public void execute() throws SQLException {
      int account = 1 + random.nextInt(ACCOUNTS);
      int teller = 1 + random.nextInt(TELLERS);
      int delta = random.nextInt(10_001) - 5000;
      change(0, delta, account);
      balance.setInt(1, account);
      fetch(balance);
      change(1, delta, teller);
      change(2, delta, 1);
      insert.setInt(1, teller);
      insert.setInt(2, 1);
      insert.setInt(3, account);
      insert.setInt(4, delta);
      insert.executeUpdate();
      connection.commit();
    }

    private void change(int statement, int delta, int key) throws SQLException {
      PreparedStatement update = updates.get(statement);
      update.setInt(1, delta);
      update.setInt(2, key);
      update.executeUpdate();
    }
  }
}
