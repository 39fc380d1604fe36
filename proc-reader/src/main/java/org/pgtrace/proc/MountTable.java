package org.pgtrace.proc;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is mounted where, as {@code /proc/self/mountinfo} says (proc_pid_mountinfo(5)).
 *
 * @param mounts in the file's order: the later of two at the same place hides the earlier
 */
record MountTable(List<Mount> mounts) {
  private static final int ROOT = 3;
  private static final int MOUNT_POINT = 4;
  private static final int FIRST_OPTIONAL = 6;
  private static final int OCTAL_DIGITS = 3;

  /**
   * A mount.
   *
   * @param root the folder of the file system that is to be seen at the mount point
   * @param options those of the file system, such as a control group's controllers
   */
  record Mount(String root, String mountPoint, String type, String source, List<String> options) {}

  /** Reads below {@code root}, which is /proc except in tests; empty where it cannot be read. */
  static MountTable read(Path root) {
    String text;
    try {
      text = new String(Files.readAllBytes(root.resolve("self/mountinfo")), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return new MountTable(List.of());
    }
    return new MountTable(text.lines().map(MountTable::mount).flatMap(Optional::stream).toList());
  }

  /** A line of the table; empty where it is cut off. */
  private static Optional<Mount> mount(String line) {
    List<String> words = split(line, ' ');
    int separator = FIRST_OPTIONAL;
    while (separator < words.size() && !words.get(separator).equals("-")) {
      separator++;
    }
    if (separator + 3 >= words.size()) {
      return Optional.empty();
    }
    return Optional.of(
        new Mount(
            unescaped(words.get(ROOT)),
            unescaped(words.get(MOUNT_POINT)),
            words.get(separator + 1),
            unescaped(words.get(separator + 2)),
            split(words.get(separator + 3), ',')));
  }

  static List<String> split(String text, char separator) {
    List<String> words = new ArrayList<>();
    int from = 0;
    for (int to = text.indexOf(separator); to >= 0; to = text.indexOf(separator, from)) {
      words.add(text.substring(from, to));
      from = to + 1;
    }
    words.add(text.substring(from));
    return words;
  }

  /** Blanks and the like are written as a backslash and three octal digits. */
  private static String unescaped(String word) {
    StringBuilder text = new StringBuilder(word);
    for (int at = text.indexOf("\\"); at >= 0; at = text.indexOf("\\", at + 1)) {
      int end = at + 1 + OCTAL_DIGITS;
      if (end <= text.length() && isOctal(text, at + 1, end)) {
        char meant = (char) Integer.parseInt(text.substring(at + 1, end), 8);
        text.replace(at, end, String.valueOf(meant));
      }
    }
    return text.toString();
  }

  private static boolean isOctal(CharSequence text, int from, int to) {
    return text.subSequence(from, to).chars().allMatch(c -> c >= '0' && c <= '7');
  }

  /**
   * A path; empty for a text that this JVM cannot make one of, as in a locale without its letters.
   */
  static Optional<Path> path(String text) {
    try {
      return Optional.of(Path.of(text));
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }

  /** Processes of other users look as if there were none: {@code hidepid=2} or stricter. */
  boolean hidesProcesses() {
    return mounts.stream()
        .filter(mount -> mount.type().equals("proc") && mount.mountPoint().equals("/proc"))
        .flatMap(mount -> mount.options().stream())
        .anyMatch(MountTable::isHiding);
  }

  private static boolean isHiding(String option) {
    return switch (option) {
      case "hidepid=2", "hidepid=invisible", "hidepid=4", "hidepid=ptraceable" -> true;
      default -> false;
    };
  }

  /** The mount that a folder, whose path has no links in it, is on. */
  Optional<Mount> holding(Path folder) {
    Mount best = null;
    for (Mount mount : mounts) {
      boolean isNearer = best == null || mount.mountPoint().length() >= best.mountPoint().length();
      if (isNearer && path(mount.mountPoint()).filter(folder::startsWith).isPresent()) {
        best = mount;
      }
    }
    return Optional.ofNullable(best);
  }
}
