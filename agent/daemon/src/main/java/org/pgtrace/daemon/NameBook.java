package org.pgtrace.daemon;

import java.util.Arrays;
import org.pgtrace.format.WaitEvent;

/**
 * What one session's waits, files and relations are called, as far as its records have said so.
 * What is not known is asked for once, and shown by its number until it has come.
 */
final class NameBook {
  private static final int EVENTS_MAX = 4096;
  private static final int FILES_MAX = 8192;
  private static final int OBJECTS_MAX = 65_536;
  private static final int WAL_DIGITS = 24;
  private static final int HEX = 16;

  private final NumberMap<WaitEvent> events = new NumberMap<>(EVENTS_MAX);
  private final NumberMap<FileName> files = new NumberMap<>(FILES_MAX);

  /** By database and file. */
  private final NumberMap<Relation> byFile = new NumberMap<>(OBJECTS_MAX);

  /** By database and OID. */
  private final NumberMap<Relation> byOid = new NumberMap<>(OBJECTS_MAX);

  /** Lines of an earlier daemon may have had the names; this one has to ask for them. */
  private boolean late;

  private boolean missing;

  /** A file that is no relation's. */
  static final class FileName {
    /** Its name has not come. */
    private static final FileName UNKNOWN = new FileName(new byte[0], -1);

    final byte[] path;

    /** Number of a WAL file without its timeline, or -1. */
    final long walSegment;

    private FileName(byte[] path, long walSegment) {
      this.path = path;
      this.walSegment = walSegment;
    }
  }

  /** A relation that a line has named, or that has a name, or both. */
  static final class Relation {
    private boolean printed;
    private byte[] name = new byte[0];
    private long objectId = -1;

    /** pg_class OID, -1 where that is not known. */
    long objectId() {
      return objectId;
    }

    /** Schema and name; empty where they are not known. */
    byte[] name() {
      return name;
    }

    /** A line shows its number; returns whether its name is to follow when it comes. */
    private void setPrinted() {
      printed = name.length == 0;
    }

    private boolean takePrinted() {
      boolean was = printed;
      printed = false;
      return was;
    }
  }

  /** The event of a wait_event_info; 0 stands for none. */
  WaitEvent event(int number) {
    if (number == 0) {
      return WaitEvent.unset();
    }
    WaitEvent event = events.get(number);
    if (event == null) {
      event = WaitEvent.unknown(number);
      events.put(number, event);
      missing = true;
    }
    return event;
  }

  void putEvent(int number, String type, String name) {
    WaitEvent known = events.get(number);
    if (known == null || !known.isCalled(type, name)) {
      events.put(number, WaitEvent.named(number, type, name));
    }
  }

  /** The file of a number that is not 0. */
  FileName file(long number) {
    FileName file = files.get(number);
    if (file == null) {
      file = FileName.UNKNOWN;
      files.put(number, file);
      missing = true;
    }
    return file;
  }

  void putFile(long number, byte[] path) {
    files.put(number, new FileName(path, walSegment(path)));
  }

  /** The session's names have come to an earlier daemon. */
  void setLate() {
    late = true;
  }

  /** The relation that has a file, which a line is to name. */
  Relation relationOfFile(long database, long file) {
    return relation(byFile, key(database, file));
  }

  /** The relation of an OID, which a line is to name. */
  Relation relation(long database, long objectId) {
    return relation(byOid, key(database, objectId));
  }

  /**
   * Takes a relation's name.
   *
   * @return whether a line has shown its number before
   */
  boolean putRelation(long database, long file, long objectId, byte[] text, int length) {
    boolean fileShown = put(byFile, key(database, file), objectId, text, length);
    boolean oidShown = put(byOid, key(database, objectId), objectId, text, length);
    return fileShown || oidShown;
  }

  /** Whether something had no name since this was asked last. */
  boolean takeMissing() {
    boolean was = missing;
    missing = false;
    return was;
  }

  private static boolean put(
      NumberMap<Relation> map, long key, long objectId, byte[] text, int length) {
    Relation relation = map.get(key);
    if (relation == null) {
      relation = new Relation();
      map.put(key, relation);
    }
    relation.objectId = objectId;
    if (!Arrays.equals(relation.name, 0, relation.name.length, text, 0, length)) {
      relation.name = Arrays.copyOf(text, length);
    }
    return relation.takePrinted();
  }

  private Relation relation(NumberMap<Relation> map, long key) {
    Relation relation = map.get(key);
    if (relation == null) {
      relation = new Relation();
      map.put(key, relation);
      // Once for all of them; a relation that nobody has opened yet has no name to send.
      missing |= late;
      late = false;
    }
    relation.setPrinted();
    return relation;
  }

  private static long key(long database, long number) {
    return database << 32 | number;
  }

  /** The last 16 of a WAL file's 24 hexadecimal digits, as a number; -1 where it is none. */
  private static long walSegment(byte[] path) {
    int start = path.length - WAL_DIGITS;
    if (start < 0 || (start > 0 && path[start - 1] != '/')) {
      return -1;
    }
    long number = 0;
    for (int i = start; i < path.length; i++) {
      int digit = Character.digit(path[i], HEX);
      if (digit < 0) {
        return -1;
      }
      // The timeline's digits go out at the top.
      number = number << 4 | digit;
    }
    return number & Long.MAX_VALUE;
  }
}
