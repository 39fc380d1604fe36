package org.pgtrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;

/** What {@code pgtrace trace} cannot do: it says what, where, and the way out, and ends with 2. */
@EachPlatform
class TraceRefusalIT {
  /** One ring, and no daemon. */
  private static TracedServer server;

  private final Platform platform;

  TraceRefusalIT(Platform platform) {
    this.platform = platform;
  }

  @BeforeParameterizedClassInvocation
  static void start(Platform platform) {
    server = platform.started(Map.of("pg_trace.rings", "1", "logging_collector", "on"));
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    server.close();
  }

  private static String refusal(TracedServer of, long pid, String... options) {
    try (TraceProgram program = TraceProgram.start(of, pid, options)) {
      assertThat(program.await()).as(program.said()).isEqualTo(2);
      assertThat(program.out()).isEmpty();
      assertThat(program.said()).startsWith("pgtrace: ").doesNotContain("\tat ");
      return program.said();
    }
  }

  private static long firstProcess() throws SQLException {
    try (Connection session = server.connect()) {
      return ProcessHandle.of(server.hostPid(Sql.pid(session)))
          .flatMap(ProcessHandle::parent)
          .orElseThrow()
          .pid();
    }
  }

  @Test
  void a_process_that_is_not_there() {
    assertThat(refusal(server, 4_000_000))
        .contains("there is no process 4000000")
        .contains(server.segment().toString());
  }

  @Test
  void a_process_of_nobodys_server() {
    long self = ProcessHandle.current().pid();
    assertThat(refusal(server, self))
        .contains("process " + self)
        .contains("belongs to none of these servers: " + server.segment());
  }

  @Test
  void the_servers_first_process() throws SQLException {
    assertThat(refusal(server, firstProcess()))
        .contains("is the first one of the server")
        .contains("name one of its sessions");
  }

  @Test
  void the_logger() throws SQLException {
    long logger =
        ProcessHandle.of(firstProcess())
            .orElseThrow()
            .children()
            .map(ProcessHandle::pid)
            .filter(pid -> title(pid).contains("logger"))
            .findFirst()
            .orElseThrow();
    assertThat(refusal(server, logger)).contains("is the server's logger, which cannot be traced");
  }

  private static String title(long pid) {
    try {
      return Files.readString(Path.of("/proc/" + pid + "/cmdline"));
    } catch (IOException e) {
      return "";
    }
  }

  @Test
  void a_user_who_may_not() throws Exception {
    Path segment = server.segment();
    Set<PosixFilePermission> before = Files.getPosixFilePermissions(segment);
    try (Connection session = server.connect()) {
      for (String permissions : List.of("---------", "r--------")) {
        Files.setPosixFilePermissions(segment, PosixFilePermissions.fromString(permissions));
        assertThat(refusal(server, Sql.pid(session)))
            .contains(segment + ": open: Permission denied")
            .contains("run pgtrace as its owner, " + Files.getOwner(segment).getName());
      }
    } finally {
      Files.setPosixFilePermissions(segment, before);
    }
  }

  @Test
  void a_folder_without_a_segment() throws SQLException {
    Path empty = Scratch.folder("empty");
    try (Connection session = server.connect()) {
      assertThat(refusal(server, Sql.pid(session), "--segment", empty.resolve("none").toString()))
          .contains("no segment of a server was found")
          .contains("--ring-directory");
    }
  }

  /** Where no daemon reads, the ring of a session that has ended is in use, too. */
  @Test
  void a_server_without_a_free_ring() throws SQLException {
    try (Connection traced = server.connect();
        Connection session = server.connect()) {
      Sql.execute(traced, "SET pg_trace.enabled = on");
      assertThat(refusal(server, Sql.pid(session)))
          .contains("all 1 trace rings are in use")
          .contains("no daemon is attached, start \"pgtrace daemon\"")
          .contains(server.segment().toString());
    }
  }

  @Test
  void a_server_that_sees_no_requests() throws SQLException {
    try (TracedServer deaf = platform.started(Map.of("pg_trace.waits_provider", "none"));
        Connection session = deaf.connect()) {
      assertThat(refusal(deaf, Sql.pid(session)))
          .contains("cannot be switched on from outside: pg_trace.waits_provider is none")
          .contains(deaf.segment().toString());
    }
  }

  /** Without a daemon it is traced all the same, and that is said. */
  @Test
  void no_daemon_is_a_warning() throws SQLException {
    try (TracedServer alone = platform.started(Map.of());
        Connection session = alone.connect();
        TraceProgram program = TraceProgram.start(alone, Sql.pid(session))) {
      int pid = Sql.pid(session);
      Wait.until(
          "it is traced",
          () -> {
            Sql.rows(session, "SELECT 'poll'");
            return TraceProgram.levelOf(alone, pid) == 8;
          });
      assertThat(program.signal("INT")).isZero();
      assertThat(program.out()).isEmpty();
      assertThat(program.said())
          .contains("no pg_trace daemon is attached")
          .contains("there is no trace file yet");
    }
  }

  /** A file system of 1 MB: room for the header, not for a ring of 1 MB. */
  @Test
  void a_folder_without_room() throws SQLException {
    Assumptions.assumeTrue(Commands.isRoot(), "mount needs root");
    Path folder = Scratch.folder("tiny");
    Commands.Result mounted =
        Commands.execute(
            List.of("mount", "-t", "tmpfs", "-o", "size=1m,mode=1777", "none", folder.toString()),
            Map.of(),
            Path.of("/"));
    Assumptions.assumeTrue(mounted.status() == 0, "mount is not allowed here");
    try (TracedServer full =
            platform.started(
                Map.of(
                    "pg_trace.ring_directory", folder.toString(),
                    "pg_trace.ring_size", "1MB",
                    "pg_trace.rings", "2"));
        Connection session = full.connect()) {
      assertThat(refusal(full, Sql.pid(session), "--ring-directory", folder.toString()))
          .contains("could not reserve 1048576 bytes for a trace ring in folder " + folder)
          .contains("No space left on device")
          .contains("--shm-size", "pg_trace.ring_size", "pg_trace.ring_directory");
    } finally {
      Commands.run(List.of("umount", folder.toString()));
    }
  }
}
