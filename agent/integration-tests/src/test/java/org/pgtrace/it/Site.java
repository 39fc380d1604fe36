package org.pgtrace.it;

import java.util.Map;

/** A server and the daemon that drains it. */
record Site(TracedServer server, TraceDaemon daemon) implements AutoCloseable {
  /** Both started, and {@code CREATE EXTENSION} done. */
  static Site started(Platform platform, Map<String, String> settings, String... daemonOptions) {
    TracedServer server = platform.started(settings);
    try {
      TraceDaemon daemon = TraceDaemon.attached(server, daemonOptions);
      return new Site(server, daemon);
    } catch (RuntimeException | AssertionError e) {
      server.close();
      throw e;
    }
  }

  static Site started(Platform platform) {
    return started(platform, Map.of());
  }

  @Override
  public void close() {
    try (server;
        daemon) {
      // The daemon ends first, as resources are closed from the last one.
    }
  }
}
