package org.pgtrace.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.github.dockerjava.api.model.AccessMode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.testcontainers.containers.Container.ExecResult;
import org.testcontainers.containers.ExecConfig;
import org.testcontainers.containers.GenericContainer;

/**
 * A private cluster whose programs are those of an image. Its folder is the test's own: ring, log
 * and sockets are seen from outside, where the daemon runs.
 */
final class ContainerServer extends PrivateCluster {
  private static final int PORT = 5432;

  private final boolean needsIoUring;
  private @Nullable GenericContainer<?> container;

  ContainerServer(Platform.Container platform, Map<String, String> settings) {
    super(platform, settings, Map.of("listen_addresses", "*"));
    needsIoUring = "io_uring".equals(settings.get("io_method"));
  }

  /** A container of the platform's image that does nothing, and sees the tests' folders. */
  private static GenericContainer<?> image(SupportedMajor major, String... command) {
    return Containers.ofServerUser(
            major,
            Containers.bind(Scratch.root(), Scratch.root(), AccessMode.rw),
            Containers.bind(Sources.file(""), Sources.file(""), AccessMode.ro))
        .withCreateContainerCmdModifier(
            create -> create.withEntrypoint(command).withCmd(List.of()));
  }

  @Override
  Path template() {
    return template(platform().major());
  }

  private static synchronized Path template(SupportedMajor major) {
    Path template = Scratch.shared("template" + major.number());
    if (!Files.exists(template)) {
      List<String> command = new ArrayList<>();
      command.addAll(List.of(program(major, "initdb"), "-D", template.toString()));
      command.addAll(INITDB);
      try (GenericContainer<?> container = image(major, "sleep", "600")) {
        container.start();
        Commands.Result made = execute(container, command, Map.of(), Path.of("/"));
        if (made.status() != 0) {
          throw new IllegalStateException(made.output());
        }
        Files.writeString(
            template.resolve("pg_hba.conf"),
            "local all all trust\nhost all all all trust\n"
                + "local replication all trust\nhost replication all all trust\n",
            UTF_8);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return template;
  }

  private static String program(SupportedMajor major, String name) {
    String home = "/usr/lib/postgresql/" + major.number();
    return name.equals("pg_regress")
        ? home + "/lib/pgxs/src/test/regress/pg_regress"
        : home + "/bin/" + name;
  }

  @Override
  String program(String name) {
    return program(platform().major(), name);
  }

  @Override
  void launch() throws IOException {
    GenericContainer<?> started =
        image(
                platform().major(),
                "sh",
                "-c",
                "exec \"$0\" -D \"$1\" >>\"$2\" 2>&1",
                program("postgres"),
                data().toString(),
                logFile().toString())
            .withExposedPorts(PORT);
    if (needsIoUring) {
      // The engine's own filter of system calls does not let it through.
      started.withCreateContainerCmdModifier(
          create ->
              Objects.requireNonNull(create.getHostConfig())
                  .withSecurityOpts(List.of("seccomp=unconfined")));
    }
    started.start();
    container = started;
  }

  private GenericContainer<?> running() {
    GenericContainer<?> now = container;
    if (now == null) {
      throw new IllegalStateException("the server does not run");
    }
    return now;
  }

  @Override
  boolean isRunning() {
    return container != null && container.isRunning();
  }

  @Override
  public int port() {
    return running().getMappedPort(PORT);
  }

  @Override
  int ownPort() {
    return PORT;
  }

  @Override
  public long pid() {
    return 1;
  }

  @Override
  public void stop(Stop how) {
    end(how.signal);
  }

  @Override
  public void crash() {
    end("KILL");
  }

  private void end(String signal) {
    GenericContainer<?> now = container;
    container = null;
    if (now != null) {
      if (now.isRunning()) {
        now.getDockerClient().killContainerCmd(now.getContainerId()).withSignal(signal).exec();
        Wait.until("the container has ended", () -> !now.isRunning());
      }
      now.stop();
    }
  }

  @Override
  Commands.Result execute(
      List<String> command, Map<String, String> environment, Path workingFolder) {
    return execute(running(), command, environment, workingFolder);
  }

  private static Commands.Result execute(
      GenericContainer<?> in,
      List<String> command,
      Map<String, String> environment,
      Path workingFolder) {
    try {
      ExecResult result =
          in.execInContainer(
              ExecConfig.builder()
                  .command(command.toArray(new String[0]))
                  .envVars(environment)
                  .workDir(workingFolder.toString())
                  .build());
      return new Commands.Result(result.getExitCode(), result.getStdout() + result.getStderr());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  List<String> pgtrace() {
    return List.of("pgtrace");
  }

  @Override
  public List<String> daemonCommand(Path traceDirectory) {
    return List.of(
        "pgtrace",
        "daemon",
        "--ring-directory",
        ringDirectory().toString(),
        "--trace-dir",
        traceDirectory.toString());
  }

  @Override
  public void signal(String name, long pid) {
    Commands.Result result = kill(name, pid);
    if (result.status() != 0) {
      throw new IllegalStateException(result.output());
    }
  }

  /** The cluster's name is in the title of each process. */
  @Override
  public long hostPid(long pid) {
    try (var processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path process : processes) {
        if (read(process.resolve("cmdline")).contains(": " + cluster() + ": ")
            && read(process.resolve("status"))
                .matches("(?s).*\\nNSpid:[^\\n]*\\t" + pid + "\\n.*")) {
          return Long.parseLong(String.valueOf(process.getFileName()));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    throw new IllegalStateException("no process of " + cluster() + " is " + pid + " there");
  }

  private static String read(Path file) {
    try {
      return Files.readString(file, UTF_8);
    } catch (IOException e) {
      return "";
    }
  }

  @Override
  public boolean isAlive(long pid) {
    return isRunning() && kill("0", pid).status() == 0;
  }

  private Commands.Result kill(String signal, long pid) {
    return execute(List.of("sh", "-c", "kill -" + signal + " " + pid), Map.of(), Path.of("/"));
  }
}
