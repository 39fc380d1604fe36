package org.pgtrace.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Child processes. None of them outlives this JVM. */
final class Commands {
  private static final long TIMEOUT_S = 120;
  private static final String SERVER_USER = "postgres";
  private static final Set<Process> RUNNING = ConcurrentHashMap.newKeySet();

  static {
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> RUNNING.forEach(Process::destroyForcibly)));
  }

  private Commands() {}

  /** What a command that has ended has left. */
  record Result(int status, String output) {}

  static boolean isRoot() {
    return "root".equals(System.getProperty("user.name"));
  }

  /** A server never runs as root: root gives the command to the user postgres. */
  static List<String> asServerUser(List<String> command) {
    if (!isRoot()) {
      return command;
    }
    List<String> all =
        new ArrayList<>(
            List.of(
                "setpriv",
                "--reuid=" + SERVER_USER,
                "--regid=" + SERVER_USER,
                "--init-groups",
                "--"));
    all.addAll(command);
    return all;
  }

  /**
   * As root, without some of its privileges.
   *
   * @param without names of capabilities, {@code sys_ptrace}; empty: with all
   */
  static List<String> asRoot(String without, List<String> command) {
    if (without.isEmpty()) {
      return command;
    }
    List<String> all = new ArrayList<>(List.of("setpriv", "--bounding-set=-" + without, "--"));
    all.addAll(command);
    return all;
  }

  /** {@code uid:gid} of the server's user. */
  static String serverUserId() {
    String user = isRoot() ? SERVER_USER : System.getProperty("user.name");
    return run(List.of("id", "-u", user)).strip() + ":" + run(List.of("id", "-g", user)).strip();
  }

  /** Starts a process whose output goes to a file. */
  static Process start(List<String> command, Map<String, String> environment, Path folder, Path log)
      throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    builder.directory(folder.toFile());
    builder.redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    return started(builder);
  }

  /** The same, with its messages in another file than its output. */
  static Process start(List<String> command, Path output, Path messages) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.directory(new java.io.File("/"));
    builder.redirectOutput(output.toFile());
    builder.redirectError(messages.toFile());
    return started(builder);
  }

  private static Process started(ProcessBuilder builder) throws IOException {
    builder.redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")));
    Process process = builder.start();
    RUNNING.add(process);
    process
        .onExit()
        .thenAccept(RUNNING::remove)
        .exceptionally(
            e -> {
              throw new IllegalStateException(e);
            });
    return process;
  }

  /** Runs a command to its end. */
  static Result execute(List<String> command, Map<String, String> environment, Path folder) {
    try {
      Path output = Files.createTempFile("pgtrace-it", ".out");
      try {
        Process process = start(command, environment, folder, output);
        int status = await(process, String.join(" ", command));
        return new Result(status, Files.readString(output, UTF_8));
      } finally {
        Files.delete(output);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs a command that has to succeed, and gives what it printed. */
  static String run(List<String> command) {
    return run(command, Map.of());
  }

  static String run(List<String> command, Map<String, String> environment) {
    Result result = execute(command, environment, Path.of("/"));
    if (result.status() != 0) {
      throw new IllegalStateException(
          String.join(" ", command) + ": status " + result.status() + "\n" + result.output());
    }
    return result.output();
  }

  /** The exit status; a process that does not end in time is killed, and that is an error. */
  static int await(Process process, String what) {
    try {
      if (process.waitFor(TIMEOUT_S, TimeUnit.SECONDS)) {
        return process.exitValue();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    process.destroyForcibly();
    throw new IllegalStateException(what + ": has not ended in " + TIMEOUT_S + " s");
  }

  /** Sends a signal to one process. */
  static void signal(String name, long pid) {
    run(List.of("kill", "-" + name, String.valueOf(pid)));
  }
}
