package org.pgtrace.profile;

import java.util.HashMap;
import java.util.Map;
import org.pgtrace.format.HitRecord;
import org.pgtrace.format.ObjectRecord;
import org.pgtrace.format.ServerText;
import org.pgtrace.format.WaitLine;

/** The relations of one file: a number may get its name later, with an OBJECT line. */
final class Objects {
  private static final long UNKNOWN_UNSIGNED = 0xffffffffL;

  private final Map<String, Name> names = new HashMap<>();
  private final Map<Long, Name> byObject = new HashMap<>();
  private final Map<Long, Name> byFile = new HashMap<>();

  /** A relation; its text is final when the file has been read. */
  static final class Name {
    String text;

    Name(String text) {
      this.text = text;
    }
  }

  /** Whose blocks a wait read. */
  Name of(WaitLine wait) {
    if (!wait.relation.isEmpty()) {
      return named(wait.relation);
    }
    if (isKnown(wait.objectId)) {
      return byObject.computeIfAbsent(wait.objectId, id -> new Name("obj#" + id));
    }
    if (wait.name1.equals("file#")) {
      return byFile.computeIfAbsent(wait.value1, file -> new Name("file#" + file));
    }
    return named(wait.name.endsWith("temp") ? "(temporary files)" : "(not known)");
  }

  /** Whose blocks were found in buffers. */
  Name of(HitRecord hits) {
    if (hits.relation.length() > 0) {
      return named(ServerText.decode(hits.relation));
    }
    if (isKnown(hits.objectId)) {
      return byObject.computeIfAbsent(hits.objectId, id -> new Name("obj#" + id));
    }
    return hits.relationFile == 0
        ? named("(not known)")
        : byFile.computeIfAbsent(hits.relationFile, file -> new Name("file#" + file));
  }

  /** A number's name has been learnt. */
  void learn(ObjectRecord object) {
    Name id = byObject.computeIfAbsent(object.objectId, any -> new Name(""));
    id.text = object.name;
    Name file = byFile.computeIfAbsent(object.file, any -> new Name(""));
    file.text = object.name;
  }

  private Name named(String name) {
    return names.computeIfAbsent(name, Name::new);
  }

  private static boolean isKnown(long objectId) {
    return objectId > 0 && objectId != UNKNOWN_UNSIGNED;
  }
}
