package org.pgtrace.it;

import java.util.LinkedHashMap;
import java.util.Map;

/** Settings of servers that depend on the major. */
final class Settings {
  private static final int FIRST_WITH_IO_WORKERS = 18;

  private Settings() {}

  /** With reads that each session does itself, one after the other, at the moment it needs them. */
  static Map<String, String> withoutIoWorkers(Platform platform, Map<String, String> settings) {
    return platform.major().number() < FIRST_WITH_IO_WORKERS
        ? settings
        : with(settings, "io_method", "sync");
  }

  static Map<String, String> with(Map<String, String> settings, String name, String value) {
    Map<String, String> all = new LinkedHashMap<>(settings);
    all.put(name, value);
    return all;
  }
}
