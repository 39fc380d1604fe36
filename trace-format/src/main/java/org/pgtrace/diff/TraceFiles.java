package org.pgtrace.diff;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.pgtrace.format.KeyRecord;
import org.pgtrace.format.StampRecord;
import org.pgtrace.reader.Place;
import org.pgtrace.reader.TraceReader;
import org.pgtrace.reader.TraceVisitor;
import org.pgtrace.report.FileFailure;

/** The files of one side: one trace, or all sessions of a folder in an order that is the same. */
final class TraceFiles {
  private static final String SUFFIX = ".trc";
  private static final int HEAD_BYTES = 1 << 16;
  private static final Pattern NAME = Pattern.compile(".*?_(pg|ora)_\\d+(_(?<identifier>.*))?");

  /** In the strict form a parallel worker has a file; its leader's figures include it. */
  private static final Pattern WORKER = Pattern.compile(".*_p\\d{3,}_\\d+(_.*)?\\.trc");

  private TraceFiles() {}

  private record Session(String identifier, long firstUs, Path file) {}

  /** The files of a path, in the order in which they are read. */
  static List<Path> of(Path path) throws UnusableInputException {
    if (!Files.isDirectory(path)) {
      return List.of(path);
    }
    List<Session> sessions = new ArrayList<>();
    try (Stream<Path> files = Files.list(path)) {
      for (Path file : files.filter(TraceFiles::isSession).sorted().toList()) {
        sessions.add(new Session(identifier(file), firstUs(file), file));
      }
    } catch (IOException e) {
      throw new UnusableInputException(FileFailure.text(path, e));
    }
    if (sessions.isEmpty()) {
      throw new UnusableInputException(path + ": there is no *" + SUFFIX + " in this folder");
    }
    sessions.sort(Comparator.comparing(Session::identifier).thenComparing(Session::firstUs));
    return sessions.stream().map(Session::file).toList();
  }

  private static boolean isSession(Path file) {
    String name = file.getFileName().toString();
    return name.endsWith(SUFFIX)
        && !name.startsWith(".")
        && !WORKER.matcher(name).matches()
        && Files.isRegularFile(file);
  }

  /** The name without the process id, which is another in each run. */
  static String identifier(Path file) {
    String name = file.getFileName().toString();
    String stem = name.substring(0, name.length() - SUFFIX.length());
    Matcher matcher = NAME.matcher(stem);
    if (!matcher.matches()) {
      return stem;
    }
    String identifier = matcher.group("identifier");
    return identifier == null ? "" : identifier;
  }

  private static long firstUs(Path file) throws IOException {
    byte[] head;
    try (InputStream in = Files.newInputStream(file)) {
      head = in.readNBytes(HEAD_BYTES);
    }
    FirstMoment first = new FirstMoment();
    TraceReader.read(new ByteArrayInputStream(head), file.toString(), first);
    return first.us;
  }

  private static final class FirstMoment implements TraceVisitor {
    long us = Long.MAX_VALUE;

    @Override
    public void stamp(StampRecord stamp, Place at) {
      us = Math.min(us, stamp.epochUs);
    }

    @Override
    public void key(KeyRecord key, Place at) {
      us = Math.min(us, key.epochUs);
    }
  }
}
