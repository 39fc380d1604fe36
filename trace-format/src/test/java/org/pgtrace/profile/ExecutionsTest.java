package org.pgtrace.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pgtrace.profile.TraceText.statement;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExecutionsTest {
  private final Path folder;

  ExecutionsTest(@TempDir Path folder) {
    this.folder = folder;
  }

  private static TraceText bound(TraceText trace, String value, long e, long tim) {
    trace.line("BINDS #101:").line("").line(" Bind#0");
    trace.line("  oacdty=02 mxl=22(22) mxlc=00 mal=00 scl=00 pre=00");
    trace.line("  oacflg=03 fl2=1000000 frm=00 csi=00 siz=24 off=0");
    trace.line("  kxsbbbfp=00000000  bln=22  avl=01  flg=05");
    trace.line("  type=integer").line("  value=" + value);
    return trace.call("EXEC", 101, 1, e, 0, tim);
  }

  @Test
  void an_execution_is_exec_and_its_fetches_until_the_next_exec_or_close() {
    StatementProfile s =
        statement(
            new TraceText()
                .parsing(101, 0, "aaaaaaaaaaaaa", "select * from t")
                .call("FETCH", 101, 1, 999, 0, 1000)
                .call("PARSE", 101, 1, 500, 0, 1500)
                .call("EXEC", 101, 1, 10, 0, 2010)
                .call("FETCH", 101, 1, 20, 0, 2100)
                .call("FETCH", 101, 1, 30, 0, 2200)
                .call("EXEC", 101, 1, 7, 0, 2300)
                .close(101, 0, 400, 0, 3000)
                .call("FETCH", 101, 1, 5, 0, 3100)
                .profile(folder),
            "select * from t");

    // 10 + 20 + 30, and 7; neither PARSE nor CLOSE, nor a FETCH without its EXEC.
    assertThat(s.latency.count()).isEqualTo(2);
    assertThat(s.latency.maxUs()).isEqualTo(60);
    assertThat(s.latency.minUs()).isEqualTo(7);
  }

  @Test
  void an_execution_inside_of_one_of_the_same_cursor_is_its_own() {
    StatementProfile s =
        statement(
            new TraceText()
                .parsing(101, 1, "aaaaaaaaaaaaa", "select f(n)")
                .call("EXEC", 101, 1, 10, 1, 1010)
                .call("EXEC", 101, 1, 20, 2, 1100)
                .call("FETCH", 101, 1, 30, 2, 1200)
                .close(101, 1, 1, 2, 1201)
                .call("FETCH", 101, 1, 400, 1, 1500)
                .profile(folder),
            "select f(n)");

    assertThat(s.latency.count()).isEqualTo(2);
    assertThat(s.latency.minUs()).isEqualTo(50);
    assertThat(s.latency.maxUs()).isEqualTo(410);
  }

  @Test
  void the_slowest_three_keep_their_bind_values() {
    TraceText trace = new TraceText().parsing(101, 0, "aaaaaaaaaaaaa", "select $1");
    long[] elapsed = {50, 10, 90, 20, 70};
    for (int i = 0; i < elapsed.length; i++) {
      bound(trace, String.valueOf(i), elapsed[i], 1000L * (i + 1));
    }
    StatementProfile s = statement(trace.profile(folder), "select $1");

    assertThat(s.slowest()).extracting(SlowExecution::elapsedUs).containsExactly(90L, 70L, 50L);
    assertThat(s.slowest())
        .extracting(e -> e.binds().get(0).value())
        .containsExactly("2", "4", "0");
    SlowExecution.Bind bind = s.slowest().get(0).binds().get(0);
    assertThat(bind.type()).isEqualTo("integer");
    assertThat(bind.isNull()).isFalse();
    assertThat(s.slowest().get(0).sqlId()).isEqualTo("aaaaaaaaaaaaa");
  }

  @Test
  void values_are_those_of_the_execution_that_follows_alone() {
    TraceText trace = new TraceText().parsing(101, 0, "aaaaaaaaaaaaa", "select $1");
    bound(trace, "1", 50, 1000).call("EXEC", 101, 1, 80, 0, 2000);
    StatementProfile s = statement(trace.profile(folder), "select $1");

    assertThat(s.slowest().get(0).elapsedUs()).isEqualTo(80);
    assertThat(s.slowest().get(0).binds()).isEmpty();
    assertThat(s.slowest().get(1).binds()).hasSize(1);
  }

  @Test
  void values_that_are_null_or_cut_are_marked() {
    TraceText trace = new TraceText().parsing(101, 0, "aaaaaaaaaaaaa", "select $1, $2");
    trace.line("BINDS #101:").line("").line(" Bind#0");
    trace.line("  oacdty=01 mxl=32(00) mxlc=00 mal=00 scl=00 pre=00");
    trace.line("  oacflg=03 fl2=1000000 frm=01 csi=873 siz=32 off=0");
    trace.line("  kxsbbbfp=00000000  bln=32  avl=00  flg=05");
    trace.line(" Bind#1");
    trace.line("  oacdty=01 mxl=32(05) mxlc=00 mal=00 scl=00 pre=00");
    trace.line("  oacflg=03 fl2=1000000 frm=01 csi=873 siz=32 off=0");
    trace.line("  kxsbbbfp=00000000  bln=32  avl=99  flg=05");
    trace.line("  value=\"begin\"...");
    trace.call("EXEC", 101, 1, 50, 0, 1000);
    StatementProfile s = statement(trace.profile(folder), "select $1, $2");

    SlowExecution.Bind first = s.slowest().get(0).binds().get(0);
    SlowExecution.Bind second = s.slowest().get(0).binds().get(1);
    assertThat(first.isNull()).isTrue();
    assertThat(first.type()).isEqualTo("VARCHAR2");
    assertThat(second.value()).isEqualTo("begin");
    assertThat(second.isCut()).isTrue();
  }

  @Test
  void a_call_with_more_waits_than_are_kept_still_adds_up() {
    int count = PendingWaits.LIMIT + 1000;
    TraceText trace =
        new TraceText()
            .parsing(101, 0, "aaaaaaaaaaaaa", "select * from t")
            .wait(0, "SQL*Net message from client", 50, 1_000, "");
    for (int i = 1; i <= count; i++) {
      trace.wait(101, "latch: x", 3, 1_000 + 10L * i, "");
    }
    long end = 1_000 + 10L * count + 5;
    trace.call("EXEC", 101, 100, end - 1_000, 0, end);
    Profile profile = trace.profile(folder);
    SessionProfile session = profile.sessions().get(0);

    assertThat(session.think.waitUs()).isEqualTo(50);
    assertThat(session.waitUs()).isEqualTo(3L * count);
    assertThat(statement(profile, "select * from t").waits.waitUs()).isEqualTo(3L * count);
    assertThat(statement(profile, "select * from t").unaccountedUs())
        .isEqualTo(10L * count + 5 - 100 - 3L * count);
  }
}
