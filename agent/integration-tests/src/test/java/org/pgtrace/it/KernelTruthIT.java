package org.pgtrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;

/**
 * WAIT lines against the kernel's own trace of the same process: each read, write and sync that it
 * saw is one line with the same place and size, in the same order, and there is no other.
 */
@EachPlatform
class KernelTruthIT {
  private static final int TRIES = 10;
  private static final int BLOCK = 8192;
  private static final int BLOCKS_A_FILE = 131_072;
  private static final String CALL = "[rw] \\d+ \\d+|s";

  private static Site site;

  KernelTruthIT(Platform platform) {
    assertThat(site.server().platform()).isSameAs(platform);
  }

  /** Few buffers, so that blocks are read and written all the time; and writes that are synced. */
  @BeforeParameterizedClassInvocation
  static void start(Platform platform) throws SQLException {
    Map<String, String> settings =
        Settings.withoutIoWorkers(
            platform, Map.of("shared_buffers", "1MB", "pg_trace.ring_size", "16MB", "fsync", "on"));
    site = Site.started(platform, settings);
    site.server().psql(Sources.resource("crosscheck/setup.sql"), Map.of());
    try (Connection connection = site.server().connect()) {
      Sql.execute(connection, "CREATE TABLE written (id int PRIMARY KEY, v int, pad text)");
      Sql.execute(connection, "CHECKPOINT");
    }
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    site.close();
  }

  /** What bpftrace is to print of a process's calls: place and size in bytes, when they return. */
  private static String probes(long pid) {
    StringBuilder probes = new StringBuilder();
    String only = " /pid == " + pid + "/ ";
    for (String[] call :
        new String[][] {
          {"pread64", "pos", "r"},
          {"preadv", "pos_l", "r"},
          {"pwrite64", "pos", "w"},
          {"pwritev", "pos_l", "w"}
        }) {
      probes.append("tracepoint:syscalls:sys_enter_").append(call[0]).append(only);
      probes.append("{ @at[tid] = args->").append(call[1]).append("; } ");
      probes.append("tracepoint:syscalls:sys_exit_").append(call[0]).append(only);
      probes.append("{ ");
      probes.append(KernelTrace.tell(call[2] + " %d %d", "@at[tid], args->ret")).append(" } ");
    }
    // Not that with which the session gets its ring.
    probes.append("tracepoint:syscalls:sys_enter_fallocate /args->len < 16777216 && pid == ");
    probes.append(pid).append("/ ");
    probes.append("{ ");
    probes.append(KernelTrace.tell("w %d %d", "args->offset, args->len")).append(" } ");
    for (String call : List.of("fsync", "fdatasync", "sync_file_range")) {
      probes.append("tracepoint:syscalls:sys_enter_").append(call).append(only);
      probes.append("{ ").append(KernelTrace.tell("s", "")).append(" } ");
    }
    return probes.toString();
  }

  /** What the lines say, in whole blocks. */
  private static List<String> calls(Trace trace) {
    List<String> calls = new ArrayList<>();
    for (WaitLine line : WaitLine.of(trace)) {
      String name = line.name();
      if (line.isBlockRead()) {
        calls.add("r " + line.block() % BLOCKS_A_FILE * BLOCK + " " + line.blocks());
      } else if (name.equals("db file single write") || name.equals("Data file init write")) {
        calls.add("w " + line.block() % BLOCKS_A_FILE * BLOCK + " " + line.blocks());
      } else if (name.equals("direct path read temp")) {
        calls.add("r " + line.parameter(2) * BLOCK + " " + line.parameter(3));
      } else if (name.equals("direct path write temp")) {
        calls.add("w " + line.parameter(2) * BLOCK + " " + line.parameter(3));
      } else if (name.equals("log file parallel write")) {
        calls.add("w " + line.parameter(2) + " " + blocks(line.parameter(3)));
      } else if (name.equals("log file sync") || name.matches("IO: .*Sync")) {
        calls.add("s");
      } else if (name.matches("IO: .*Read")) {
        calls.add("r " + line.parameter(2) + " " + blocks(line.parameter(3)));
      } else if (name.matches("IO: .*Write")) {
        calls.add("w " + line.parameter(2) + " " + blocks(line.parameter(3)));
      }
    }
    return calls;
  }

  private static long blocks(long bytes) {
    return (bytes + BLOCK - 1) / BLOCK;
  }

  /** What the kernel says, in whole blocks. */
  private static String inBlocks(String call) {
    String[] parts = call.split(" ", -1);
    return parts.length < 3
        ? call
        : parts[0] + " " + parts[1] + " " + blocks(Long.parseLong(parts[2]));
  }

  private static void compare(String kinds, String... statements) throws Exception {
    boolean compared = false;
    // bpftrace does not always show something of a container's process, or all of it.
    for (int i = 0; i < TRIES && !compared; i++) {
      compared = compareOnce(kinds, kinds + i, statements);
    }
    assertThat(compared).as("the kernel's trace shows something").isTrue();
  }

  /** Returns false where the kernel's trace is empty, or has lost events. */
  private static boolean compareOnce(String kinds, String identifier, String... statements)
      throws Exception {
    Trace trace;
    List<String> theirs;
    try (Connection connection = site.server().connect()) {
      Sql.execute(connection, "SET effective_io_concurrency = 0");
      Sql.execute(connection, "SET maintenance_io_concurrency = 0");
      try (KernelTrace kernel =
          new KernelTrace(probes(site.server().hostPid(Sql.pid(connection))))) {
        Sql.trace(connection, identifier);
        for (String sql : statements) {
          Sql.execute(connection, sql);
        }
        Sql.execute(connection, "SET pg_trace.enabled = off");
        trace = site.daemon().switchedOff(identifier);
        theirs = kernel.lines(CALL);
      }
    }
    if (theirs.isEmpty()) {
      return false;
    }
    List<String> ours = calls(trace);
    assertThat(ours)
        .isEqualTo(theirs.stream().map(KernelTruthIT::inBlocks).toList())
        .hasSizeGreaterThan(20);
    for (String kind : kinds.split("_", -1)) {
      assertThat(ours).as(kind).anyMatch(call -> kind.startsWith(call.substring(0, 1)));
    }
    return true;
  }

  @Test
  void reads() throws Exception {
    compare("reads", "SELECT sum(val) FROM big WHERE grp < 20");
  }

  @Test
  void reads_and_writes_of_tables_and_temporary_files() throws Exception {
    compare(
        "reads_writes",
        "SET work_mem = '64kB'",
        "SELECT count(*) FROM (SELECT id FROM big ORDER BY md5(pad) LIMIT 2000 OFFSET 100) s",
        "CREATE TEMP TABLE mine AS SELECT * FROM small");
  }

  @Test
  void writes_and_syncs_of_commits() throws Exception {
    compare(
        "writes_syncs",
        "INSERT INTO written SELECT n + (SELECT coalesce(max(id), 0) FROM written), 0,"
            + " repeat('x', 500) FROM generate_series(1, 2000) n",
        "UPDATE written SET v = v + 1 WHERE id % 10 = 0",
        "DELETE FROM written WHERE id % 7 = 0",
        "CREATE TABLE made AS SELECT * FROM small",
        "DROP TABLE made");
  }
}
