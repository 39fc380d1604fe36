package org.pgtrace.diff;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Names of relations and nodes without what is another in each run. */
final class ObjectNames {
  private static final Pattern TEMPORARY = Pattern.compile("\\bpg_(toast_)?temp_\\d+\\b");
  private static final Pattern TOAST = Pattern.compile("\\bpg_toast_(\\d+)(_index)?\\b");

  /** OIDs below are of what initdb made. */
  private static final int FIRST_NORMAL_OID = 16384;

  /** Digits of the greatest of them. */
  private static final int OID_DIGITS = 5;

  private ObjectNames() {}

  /** A name, or the text of a node with names in it. */
  static String stable(String text) {
    if (!text.contains("pg_t")) {
      return text;
    }
    String named = TEMPORARY.matcher(text).replaceAll("pg_$1temp");
    return TOAST.matcher(named).replaceAll("pg_toast_N$2");
  }

  /** Whether a relation is one of the server's own, by its name as the trace has it. */
  static boolean isCatalog(String name) {
    if (name.startsWith("pg_catalog.") || name.startsWith("information_schema.")) {
      return true;
    }
    Matcher toast = TOAST.matcher(name);
    return name.startsWith("pg_toast.") && (!toast.find() || isOfServer(toast.group(1)));
  }

  private static boolean isOfServer(String oid) {
    return oid.length() <= OID_DIGITS && Integer.parseInt(oid) < FIRST_NORMAL_OID;
  }
}
