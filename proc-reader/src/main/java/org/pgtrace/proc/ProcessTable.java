package org.pgtrace.proc;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** The processes of a machine, as a proc file system shows them. */
public final class ProcessTable {
  private static final int START_TIME_FIELD = 22;

  /** The field after the process name, which is the second and the only one with brackets. */
  private static final int FIELD_AFTER_NAME = 3;

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
   * Whether the process is certainly over: nobody has its pid, or somebody else. Start ticks of 0
   * stand for "not known" and match any process.
   */
  public boolean isOver(int pid, long startTicks) {
    ProcessLookup lookup = find(pid);
    if (lookup instanceof ProcessLookup.Found found) {
      return startTicks != 0 && found.identity().startTicks() != startTicks;
    }
    return lookup instanceof ProcessLookup.Gone;
  }

  /** The kernel's boot id; empty where it cannot be read. */
  public String bootId() {
    Path file = root.resolve("sys/kernel/random/boot_id");
    try {
      return Files.readString(file, StandardCharsets.US_ASCII).strip();
    } catch (IOException e) {
      return "";
    }
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
