package org.pgtrace.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Child processes, as the user that servers run as. */
final class Commands {
  private static final String SERVER_USER = "postgres";
  private static final long PATIENCE_S = 60;

  private static final Set<Process> STARTED = ConcurrentHashMap.newKeySet();

  static {
    // Whoever stops the benchmark in the middle leaves no server behind.
    Runtime.getRuntime().addShutdownHook(new Thread(() -> STARTED.forEach(Process::destroy)));
  }

  private Commands() {}

  /** Runs a command that must succeed, and gives what it printed. */
  static String run(Map<String, String> environment, List<String> command) throws IOException {
    ProcessBuilder builder = builder(environment, command);
    Process process = builder.redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    int status = waitFor(process);
    if (status != 0) {
      throw new IOException(String.join(" ", command) + ": status " + status + "\n" + output);
    }
    return output;
  }

  static String run(String... command) throws IOException {
    return run(Map.of(), List.of(command));
  }

  /** Starts a process whose output goes to a file. */
  static Process start(Map<String, String> environment, List<String> command, Path log)
      throws IOException {
    ProcessBuilder builder = builder(environment, command);
    builder.redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    Process process = builder.start();
    STARTED.add(process);
    return process;
  }

  /** Ends a process with SIGTERM, and with SIGKILL where that does not help. */
  static void terminate(Process process) throws IOException {
    process.destroy();
    waitFor(process);
  }

  /** Ends a server at once, with SIGINT: its clients are cut off. */
  static void interrupt(Process process) throws IOException {
    if (process.isAlive()) {
      run("kill", "-INT", Long.toString(process.pid()));
      waitFor(process);
    }
  }

  static int waitFor(Process process) throws IOException {
    try {
      if (!process.waitFor(PATIENCE_S, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
        throw new IOException("process " + process.pid() + " did not end by itself");
      }
      STARTED.remove(process);
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  private static ProcessBuilder builder(Map<String, String> environment, List<String> command) {
    List<String> all = new ArrayList<>();
    if ("root".equals(System.getProperty("user.name"))) {
      // A server never runs as root.
      all.addAll(List.of("setpriv", "--reuid=" + SERVER_USER, "--regid=" + SERVER_USER));
      all.addAll(List.of("--init-groups", "--"));
    }
    all.addAll(command);
    ProcessBuilder builder = new ProcessBuilder(all);
    builder.environment().putAll(environment);
    builder.redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")));
    builder.directory(new File("/"));
    return builder;
  }
}
