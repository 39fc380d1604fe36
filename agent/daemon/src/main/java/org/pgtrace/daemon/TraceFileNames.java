package org.pgtrace.daemon;

import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Names of trace files: {@code <cluster>_pg_<pid>[_<identifier>][_<n>].trc}; of a parallel worker
 * that has a file of its own, {@code p000} and so on in the place of {@code pg}.
 */
final class TraceFileNames {
  private static final String SUFFIX = ".trc";
  private static final Pattern ANY =
      Pattern.compile("[A-Za-z0-9_.-]+_(pg|p[0-9]{3,4})_[0-9]+(_[A-Za-z0-9_-]+)?\\.trc");

  private TraceFileNames() {}

  /** Whether the name is one that a daemon may have given. */
  static boolean matches(String name) {
    return ANY.matcher(name).matches();
  }

  /** What all names of a process's files begin with. */
  static String ofProcess(String cluster, int pid) {
    return of(cluster) + "_pg_" + pid;
  }

  /**
   * What all names of a parallel worker's files begin with.
   *
   * @param pid the leader's
   * @param worker from 1
   */
  static String ofWorker(String cluster, int pid, int worker) {
    return of(cluster) + "_" + workerName(worker) + "_" + pid;
  }

  /** As Oracle names its own, from p000. */
  static String workerName(int worker) {
    return String.format(Locale.ROOT, "p%03d", worker - 1);
  }

  private static String of(String cluster) {
    String name = clean(cluster, true);
    return name.isEmpty() ? "pg" : name;
  }

  /**
   * A file's path.
   *
   * @param number from 1; the first has no number in its name
   */
  static Path path(Path folder, String ofProcess, String identifier, int number) {
    String cleaned = clean(identifier, false);
    StringBuilder name = new StringBuilder(ofProcess);
    if (!cleaned.isEmpty()) {
      name.append('_').append(cleaned);
    }
    if (number > 1) {
      name.append('_').append(number);
    }
    return folder.resolve(name.append(SUFFIX).toString());
  }

  /** Any character that has no place in a name becomes an underscore. */
  private static String clean(String text, boolean withDots) {
    StringBuilder cleaned = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean plain =
          (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
      boolean dot = withDots && c == '.' && i > 0;
      cleaned.append(plain || dot ? c : '_');
    }
    return cleaned.toString();
  }
}
