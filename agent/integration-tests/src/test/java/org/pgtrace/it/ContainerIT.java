package org.pgtrace.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.github.dockerjava.api.model.AccessMode;
import com.github.dockerjava.api.model.Bind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;
import org.testcontainers.containers.GenericContainer;

/** The images as users run them: one container, or a daemon beside the server's. */
@EachContainer
class ContainerIT {
  private static final int PORT = 5432;
  private static final int FIRST_WITH_IO_WORKERS = 18;
  private static final Path RING = Path.of("/run/pg_trace");
  private static final Path TRACES = Path.of("/var/log/pg_trace");

  private final SupportedMajor major;

  ContainerIT(Platform platform) {
    major = platform.major();
  }

  /** A server as its image starts it, with further settings. */
  private GenericContainer<?> server(String settings, Bind... folders) {
    GenericContainer<?> server =
        folders.length == 0
            ? Containers.of(major)
            // The image's own folder belongs to its own user.
            : Containers.ofServerUser(major, folders).withEnv("PGDATA", "/tmp/data");
    server.withEnv("POSTGRES_PASSWORD", "secret").withExposedPorts(PORT);
    if (!settings.isEmpty()) {
      List<String> command =
          new ArrayList<>(List.of("postgres", "-c", "shared_preload_libraries=pg_trace"));
      for (String setting : settings.split(" ", -1)) {
        command.addAll(List.of("-c", setting));
      }
      server.withCommand(command.toArray(new String[0]));
    }
    server.start();
    try {
      Wait.until("the server accepts sessions", Containers.PATIENCE, () -> accepts(server));
    } catch (AssertionError e) {
      String log = server.getLogs();
      server.stop();
      throw new AssertionError(log, e);
    }
    return server;
  }

  private static boolean accepts(GenericContainer<?> server) {
    try (Connection connection = connect(server)) {
      // The server that the image's first start runs for itself is not reached from outside.
      return connection.isValid(5);
    } catch (SQLException e) {
      return false;
    }
  }

