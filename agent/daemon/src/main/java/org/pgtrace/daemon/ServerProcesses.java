package org.pgtrace.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.pgtrace.proc.ProcessIdentity;
import org.pgtrace.proc.ProcessLookup;
import org.pgtrace.proc.ProcessTable;
import org.pgtrace.ring.Layout;
import org.pgtrace.ring.RequestRefusedException;
import org.pgtrace.ring.SegmentReader;
import org.pgtrace.ring.SlotReader;

/**
 * Finds the process that a user means by a number: the one that it has here, or in the container of
 * its server. Asks no server.
 */
public final class ServerProcesses {
  private static final Pattern LOGGER = Pattern.compile("postgres: (.*: )?(sys)?logger");
  private static final Pattern WORKER =
      Pattern.compile("postgres: (.*: )?parallel worker for PID (\\d+)");

  private static final int TITLE_MAX = 60;

  private final List<Path> segments;
  private final ProcessTable processes;
  private final List<ServerProcess> here = new ArrayList<>();
  private final List<ServerProcess> inContainers = new ArrayList<>();
  private final List<Path> examined = new ArrayList<>();
  private final List<String> obstacles = new ArrayList<>();

  /**
   * @param segments those of the servers that are looked at
   */
  public ServerProcesses(List<Path> segments, ProcessTable processes) {
    this.segments = List.copyOf(segments);
    this.processes = processes;
  }

  /**
   * The process of that number.
   *
   * @param told hears which one was taken where that is not plain
   * @throws RequestRefusedException where there is none that can be traced, or more than one
   */
  public ServerProcess find(int pid, Consumer<String> told) throws RequestRefusedException {
    here.clear();
    inContainers.clear();
    examined.clear();
    obstacles.clear();
    for (Path segment : segments) {
      look(segment, pid);
    }
    ServerProcess found = choose(pid, told);
    checkKind(found);
    return found;
  }

  private void look(Path path, int pid) throws RequestRefusedException {
    try (SegmentReader segment = SegmentReader.open(path, SegmentReader.Access.READ)) {
      if (!segment.isServerAlive()) {
        obstacles.add(path + ": its server (pid " + segment.serverPid() + ") is over");
        return;
      }
      if (processes.resolve(segment.serverPid(), segment.serverStartTicks(), path)
          instanceof ProcessLookup.Found server) {
        examined.add(path);
        lookAt(segment, server.identity().pid(), pid);
      } else {
        lookAtSlots(segment, pid);
      }
    } catch (RequestRefusedException e) {
      throw e;
    } catch (IOException e) {
      obstacles.add(e.getMessage() + remedy(path));
    }
  }

  private void lookAt(SegmentReader segment, int server, int pid) throws RequestRefusedException {
    if (server == pid) {
      throw new RequestRefusedException(
          "process "
              + pid
              + " is the first one of the server of "
              + segment.path()
              + ", which is not traced itself: name one of its sessions");
    }
    for (ProcessIdentity child : processes.children(server)) {
      int own = processes.innermostPid(child.pid());
      ServerProcess process =
          new ServerProcess(segment.path(), own, child.startTicks(), child.pid());
      if (child.pid() == pid) {
        here.add(process);
      } else if (own == pid) {
        inContainers.add(process);
      }
    }
  }

  /** Of a server whose processes cannot be seen, those that have a slot are known. */
  private void lookAtSlots(SegmentReader segment, int pid) {
    for (SlotReader slot : segment.slots()) {
      if (slot.state() == Layout.SLOT_ACTIVE && slot.pid() == pid && slot.isProcessAlive()) {
        inContainers.add(new ServerProcess(segment.path(), pid, slot.startTicks(), 0));
        return;
      }
    }
    obstacles.add(
        segment.path()
            + ": the processes of its server cannot be seen from here: run pgtrace in its"
            + " container, or on the host");
  }

  private ServerProcess choose(int pid, Consumer<String> told) throws RequestRefusedException {
    if (!here.isEmpty()) {
      ServerProcess taken = here.get(0);
      for (ServerProcess other : inContainers) {
        told.accept(
            pid
                + " is also the number of process "
                + other.hostPid()
                + " in its container ("
                + other.segment()
                + "): process "
                + pid
                + " of this machine is taken");
      }
      return taken;
    }
    return switch (inContainers.size()) {
      case 0 -> throw new RequestRefusedException(nobody(pid));
      case 1 -> {
        ServerProcess taken = inContainers.get(0);
        if (taken.hostPid() != 0) {
          told.accept(pid + " is process " + taken.hostPid() + " here (" + taken.segment() + ")");
        }
        yield taken;
      }
      default ->
          throw new RequestRefusedException(
              pid
                  + " is the number of several processes in their containers: "
                  + inContainers.stream()
                      .map(p -> p.hostPid() + " here, of " + p.segment())
                      .collect(Collectors.joining("; "))
                  + "; give the number that it has here, or --segment");
    };
  }

  private String nobody(int pid) {
    if (segments.isEmpty()) {
      return "no segment of a server was found: start the server with shared_preload_libraries ="
          + " 'pg_trace', and name its pg_trace.ring_directory with --ring-directory where it is not"
          + " /dev/shm; run pgtrace as the server's user where that folder is its alone";
    }
    List<String> lines = new ArrayList<>();
    if (!examined.isEmpty()) {
      String servers = examined.stream().map(Path::toString).collect(Collectors.joining(", "));
      String title = processes.title(pid);
      lines.add(
          processes.find(pid) instanceof ProcessLookup.Found
              ? "process "
                  + pid
                  + " ("
                  + title.substring(0, Math.min(title.length(), TITLE_MAX))
                  + ") belongs to none of these servers: "
                  + servers
              : "there is no process "
                  + pid
                  + ", neither here nor in the container of one of these servers: "
                  + servers);
    }
    lines.addAll(obstacles);
    return String.join("\n  ", lines);
  }

  private void checkKind(ServerProcess process) throws RequestRefusedException {
    String title = process.hostPid() == 0 ? "" : processes.title(process.hostPid());
    if (LOGGER.matcher(title).matches()) {
      throw new RequestRefusedException(
          process.name() + " is the server's logger, which cannot be traced");
    }
    Matcher worker = WORKER.matcher(title);
    if (worker.matches()) {
      throw new RequestRefusedException(
          process.name() + " is a parallel worker: trace its leader, process " + worker.group(2));
    }
  }

  /** What helps where a segment cannot be opened. */
  static String remedy(Path segment) {
    try {
      boolean ours = Files.isReadable(segment) && Files.isWritable(segment);
      return ours
          ? ""
          : ": run pgtrace as its owner, "
              + Files.getOwner(segment, LinkOption.NOFOLLOW_LINKS).getName()
              + ", or as root";
    } catch (IOException e) {
      return "";
    }
  }
}
