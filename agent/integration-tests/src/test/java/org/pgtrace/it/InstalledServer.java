package org.pgtrace.it;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A private cluster of an installed PostgreSQL. */
final class InstalledServer extends PrivateCluster {
  private final Installation installation;
  private int port;
  private @Nullable Process process;

  InstalledServer(Platform.Installed platform, Map<String, String> settings) {
    super(platform, settings, Map.of("listen_addresses", "127.0.0.1"));
    this.installation = platform.installation();
  }

  @Override
  Path template() {
    return template(((Platform.Installed) platform()).installation());
  }

  private static synchronized Path template(Installation installation) {
    Path template = Scratch.shared("template");
    if (!Files.exists(template)) {
      List<String> command = new ArrayList<>();
      command.addAll(List.of(installation.program("initdb"), "-D", template.toString()));
      command.addAll(INITDB);
      Commands.run(Commands.asServerUser(command));
    }
    return template;
  }

  @Override
  public int port() {
    return port;
  }

  @Override
  int ownPort() {
    return port;
  }

  @Override
  public long pid() {
    if (process == null) {
      throw new IllegalStateException("the server does not run");
    }
    return process.pid();
  }

  @Override
  void launch() throws IOException {
    port = freePort();
    List<String> command =
        List.of(
            installation.program("postgres"), "-D", data().toString(), "-p", String.valueOf(port));
    process =
        Commands.start(Commands.asServerUser(command), Map.of("LC_ALL", "C"), folder(), logFile());
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @Override
  boolean isRunning() {
    return process != null && process.isAlive();
  }

  @Override
  public void stop(Stop how) {
    Process server = process;
    process = null;
    if (server != null && server.isAlive()) {
      Commands.signal(how.signal, server.pid());
      Commands.await(server, "server of " + data());
    }
  }

  @Override
  public void crash() {
    Process server = process;
    process = null;
    if (server != null) {
      List<ProcessHandle> children = server.children().toList();
      server.destroyForcibly();
      Commands.await(server, "server of " + data());
      Wait.until(
          "no process of the server is left",
          () -> children.stream().noneMatch(ProcessHandle::isAlive));
    }
  }

  @Override
  Commands.Result execute(
      List<String> command, Map<String, String> environment, Path workingFolder) {
    return Commands.execute(Commands.asServerUser(command), environment, workingFolder);
  }

  @Override
  String program(String name) {
    return name.equals("pg_regress")
        ? installation.pgRegress().toString()
        : installation.program(name);
  }

  @Override
  List<String> pgtrace() {
    return TraceDaemon.program();
  }

  @Override
  public List<String> daemonCommand(Path traceDirectory) {
    return TraceDaemon.command(ringDirectory(), traceDirectory);
  }

  @Override
  public void signal(String name, long pid) {
    Commands.signal(name, pid);
  }

  @Override
  public long hostPid(long pid) {
    return pid;
  }

  @Override
  public boolean isAlive(long pid) {
    return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
  }
}
