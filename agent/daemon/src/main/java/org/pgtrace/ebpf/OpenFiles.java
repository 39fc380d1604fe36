package org.pgtrace.ebpf;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pgtrace.ring.MonotonicClock;

/** Which file is behind each descriptor of a process. */
final class OpenFiles {
  private static final int FD_MAX = 1 << 20;
  private static final int FDS_MIN = 64;
  private static final int AT_FDCWD = -100;
  private static final String DELETED = " (deleted)";

  /** What is certain of a longer path that the program has cut. */
  private static final int CERTAIN = KernelProgram.TEXT_BYTES - 8;

  private final Path folder;
  private String dataDirectory = "";

  /** Where a link of the data directory leads to, and its name there. */
  private final Map<String, String> elsewhere = new LinkedHashMap<>();

  private @Nullable PgFile[] files = new PgFile[FDS_MIN];

  /** From when on the descriptor is known to be that file. */
  private long[] sinceNs = new long[FDS_MIN];

  OpenFiles(Path proc, int pid) {
    folder = proc.resolve(String.valueOf(pid));
  }

  /**
   * Forgets all, and reads what is open now. What is opened and closed meanwhile is put right by
   * the lines that tell it: they come after this.
   */
  void readAll() {
    Arrays.fill(files, null);
    readPlaces();
    try (DirectoryStream<Path> links = Files.newDirectoryStream(folder.resolve("fd"))) {
      for (Path link : links) {
        int fd = Integer.parseInt(link.getFileName().toString());
        long now = MonotonicClock.nowNs();
        String target = read(link);
        if (!target.isEmpty()) {
          put(fd, now, file(target));
        }
      }
    } catch (IOException | java.nio.file.DirectoryIteratorException e) {
      // The process is over, which its last line says.
    }
  }

  private void readPlaces() {
    elsewhere.clear();
    dataDirectory = read(folder.resolve("cwd"));
    Path data = folder.resolve("cwd");
    addPlace(data, "pg_wal");
    try (DirectoryStream<Path> links = Files.newDirectoryStream(data.resolve("pg_tblspc"))) {
      for (Path link : links) {
        addPlace(data, "pg_tblspc/" + link.getFileName());
      }
    } catch (IOException | java.nio.file.DirectoryIteratorException e) {
      // Not a server's.
    }
  }

  private void addPlace(Path data, String name) {
    String target = Files.isSymbolicLink(data.resolve(name)) ? read(data.resolve(name)) : "";
    if (!target.isEmpty()) {
      elsewhere.put(target.startsWith("/") ? target : dataDirectory + "/" + target, name);
    }
  }

  private static String read(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException e) {
      return "";
    }
  }

  /**
   * A file was opened.
   *
   * @param at descriptor of the folder that the path is relative to
   * @param path as the process gave it, cut where it is long
   */
  void opened(int fd, long ns, int at, String path) {
    String whole = path;
    if (path.length() >= CERTAIN) {
      String target = read(folder.resolve("fd").resolve(String.valueOf(fd)));
      whole = target.contains(path.substring(0, CERTAIN)) ? target : "";
    } else if (at != AT_FDCWD && !path.startsWith("/")) {
      PgFile parent = at(at, ns);
      whole = parent.path().isEmpty() ? "" : parent.path() + "/" + path;
    }
    put(fd, ns, whole.isEmpty() ? PgFile.UNKNOWN : file(whole));
  }

  void duplicated(int from, int to, long ns) {
    put(to, ns, at(from, ns));
  }

  void closed(int fd) {
    if (fd >= 0 && fd < files.length) {
      files[fd] = null;
    }
  }

  /** The file that the descriptor stood for then. */
  PgFile at(int fd, long ns) {
    if (fd < 0 || fd >= files.length) {
      return PgFile.UNKNOWN;
    }
    PgFile file = files[fd];
    return file == null || ns - sinceNs[fd] < 0 ? PgFile.UNKNOWN : file;
  }

  private void put(int fd, long ns, PgFile file) {
    if (fd < 0 || fd >= FD_MAX) {
      return;
    }
    if (fd >= files.length) {
      int length = Integer.highestOneBit(fd) * 2;
      files = Arrays.copyOf(files, length);
      sinceNs = Arrays.copyOf(sinceNs, length);
    }
    files[fd] = file;
    sinceNs[fd] = ns;
  }

  private PgFile file(String path) {
    String plain =
        path.endsWith(DELETED) ? path.substring(0, path.length() - DELETED.length()) : path;
    if (plain.startsWith("./")) {
      plain = plain.substring(2);
    }
    for (Map.Entry<String, String> place : elsewhere.entrySet()) {
      if (isBelow(plain, place.getKey())) {
        return PgFile.of(place.getValue() + plain.substring(place.getKey().length()));
      }
    }
    return PgFile.of(
        isBelow(plain, dataDirectory) ? plain.substring(dataDirectory.length() + 1) : plain);
  }

  private static boolean isBelow(String path, String directory) {
    return directory.length() > 1
        && path.length() > directory.length() + 1
        && path.startsWith(directory)
        && path.charAt(directory.length()) == '/';
  }
}
