package org.pgtrace.format;

/** A writer and what it has written since it was last asked. */
final class WriterFixture {
  private final TraceBuffer out = new TraceBuffer(64);
  final TraceWriter writer;

  private WriterFixture(TraceForm form) {
    writer = new TraceWriter(out, form);
  }

  /** A writer that has written nothing yet. */
  static WriterFixture fresh(TraceForm form) {
    return new WriterFixture(form);
  }

  /** A writer that has its stamp of {@link Text#TIM}. */
  static WriterFixture stamped(TraceForm form) {
    WriterFixture fixture = new WriterFixture(form);
    fixture.writer.xctend(false, true, Text.TIM);
    fixture.out.clear();
    return fixture;
  }

  void parsing(String sql) {
    byte[] b = Text.bytes(sql);
    writer.parsing(101, b, 0, b.length, 0, 10, 3, 11, Text.TIM);
  }

  /** Takes the text away. */
  String take() {
    String text = Text.of(out);
    out.clear();
    return text;
  }
}
