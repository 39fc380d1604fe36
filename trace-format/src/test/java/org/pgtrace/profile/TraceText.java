package org.pgtrace.profile;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.pgtrace.reader.ReadListener;

/** A small trace, written line by line. */
final class TraceText {
  private final StringBuilder text = new StringBuilder();

  TraceText parsing(long cursor, int dep, String sqlId, String sql) {
    text.append("=====================\n");
    return line("PARSING IN CURSOR #"
            + cursor
            + " len="
            + sql.getBytes(StandardCharsets.UTF_8).length
            + " dep="
            + dep
            + " uid=10 oct=3 lid=10 tim=1 hv=1 ad='1' sqlid='"
            + sqlId
            + "'")
        .line(sql)
        .line("END OF STMT");
  }

  /** A call without blocks and rows. */
  TraceText call(String kind, long cursor, long c, long e, int dep, long tim) {
    return call(kind, cursor, c, e, "p=0,cr=0,cu=0,mis=0,r=0", dep, 0, tim, "");
  }

  TraceText call(
      String kind,
      long cursor,
      long c,
      long e,
      String figures,
      int dep,
      long plh,
      long tim,
      String tail) {
    return line(
        kind
            + " #"
            + cursor
            + ":c="
            + c
            + ",e="
            + e
            + ","
            + figures
            + ",dep="
            + dep
            + ",og=1,plh="
            + plh
            + ",tim="
            + tim
            + tail);
  }

  TraceText close(long cursor, long c, long e, int dep, long tim) {
    return line("CLOSE #" + cursor + ":c=" + c + ",e=" + e + ",dep=" + dep + ",type=0,tim=" + tim);
  }

  TraceText wait(long cursor, String name, long ela, long tim, String tail) {
    return line(
        "WAIT #"
            + cursor
            + ": nam='"
            + name
            + "' ela= "
            + ela
            + " p1=0 p2=0 p3=0 obj#=-1 tim="
            + tim
            + tail);
  }

  /** A read of one relation's blocks. */
  TraceText read(long cursor, String name, long ela, String blocks, long tim, String tail) {
    return line(
        "WAIT #" + cursor + ": nam='" + name + "' ela= " + ela + " " + blocks + " tim=" + tim
            + tail);
  }

  TraceText line(String line) {
    text.append(line).append('\n');
    return this;
  }

  Path write(Path folder, String name) {
    try {
      return Files.writeString(folder.resolve(name), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Profile profile(Path folder) {
    return profileOf(write(folder, "a.trc"));
  }

  static Profile profileOf(Path... files) {
    try {
      return Profile.read(List.of(files), ReadListener.NONE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The only session. */
  SessionProfile session(Path folder) {
    return profile(folder).sessions().get(0);
  }

  static StatementProfile statement(Profile profile, String text) {
    return profile.statements(SortKey.ELAPSED).stream()
        .filter(statement -> statement.text.equals(text))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no statement " + text));
  }

  static WaitSum sum(WaitTable waits, String name) {
    return waits.mostTimeFirst().stream()
        .filter(wait -> wait.name.equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no wait " + name));
  }
}
