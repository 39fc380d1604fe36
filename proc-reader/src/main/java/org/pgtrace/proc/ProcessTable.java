package org.pgtrace.proc;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The processes of a machine, as a proc file system shows them. */
public final class ProcessTable {
  private static final byte[] NSPID = ProcText.key("NSpid:");

  private final Path root;

  /** Reads below {@code root}, which is /proc except in tests. */
  public ProcessTable(Path root) {
    this.root = root;
  }

  /** The processes of this machine. */
  public static ProcessTable system() {
    return new ProcessTable(Path.of("/proc"));
  }

  /** Who has this pid now. */
  public ProcessLookup find(int pid) {
    StatFields stat = new StatFields(StatFields.START_TICKS);
    Parser.Outcome outcome;
    try {
      outcome = stat.parse(text(pid, "stat"));
    } catch (NoSuchFileException e) {
      return new ProcessLookup.Gone(pid);
    } catch (AccessDeniedException e) {
      return new ProcessLookup.NotPermitted(pid, "may not read " + e.getFile());
    } catch (IOException e) {
      // A process that ends while its file is read: "No such process".
      return exists(pid)
          ? new ProcessLookup.NotPermitted(pid, String.valueOf(e.getMessage()))
          : new ProcessLookup.Gone(pid);
    }
    if (outcome != Parser.Outcome.UNDERSTOOD) {
      return new ProcessLookup.NotPermitted(pid, "its stat file cannot be understood");
    }
    if (stat.hasEnded()) {
      return new ProcessLookup.Gone(pid);
    }
    long startTicks = stat.number(StatFields.START_TICKS);
    return new ProcessLookup.Found(new ProcessIdentity(pid, startTicks));
  }

  /**
   * Who it is that calls itself by this pid, in whatever PID namespace below this one: a server in
   * a container knows its processes by other numbers than who looks at them from outside. The start
   * time, which is the same everywhere, tells processes with the same number apart; and where
   * containers were started at the same moment, a file does.
   *
   * @param startTicks field 22 of the process's stat file, as it reads it itself
   * @param mapped a file that the process has mapped
   */
  public ProcessLookup resolve(int pid, long startTicks, Path mapped) {
    ProcessIdentity same = new ProcessIdentity(pid, startTicks);
    if (find(pid) instanceof ProcessLookup.Found found
        && found.identity().equals(same)
        && innermostPid(pid) == pid) {
      return found;
    }
    List<ProcessIdentity> all = new ArrayList<>();
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(root, "[0-9]*")) {
      for (Path folder : folders) {
        int outer = pidOf(folder);
        if (find(outer) instanceof ProcessLookup.Found found
            && found.identity().startTicks() == startTicks
            && innermostPid(outer) == pid) {
          all.add(found.identity());
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      return new ProcessLookup.NotPermitted(pid, "cannot list " + root);
    }
    if (all.isEmpty()) {
      return new ProcessLookup.Gone(pid);
    }
    if (all.size() > 1) {
      all.removeIf(process -> !hasMapped(process.pid(), mapped));
    }
    return all.size() == 1
        ? new ProcessLookup.Found(all.get(0))
        : new ProcessLookup.NotPermitted(pid, "several processes started at its moment");
  }

  /** By its number and its name, as its folder may be called otherwise in a container. */
  private boolean hasMapped(int pid, Path file) {
    try {
      String inode = " " + Files.getAttribute(file, "unix:ino") + " ";
      String name = "/" + file.getFileName();
      String maps = Files.readString(folder(pid).resolve("maps"), StandardCharsets.ISO_8859_1);
      return maps.lines().anyMatch(map -> map.contains(inode) && map.endsWith(name));
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }

  /** The processes that this one has started and that run now. */
  public List<ProcessIdentity> children(int pid) {
    List<ProcessIdentity> all = new ArrayList<>();
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(root, "[0-9]*")) {
      for (Path folder : folders) {
        int child = pidOf(folder);
        if (parent(child) == pid && find(child) instanceof ProcessLookup.Found found) {
          all.add(found.identity());
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      return List.of();
    }
    return all;
  }

  private int parent(int pid) {
    StatFields stat = new StatFields(StatFields.START_TICKS);
    try {
      return stat.parse(text(pid, "stat")) == Parser.Outcome.UNDERSTOOD
          ? (int) stat.number(StatFields.PARENT)
          : -1;
    } catch (IOException e) {
      return -1;
    }
  }

  /** What the process shows as its command line; empty where that cannot be read. */
  public String title(int pid) {
    try {
      byte[] line = Files.readAllBytes(folder(pid).resolve("cmdline"));
      return new String(line, StandardCharsets.UTF_8).replace('\0', ' ').strip();
    } catch (IOException e) {
      return "";
    }
  }

  /** What the process calls itself, in the innermost PID namespace that it is in; -1: not known. */
  public int innermostPid(int pid) {
    long innermost = -1;
    try {
      ProcText status = text(pid, "status");
      status.line(NSPID);
      while (status.isUnderstood() && status.hasMore()) {
        innermost = status.number();
      }
      return status.isUnderstood() ? (int) innermost : -1;
    } catch (IOException e) {
      return -1;
    }
  }

  private ProcText text(int pid, String file) throws IOException {
    return ProcText.of(Files.readAllBytes(folder(pid).resolve(file)));
  }

  /** A process folder's name; 0, which is nobody's number, for another folder. */
  private static int pidOf(Path folder) {
    byte[] name = String.valueOf(folder.getFileName()).getBytes(StandardCharsets.US_ASCII);
    return (int) ProcText.of(name).number();
  }

  private boolean exists(int pid) {
    return Files.exists(folder(pid));
  }

  private Path folder(int pid) {
    return root.resolve(Integer.toString(pid));
  }
}
