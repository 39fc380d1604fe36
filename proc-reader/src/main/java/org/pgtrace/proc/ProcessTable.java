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
import java.util.Arrays;
import java.util.List;

/** The processes of a machine, as a proc file system shows them. */
public final class ProcessTable {
  private static final byte[] NSPID = "\nNSpid:".getBytes(StandardCharsets.US_ASCII);
  private static final int START_TIME_FIELD = 22;

  /** The field after the process name, which is the second and the only one with brackets. */
  private static final int FIELD_AFTER_NAME = 3;

  /** The state and the blanks around it, behind the name. */
  private static final int STATE_LENGTH = 3;

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
    byte[] stat;
    try {
      stat = Files.readAllBytes(root.resolve(Integer.toString(pid)).resolve("stat"));
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
    if (hasEnded(stat)) {
      return new ProcessLookup.Gone(pid);
    }
    long ticks = startTicks(stat);
    if (ticks < 0) {
      return new ProcessLookup.NotPermitted(pid, "its stat file has no start time");
    }
    return new ProcessLookup.Found(new ProcessIdentity(pid, ticks));
  }

  /**
   * Who it is that calls itself by this pid, in whatever PID namespace below this one: a server in
   * a container knows its processes by other numbers than who looks at them from outside. The start
   * time, which is the same everywhere, tells processes with the same number apart.
   *
   * @param startTicks field 22 of the process's stat file, as it reads it itself
   */
  public ProcessLookup resolve(int pid, long startTicks) {
    ProcessIdentity same = new ProcessIdentity(pid, startTicks);
    if (find(pid) instanceof ProcessLookup.Found found
        && found.identity().equals(same)
        && innermostPid(pid) == pid) {
      return found;
    }
    List<ProcessIdentity> all = new ArrayList<>();
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(root, "[0-9]*")) {
      for (Path folder : folders) {
        int outer = (int) number(fileName(folder), 0);
        if (find(outer) instanceof ProcessLookup.Found found
            && found.identity().startTicks() == startTicks
            && innermostPid(outer) == pid) {
          all.add(found.identity());
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      return new ProcessLookup.NotPermitted(pid, "cannot list " + root);
    }
    return switch (all.size()) {
      case 0 -> new ProcessLookup.Gone(pid);
      case 1 -> new ProcessLookup.Found(all.get(0));
      default -> new ProcessLookup.NotPermitted(pid, "several processes started at its moment");
    };
  }

  /** The processes that this one has started and that run now. */
  public List<ProcessIdentity> children(int pid) {
    List<ProcessIdentity> all = new ArrayList<>();
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(root, "[0-9]*")) {
      for (Path folder : folders) {
        int child = (int) number(fileName(folder), 0);
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
    try {
      byte[] stat = Files.readAllBytes(root.resolve(Integer.toString(pid)).resolve("stat"));
      int at = afterName(stat);
      return at == 0 ? -1 : (int) number(stat, at + STATE_LENGTH);
    } catch (IOException e) {
      return -1;
    }
  }

  /** What the process shows as its command line; empty where that cannot be read. */
  public String title(int pid) {
    try {
      byte[] line = Files.readAllBytes(root.resolve(Integer.toString(pid)).resolve("cmdline"));
      return new String(line, StandardCharsets.UTF_8).replace('\0', ' ').strip();
    } catch (IOException e) {
      return "";
    }
  }

  private static byte[] fileName(Path path) {
    return String.valueOf(path.getFileName()).getBytes(StandardCharsets.US_ASCII);
  }

  /** What the process calls itself, in the innermost PID namespace that it is in; -1: not known. */
  public int innermostPid(int pid) {
    byte[] status;
    try {
      status = Files.readAllBytes(root.resolve(Integer.toString(pid)).resolve("status"));
    } catch (IOException e) {
      return -1;
    }
    int at = indexOf(status, NSPID);
    if (at < 0) {
      return -1;
    }
    int last = at + NSPID.length;
    for (int i = last; i < status.length && status[i] != '\n'; i++) {
      if (status[i] == '\t' || status[i] == ' ') {
        last = i + 1;
      }
    }
    return (int) number(status, last);
  }

  private static int indexOf(byte[] text, byte[] part) {
    for (int i = 0; i <= text.length - part.length; i++) {
      if (Arrays.equals(text, i, i + part.length, part, 0, part.length)) {
        return i;
      }
    }
    return -1;
  }

  private boolean exists(int pid) {
    return Files.exists(root.resolve(Integer.toString(pid)));
  }

  /** State Z or X: nothing is left but an entry that nobody has collected. */
  private static boolean hasEnded(byte[] stat) {
    int state = afterName(stat) + 1;
    return state > 1 && state < stat.length && (stat[state] == 'Z' || stat[state] == 'X');
  }

  /** Field 22 of a stat file, or -1. */
  private static long startTicks(byte[] stat) {
    int at = afterName(stat);
    if (at == 0) {
      return -1;
    }
    for (int field = FIELD_AFTER_NAME; field <= START_TIME_FIELD; field++) {
      while (at < stat.length && stat[at] == ' ') {
        at++;
      }
      if (field == START_TIME_FIELD) {
        break;
      }
      while (at < stat.length && stat[at] != ' ') {
        at++;
      }
    }
    return number(stat, at);
  }

  /**
   * Where the fields after the name begin, or 0. The name in field 2 may hold blanks and brackets,
   * so it ends at the last closing bracket.
   */
  private static int afterName(byte[] stat) {
    int at = stat.length - 1;
    while (at >= 0 && stat[at] != ')') {
      at--;
    }
    return at + 1;
  }

  private static long number(byte[] text, int from) {
    long value = 0;
    int at = from;
    while (at < text.length && text[at] >= '0' && text[at] <= '9') {
      value = value * 10 + (text[at] - '0');
      at++;
    }
    return at == from ? -1 : value;
  }
}
