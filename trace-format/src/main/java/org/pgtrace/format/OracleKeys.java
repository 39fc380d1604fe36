package org.pgtrace.format;

import java.util.Set;

/** The keys of {@code *** KEY:(value)} lines that Oracle writes. */
final class OracleKeys {
  private static final Set<String> KEYS =
      Set.of(
          "SESSION ID",
          "CLIENT ID",
          "SERVICE NAME",
          "MODULE NAME",
          "ACTION NAME",
          "CLIENT DRIVER",
          "CONTAINER ID",
          "CLIENT IP",
          "CONNECTION ID");

  private OracleKeys() {}

  static boolean contains(String key) {
    return KEYS.contains(key);
  }
}
