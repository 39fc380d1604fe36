package org.pgtrace.ebpf;

import org.pgtrace.ebpf.PgFile.Other;
import org.pgtrace.ebpf.PgFile.Relation;
import org.pgtrace.ebpf.PgFile.Temporary;
import org.pgtrace.ebpf.PgFile.Wal;

/** Paths as the server makes them (relpath.c, xlog_internal.h, fd.c). */
final class PgPath {
  private static final int WAL_NAME = 24;
  private static final int WAL_PART = 8;
  private static final String TEMPORARY_FOLDER = "pgsql_tmp";

  private PgPath() {}

  static PgFile parse(String path) {
    String[] parts = path.split("/", -1);
    PgFile file = null;
    switch (parts[0]) {
      case "base" -> file = inTablespace(path, Relation.DEFAULT_TABLESPACE, parts, 1);
      case "global" -> {
        if (parts.length == 2) {
          file = relation(path, Relation.GLOBAL_TABLESPACE, 0, parts[1]);
        }
      }
      case "pg_tblspc" -> {
        if (parts.length > 3 && number(parts[1]) > 0 && parts[2].startsWith("PG_")) {
          file = inTablespace(path, number(parts[1]), parts, 3);
        }
      }
      case "pg_wal" -> {
        if (parts.length == 2) {
          file = wal(path, parts[1]);
        }
      }
      default -> {}
    }
    return file == null ? new Other(path) : file;
  }

  private static @org.jspecify.annotations.Nullable PgFile inTablespace(
      String path, long tablespace, String[] parts, int at) {
    if (parts.length > at + 1 && parts[at].equals(TEMPORARY_FOLDER)) {
      return temporary(path, parts[at + 1]);
    }
    if (parts.length == at + 2 && number(parts[at]) > 0) {
      return relation(path, tablespace, number(parts[at]), parts[at + 1]);
    }
    return null;
  }

  /** {@code [tBACKEND_]FILE[_FORK][.SEGMENT]}. */
  private static @org.jspecify.annotations.Nullable PgFile relation(
      String path, long tablespace, long database, String name) {
    String rest = name;
    long segment = 0;
    int dot = rest.indexOf('.');
    if (dot >= 0) {
      segment = number(rest.substring(dot + 1));
      rest = rest.substring(0, dot);
    }
    long backend = -1;
    if (rest.startsWith("t")) {
      int line = rest.indexOf('_');
      backend = line < 0 ? -1 : number(rest.substring(1, line));
      if (backend < 0) {
        return null;
      }
      rest = rest.substring(line + 1);
    }
    String fork = "main";
    int line = rest.indexOf('_');
    if (line >= 0) {
      fork = rest.substring(line + 1);
      rest = rest.substring(0, line);
    }
    long file = number(rest);
    boolean plain =
        switch (fork) {
          case "main" -> line < 0;
          case "fsm", "vm", "init" -> true;
          default -> false;
        };
    return file <= 0 || segment < 0 || !plain
        ? null
        : new Relation(path, tablespace, database, file, fork, backend, segment);
  }

  private static @org.jspecify.annotations.Nullable PgFile wal(String path, String name) {
    if (name.length() != WAL_NAME) {
      return null;
    }
    long[] numbers = new long[WAL_NAME / WAL_PART];
    for (int i = 0; i < WAL_NAME; i++) {
      int digit = Character.digit(name.charAt(i), 16);
      if (digit < 0 || Character.isLowerCase(name.charAt(i))) {
        return null;
      }
      numbers[i / WAL_PART] = numbers[i / WAL_PART] * 16 + digit;
    }
    return new Wal(path, numbers[0], numbers[1], numbers[2]);
  }

  /** {@code pgsql_tmpPID.NUMBER}, also as a folder. */
  private static @org.jspecify.annotations.Nullable PgFile temporary(String path, String name) {
    if (!name.startsWith(TEMPORARY_FOLDER)) {
      return null;
    }
    String[] numbers = name.substring(TEMPORARY_FOLDER.length()).split("\\.", -1);
    if (numbers.length < 2 || number(numbers[0]) < 0 || number(numbers[1]) < 0) {
      return null;
    }
    return new Temporary(path, number(numbers[0]), number(numbers[1]));
  }

  /** A decimal number of up to ten digits, or -1. */
  private static long number(String digits) {
    if (digits.isEmpty() || digits.length() > 10) {
      return -1;
    }
    long number = 0;
    for (int i = 0; i < digits.length(); i++) {
      char c = digits.charAt(i);
      if (c < '0' || c > '9') {
        return -1;
      }
      number = number * 10 + (c - '0');
    }
    return number;
  }
}
