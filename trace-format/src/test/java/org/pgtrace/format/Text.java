package org.pgtrace.format;

import java.nio.charset.StandardCharsets;

/** What the tests share: text in and out of a writer. */
final class Text {
  /** 2026-01-31T12:00:00.123456 UTC. */
  static final long TIM = 1_769_860_800_123_456L;

  static final String STAMP = "\n*** 2026-01-31T12:00:00.123456+00:00\n";

  private Text() {}

  static byte[] bytes(String s) {
    return s.getBytes(StandardCharsets.UTF_8);
  }

  static String of(TraceBuffer buffer) {
    return new String(buffer.array(), 0, buffer.length(), StandardCharsets.UTF_8);
  }
}
