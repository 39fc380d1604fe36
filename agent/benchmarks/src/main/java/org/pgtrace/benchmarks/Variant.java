package org.pgtrace.benchmarks;

import java.util.LinkedHashMap;
import java.util.Map;

/** A server and the settings of a session on it. */
record Variant(String name, PrivateServer server, Map<String, String> settings) {

  static Variant plain(String name, PrivateServer server) {
    return new Variant(name, server, Map.of());
  }

  /**
   * A traced session.
   *
   * @param settings name and value, in turn, without {@code pg_trace.}
   */
  static Variant traced(String name, PrivateServer server, int level, String... settings) {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("pg_trace.level", Integer.toString(level));
    for (int i = 0; i < settings.length; i += 2) {
      all.put("pg_trace." + settings[i], settings[i + 1]);
    }
    all.put("pg_trace.enabled", "on");
    return new Variant(name, server, all);
  }
}
