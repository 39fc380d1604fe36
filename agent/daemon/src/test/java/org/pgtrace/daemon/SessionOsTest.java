package org.pgtrace.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgtrace.format.TraceForm;
import org.pgtrace.ring.Body;
import org.pgtrace.ring.EventLayout.Charge;
import org.pgtrace.ring.EventLayout.Rusage;
import org.pgtrace.ring.NativeSegment;

/** What the kernel has charged, as lines, through the real writer, ring, daemon and file. */
class SessionOsTest {
  private static final long T0 = NativeSegment.MONO_NS;

  /** T0 in a trace file. */
  private static final long TIM0 = NativeSegment.WALL_NS / 1000;

  private static final String FIGURES =
      "utime=1,stime=2,inblock=3,outblock=4,minflt=5,majflt=6,nvcsw=7,nivcsw=8,src=rusage,tim=";

  private final Workplace place;
  private final Writers writers;

  SessionOsTest(@TempDir Path folder) {
    place = new Workplace(folder);
    writers = new Writers(place);
  }

  @AfterEach
  void close() {
    place.close();
  }

  @Test
  void an_execution_has_a_line_with_all_figures_of_its_record() throws IOException {
    write(Writers.OWN, charge(101), 9);
    place.runOnce();

    assertThat(place.trace()).endsWith("OS #101:" + FIGURES + (TIM0 + 9) + "\n");
  }

  @Test
  void a_workers_part_has_its_number() throws IOException {
    write(Writers.OWN, charge(101), 8);
    write(2, charge(101), 9);
    place.runOnce();

    assertThat(place.trace()).endsWith("OS #101:" + FIGURES + (TIM0 + 9) + " px=1\n");
  }

  @Test
  void what_a_process_works_for_is_no_line() throws IOException {
    write(Writers.OWN, charge(101), 8);
    write(Writers.OWN, Body.runs(102, 0), 9);
    place.runOnce();

    assertThat(place.trace()).endsWith("OS #101:" + FIGURES + (TIM0 + 8) + "\n");
  }

  @Test
  void strict_form_has_no_such_lines() throws IOException {
    write(Writers.OWN, Body.xactEnd(false, true), 8);
    write(Writers.OWN, charge(101), 9);
    place.runOnce(place.options(TraceForm.STRICT, 0));

    assertThat(place.trace()).contains("XCTEND").doesNotContain("OS #");
  }

  private void write(int by, Body body, long us) {
    assertThat(writers.of(by, false).write(body, 0, T0 + us * 1000)).isTrue();
  }

  private static Body charge(int cursor) {
    Body body = Body.charge(cursor, T0);
    for (int i = 0; i < Rusage.SIZE / Long.BYTES; i++) {
      body.i64(Charge.USAGE + i * Long.BYTES, i + 1);
    }
    return body;
  }
}
