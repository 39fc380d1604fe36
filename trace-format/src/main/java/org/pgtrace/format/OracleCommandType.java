package org.pgtrace.format;

import java.util.HashMap;
import java.util.Map;

/**
 * Oracle's command types ({@code oct}) for PostgreSQL's command tags. A command that Oracle lacks
 * has the code of the nearest one that does the same kind of work; one without a near one has 0.
 *
 * <ul>
 *   <li>COPY: the tag does not tell the direction; 2 (INSERT), as for COPY FROM. A caller that
 *       knows better asks for {@code COPY FROM} (2) or {@code COPY TO} (3).
 *   <li>VACUUM, ANALYZE: 62 (ANALYZE TABLE); CLUSTER: 15 (ALTER TABLE); REINDEX: 11 (ALTER INDEX).
 *   <li>DO, CALL, EXECUTE: 47 (PL/SQL EXECUTE).
 *   <li>SET, RESET, DISCARD, LOAD: 42 (ALTER SESSION); BEGIN: 48 (SET TRANSACTION).
 *   <li>SHOW, FETCH, DECLARE CURSOR and other work on cursors: 3 (SELECT).
 *   <li>PREPARE, DEALLOCATE, LISTEN, NOTIFY, UNLISTEN: 27 (NO-OP).
 *   <li>Extensions: packages; servers: database links; schemas: users, except CREATE SCHEMA.
 * </ul>
 */
public final class OracleCommandType {
  /** Of a command without a near one. */
  public static final int UNKNOWN = 0;

  private static final Map<String, Integer> BY_TAG = new HashMap<>();

  static {
    queries();
    transactions();
    session();
    maintenance();
    object("TABLE", 1, 15, 12);
    object("FOREIGN TABLE", 1, 15, 12);
    object("INDEX", 9, 11, 10);
    object("SEQUENCE", 13, 14, 16);
    object("VIEW", 21, 88, 22);
    object("MATERIALIZED VIEW", 74, 75, 76);
    object("FUNCTION", 91, 92, 93);
    object("AGGREGATE", 91, 92, 93);
    object("PROCEDURE", 24, 25, 68);
    object("ROUTINE", 24, 25, 68);
    object("TRIGGER", 59, 60, 61);
    object("EVENT TRIGGER", 59, 60, 61);
    object("TYPE", 77, 80, 78);
    object("DOMAIN", 77, 80, 78);
    object("SCHEMA", 56, 43, 53);
    object("ROLE", 52, 79, 54);
    object("TABLESPACE", 39, 40, 41);
    object("DATABASE", 34, 35, 228);
    object("EXTENSION", 94, 95, 96);
    object("SERVER", 32, 305, 33);
    otherDefinitions();
  }

  private OracleCommandType() {}

  /**
   * The code for a command tag.
   *
   * @param commandTag as the server names the command, such as {@code CREATE TABLE}; counts that
   *     follow it on the wire are not part of it
   */
  public static int of(String commandTag) {
    return BY_TAG.getOrDefault(commandTag, UNKNOWN);
  }

  private static void queries() {
    tags(2, "INSERT", "COPY", "COPY FROM");
    tags(
        3,
        "SELECT",
        "SELECT FOR KEY SHARE",
        "SELECT FOR SHARE",
        "SELECT FOR NO KEY UPDATE",
        "SELECT FOR UPDATE",
        "COPY TO",
        "SHOW",
        "DECLARE CURSOR",
        "FETCH",
        "MOVE",
        "CLOSE CURSOR",
        "CLOSE CURSOR ALL");
    tags(6, "UPDATE");
    tags(7, "DELETE");
    tags(189, "MERGE");
    tags(47, "DO", "CALL", "EXECUTE");
    tags(50, "EXPLAIN");
    tags(26, "LOCK TABLE");
    tags(85, "TRUNCATE TABLE");
  }

  private static void transactions() {
    tags(44, "COMMIT", "PREPARE TRANSACTION", "COMMIT PREPARED");
    tags(45, "ROLLBACK", "ROLLBACK PREPARED");
    tags(46, "SAVEPOINT", "RELEASE");
    tags(48, "BEGIN", "START TRANSACTION");
    tags(90, "SET CONSTRAINTS");
  }

  private static void session() {
    tags(42, "SET", "RESET", "LOAD");
    tags(42, "DISCARD", "DISCARD ALL", "DISCARD PLANS", "DISCARD SEQUENCES", "DISCARD TEMP");
    tags(27, "PREPARE", "DEALLOCATE", "DEALLOCATE ALL", "LISTEN", "NOTIFY", "UNLISTEN");
  }

  private static void maintenance() {
    tags(62, "VACUUM", "ANALYZE");
    tags(15, "CLUSTER", "REPACK");
    tags(11, "REINDEX");
    tags(75, "REFRESH MATERIALIZED VIEW");
    tags(49, "ALTER SYSTEM", "CHECKPOINT");
  }

  private static void otherDefinitions() {
    tags(1, "CREATE TABLE AS", "SELECT INTO", "IMPORT FOREIGN SCHEMA");
    tags(29, "COMMENT", "SECURITY LABEL");
    tags(17, "GRANT");
    tags(18, "REVOKE");
    tags(114, "GRANT ROLE");
    tags(115, "REVOKE ROLE");
  }

  private static void object(String kind, int create, int alter, int drop) {
    tags(create, "CREATE " + kind);
    tags(alter, "ALTER " + kind);
    tags(drop, "DROP " + kind);
  }

  private static void tags(int code, String... tags) {
    for (String tag : tags) {
      BY_TAG.put(tag, code);
    }
  }
}