  private static Connection connect(GenericContainer<?> server) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:" + server.getMappedPort(PORT) + "/postgres",
        "postgres",
        "secret");
  }

  private static String run(GenericContainer<?> in, String script) {
    try {
      var result = in.execInContainer("sh", "-c", script);
      return result.getStdout() + result.getStderr();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static String health(GenericContainer<?> container) {
    return Optional.ofNullable(container.getCurrentContainerInfo().getState().getHealth())
        .map(health -> String.valueOf(health.getStatus()))
        .orElse("none");
  }

  @Test
  void one_container_is_all_that_it_takes() throws SQLException {
    try (GenericContainer<?> server = server("")) {
      assertThat(run(server, "id -un")).isEqualTo("postgres\n");
      assertThat(run(server, "df -m /dev/shm | awk 'END { print $2 }'"))
          .as("Docker's default, in MB")
          .isEqualTo("64\n");
      try (Connection connection = connect(server)) {
        Wait.until(
            "the daemon is attached",
            () -> run(server, "pgtrace-healthy daemon; echo $?").equals("0\n"));
        Sql.trace(connection, "one");
        Sql.execute(connection, "SELECT 'hello'");
        Wait.until(
            "the session knows its file",
            () -> !Sql.value(connection, "SELECT pg_trace_file()").equals("null"));
        String file = Sql.value(connection, "SELECT pg_trace_file()");
        assertThat(file).startsWith("/var/log/pg_trace/").endsWith("_one.trc");
        Wait.until(
            "the statement is in the trace",
            () -> run(server, "cat " + file).contains("\nSELECT 'hello'\nEND OF STMT\n"));
      }
      Wait.until("it is healthy", Containers.PATIENCE, () -> health(server).equals("healthy"));
    }
  }

  @Test
  void a_full_shared_memory_is_an_error_of_the_session_that_says_what_to_do() throws SQLException {
    try (GenericContainer<?> server = server("pg_trace.daemon_command=")) {
      List<Connection> traced = new ArrayList<>();
      Optional<PSQLException> error = Optional.empty();
      try {
        // Rings of 4 MB in 64 MB, one or two a session.
        while (error.isEmpty() && traced.size() < 20) {
          Connection connection = connect(server);
          traced.add(connection);
          error =
              Optional.ofNullable(
                  catchThrowableOfType(
                      PSQLException.class,
                      () -> Sql.execute(connection, "SET pg_trace.enabled = on")));
        }
        ServerErrorMessage message =
            Objects.requireNonNull(error.orElseThrow().getServerErrorMessage());
        assertThat(message.getMessage()).contains("4194304 bytes", "/dev/shm", "No space left");
        assertThat(message.getHint()).contains("--shm-size", "pg_trace.ring_directory");
        boolean twoRings = major.number() >= FIRST_WITH_IO_WORKERS;
        assertThat(traced).hasSizeGreaterThan(twoRings ? 7 : 10);
        if (twoRings) {
          // The last one that is traced has had room for one of them alone.
          assertThat(aio(traced.get(0))).startsWith("t ");
          assertThat(aio(traced.get(traced.size() - 2)))
              .startsWith("f ")
              .contains("no room for the session's workers' ring");
        }
        for (Connection connection : traced) {
          assertThat(Sql.value(connection, "SELECT 1")).isEqualTo("1");
        }
        try (Connection another = connect(server)) {
          assertThat(Sql.value(another, "SELECT count(*) > 0 FROM pg_class")).isEqualTo("t");
        }
      } finally {
        for (Connection connection : traced) {
          connection.close();
        }
      }
      assertThat(server.getLogs()).doesNotContain("PANIC", "was terminated by signal");
    }
  }

  /** What the session says of reads by others. */
  private static String aio(Connection connection) throws SQLException {
    return Sql.value(
        connection,
        "SELECT left(available::text, 1) || ' ' || detail FROM pg_trace_capabilities()"
            + " WHERE name = 'aio'");
  }

  @Test
  void a_daemon_in_a_container_beside_the_server_s_drains_it() throws SQLException {
    daemonBeside("its processes seen", true);
  }

  /** Without {@code pid: service:db} the daemon cannot see the server's processes. */
  @Test
  void a_daemon_that_cannot_see_the_server_s_processes_drains_it_too() throws SQLException {
    daemonBeside("its processes not seen", false);
  }

  private void daemonBeside(String what, boolean sharesPids) throws SQLException {
    Path ring = Scratch.folder("ring");
    Path traces = Scratch.folder("traces");
    Bind[] folders = {
      Containers.bind(ring, RING, AccessMode.rw), Containers.bind(traces, TRACES, AccessMode.rw)
    };
    try (GenericContainer<?> server =
            server("pg_trace.daemon_command= pg_trace.ring_directory=" + RING, folders);
        GenericContainer<?> daemon =
            Containers.ofServerUser(major, folders)
                .withCommand(
                    "pgtrace", "daemon", "--ring-directory=" + RING, "--trace-dir=" + TRACES)
                .withCreateContainerCmdModifier(
                    create -> {
                      if (sharesPids) {
                        Objects.requireNonNull(create.getHostConfig())
                            .withPidMode("container:" + server.getContainerId());
                      }
                    })) {
      daemon.start();
      String check = "pgtrace-healthy daemon " + RING + "; echo $?";
      Wait.until("the daemon is attached", () -> run(daemon, check).equals("0\n"));
      try (Connection connection = connect(server)) {
        Sql.trace(connection, "beside");
        Sql.execute(connection, "SELECT '" + what + "'");
        // Longer than a daemon takes to look whether the processes are alive.
        Wait.sleep(4000);
        Sql.execute(connection, "SELECT 'still here'");
      }
      Path file = only(traces);
      Wait.until("it is whole", () -> Trace.text(file).contains("*** SESSION END:(process ended)"));
      Trace trace = Trace.read(file);
      assertThat(trace.calls("FETCH", "SELECT '" + what + "'")).hasSize(1);
      assertThat(trace.calls("FETCH", "SELECT 'still here'")).hasSize(1);

      // A killed server is noticed: its segment is written and removed.
      try (Connection connection = connect(server)) {
        Sql.trace(connection, "killed");
        Sql.execute(connection, "SELECT 'the last'");
        server.getDockerClient().killContainerCmd(server.getContainerId()).exec();
      }
      if (!sharesPids) {
        Wait.until("the segment is removed", () -> isEmpty(ring));
        assertThat(daemon.isRunning()).isTrue();
      }
    }
  }

  private static Path only(Path folder) {
    List<Path> found = new ArrayList<>();
    Wait.until(
        "a trace file",
        () -> {
          try (var files = Files.list(folder)) {
            found.clear();
            files.forEach(found::add);
          }
          return found.size() == 1;
        });
    return found.get(0);
  }

  private static boolean isEmpty(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      return files.findAny().isEmpty();
    }
  }

  /** Both are process 1 of a cluster of the same name. */
  @Test
  void two_servers_may_share_a_ring_directory() throws SQLException {
    Path rings = Scratch.folder("rings");
    Map<String, String> settings =
        Map.of("cluster_name", "twin", "pg_trace.ring_directory", rings.toString());
    Platform platform = new Platform.Container(major);
    try (TracedServer one = platform.started(settings);
        TracedServer two = platform.started(settings);
        TraceDaemon daemon = TraceDaemon.over(rings)) {
      for (TracedServer server : List.of(one, two)) {
        try (Connection connection = server.connect()) {
          Sql.trace(connection, server.cluster());
          Sql.execute(connection, "SELECT '" + server.cluster() + "'");
        }
      }
      daemon.start();
      for (TracedServer server : List.of(one, two)) {
        Trace trace = daemon.ended(server.cluster());
        assertThat(trace.calls("FETCH", "SELECT '" + server.cluster() + "'")).hasSize(1);
      }
    }
  }
}
