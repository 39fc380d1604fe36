package org.pgtrace.proc;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Where the control groups of a process are to be found (cgroups(7)). A controller is in a
 * hierarchy of version 1 or in the one of version 2; machines with both exist.
 *
 * @param members the lines of {@code /proc/<pid>/cgroup}
 * @param sys where sysfs is; it replaces /sys in mount points
 */
record Cgroups(List<Member> members, MountTable mounts, Path sys) {
  private static final Path SYS = Path.of("/sys");

  /**
   * The process's group in one hierarchy.
   *
   * @param controllers none: version 2
   * @param path as this process's cgroup namespace shows it
   */
  record Member(List<String> controllers, String path) {}

  /** The folder of a group, and whether its files are those of version 2. */
  record Folder(Path path, boolean isUnified) {}

  static Reading<Cgroups> of(Path proc, Path sys, ProcessIdentity who) {
    Path file = proc.resolve(Integer.toString(who.pid())).resolve("cgroup");
    String text;
    try {
      text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return new ProcessFailure(proc, who, "CONFIG_CGROUPS").of(file, e);
    }
    if (!text.endsWith("\n")) {
      return new Reading.Unreadable<>(file, "it is cut off");
    }
    List<Member> members = text.lines().map(Cgroups::member).flatMap(Optional::stream).toList();
    return new Reading.Value<>(new Cgroups(members, MountTable.read(proc), sys));
  }

  /** A line {@code number:controllers:path}; empty where it is something else. */
  private static Optional<Member> member(String line) {
    int first = line.indexOf(':');
    int second = line.indexOf(':', first + 1);
    if (first < 0 || second < 0) {
      return Optional.empty();
    }
    String controllers = line.substring(first + 1, second);
    return Optional.of(
        new Member(
            controllers.isEmpty() ? List.of() : MountTable.split(controllers, ','),
            line.substring(second + 1)));
  }

  /** The group that this controller of version 1 counts for, or else the one of version 2. */
  Optional<Folder> folder(String controller) {
    for (Member member : members) {
      if (member.controllers().contains(controller)) {
        return path(member, "cgroup", controller).map(path -> new Folder(path, false));
      }
    }
    return members.stream()
        .filter(member -> member.controllers().isEmpty())
        .findFirst()
        .flatMap(member -> path(member, "cgroup2", ""))
        .map(path -> new Folder(path, true));
  }

  private Optional<Path> path(Member member, String type, String controller) {
    return mounts.mounts().stream()
        .filter(mount -> mount.type().equals(type))
        .filter(mount -> controller.isEmpty() || mount.options().contains(controller))
        .flatMap(mount -> below(mount, member.path()).stream())
        .findFirst();
  }

  /**
   * The group's folder where it is mounted: a container's mount begins in the container's group.
   */
  private Optional<Path> below(MountTable.Mount mount, String group) {
    Optional<Path> root = MountTable.path(mount.root());
    Optional<Path> inside =
        MountTable.path(group)
            .filter(path -> !group.startsWith("/.."))
            .map(Path::normalize)
            .filter(path -> root.isPresent() && path.startsWith(root.get()))
            .map(path -> root.get().relativize(path));
    return inside.flatMap(path -> mountPoint(mount).map(point -> point.resolve(path)));
  }

  private Optional<Path> mountPoint(MountTable.Mount mount) {
    return MountTable.path(mount.mountPoint())
        .map(point -> point.startsWith(SYS) ? sys.resolve(SYS.relativize(point)) : point);
  }
}
