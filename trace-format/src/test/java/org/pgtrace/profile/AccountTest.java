package org.pgtrace.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pgtrace.profile.TraceText.statement;
import static org.pgtrace.profile.TraceText.sum;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each expected figure is computed by hand from the lines above it. */
class AccountTest {
  private static final String READ = "db file sequential read";
  private static final String TO_CLIENT = "SQL*Net message to client";
  private static final String FROM_CLIENT = "SQL*Net message from client";

  private final Path folder;

  AccountTest(@TempDir Path folder) {
    this.folder = folder;
  }

  /** One SELECT: PARSE 1000-1050, EXEC 1060-1080, FETCH 1100-1300, CLOSE 1305-1310. */
  static TraceText simple() {
    return new TraceText()
        .parsing(101, 0, "aaaaaaaaaaaaa", "select 1")
        .call("PARSE", 101, 40, 50, "p=0,cr=2,cu=0,mis=1,r=0", 0, 0, 1050, "")
        .call("EXEC", 101, 10, 20, 0, 1080)
        .wait(101, READ, 100, 1250, " pg='IO/DataFileRead' cpu=30")
        .call("FETCH", 101, 80, 200, "p=1,cr=4,cu=1,mis=0,r=7", 0, 0, 1300, "")
        .close(101, 5, 5, 0, 1310)
        .wait(0, TO_CLIENT, 10, 1325, " cpu=4")
        .wait(0, FROM_CLIENT, 500, 1830, " cpu=2");
  }

  @Test
  void with_a_session_summary_everything_adds_up_to_its_elapsed_time() {
    SessionProfile s =
        simple()
            .line(
                "SUMMARY #0:e=900,c=150,waits=574,unaccounted=176,cr=6,hit=5,read=1,disk=0,"
                    + "cache=1,think=498,tim=1900")
            .session(folder);

    assertThat(s.source()).isEqualTo("summary");
    assertThat(s.wallUs).isEqualTo(900);
    // 500 - 2.
    assertThat(s.think.waitUs()).isEqualTo(498).isEqualTo(s.summaryThinkUs);
    assertThat(s.responseUs()).isEqualTo(402);
    assertThat(s.cpuUs).isEqualTo(150);
    // 40 + 10 + 80 + 5; the rest of 150.
    assertThat(s.cpuInCallsUs).isEqualTo(135);
    assertThat(s.cpuBetweenCallsUs()).isEqualTo(15);
    // (100 - 30) + (10 - 4).
    assertThat(s.waitUs()).isEqualTo(76);
    assertThat(sum(s.waits, READ).waitUs()).isEqualTo(70);
    assertThat(sum(s.waits, READ).maxUs).isEqualTo(100);
    // 402 - 150 - 76.
    assertThat(s.unaccountedUs()).isEqualTo(176);
    assertThat(s.waitsOverSummaryUs()).isZero();
    assertThat(s.calls).isEqualTo(4);
    // 50 + 20 + 200 + 5.
    assertThat(s.callsUs).isEqualTo(275);
  }

  @Test
  void a_statement_has_tkprof_s_figures_and_its_own_account() {
    StatementProfile s = statement(simple().profile(folder), "select ?");

    assertThat(s.row(CallRow.PARSE).misses).isEqualTo(1);
    assertThat(s.row(CallRow.FETCH).elapsedUs).isEqualTo(200);
    assertThat(s.row(CallRow.FETCH).rows).isEqualTo(7);
    assertThat(s.row(CallRow.CLOSE).count).isEqualTo(1);
    assertThat(s.total().count).isEqualTo(4);
    assertThat(s.total().disk).isEqualTo(1);
    assertThat(s.total().query).isEqualTo(6);
    assertThat(s.total().current).isEqualTo(1);
    assertThat(s.executions).isEqualTo(1);
    assertThat(s.self.elapsedUs).isEqualTo(275);
    assertThat(s.self.cpuUs).isEqualTo(135);
    assertThat(s.waits.waitUs()).isEqualTo(70);
    // 275 - 135 - 70.
    assertThat(s.unaccountedUs()).isEqualTo(70);
  }

  @Test
  void without_a_summary_wall_time_is_from_the_first_beginning_to_the_last_line() {
    SessionProfile s = simple().session(folder);

    assertThat(s.source()).isEqualTo("lines");
    // PARSE began at 1000, the last wait ended at 1830.
    assertThat(s.wallUs).isEqualTo(830);
    // Calls 135, and 4 + 2 inside of the waits between them.
    assertThat(s.cpuUs).isEqualTo(141);
    assertThat(s.cpuBetweenCallsUs()).isEqualTo(6);
    // 830 - 498 - 141 - 76.
    assertThat(s.unaccountedUs()).isEqualTo(115);
  }

  @Test
  void time_that_oracle_counts_twice_makes_unaccounted_negative_and_is_not_hidden() {
    // FETCH 1000-1100: CPU 90 and a wait of 60 in it.
    SessionProfile s =
        new TraceText()
            .parsing(7, 0, "bbbbbbbbbbbbb", "select 2")
            .wait(7, READ, 60, 1080, "")
            .call("FETCH", 7, 90, 100, 0, 1100)
            .session(folder);

    assertThat(s.wallUs).isEqualTo(100);
    // 100 - 90 - 60.
    assertThat(s.unaccountedUs()).isEqualTo(-50);
  }

  @Test
  void tracing_that_was_switched_on_twice_has_two_summaries() {
    SessionProfile s =
        new TraceText()
            .parsing(101, 0, "aaaaaaaaaaaaa", "select 1")
            .call("EXEC", 101, 10, 20, 0, 1020)
            .line(summary(100, 15, 0, 1100))
            .call("EXEC", 101, 30, 40, 0, 900_040)
            .line(summary(300, 35, 0, 900_300))
            .session(folder);

    // The pause between them counts nowhere.
    assertThat(s.wallUs).isEqualTo(400);
    assertThat(s.cpuUs).isEqualTo(50);
    assertThat(s.cpuInCallsUs).isEqualTo(40);
    assertThat(s.unaccountedUs()).isEqualTo(350);
  }

  @Test
  void what_follows_the_last_summary_is_measured_by_its_lines() {
    SessionProfile s =
        new TraceText()
            .parsing(101, 0, "aaaaaaaaaaaaa", "select 1")
            .call("EXEC", 101, 10, 20, 0, 1020)
            .line(summary(100, 15, 0, 1100))
            .call("EXEC", 101, 30, 40, 0, 900_040)
            .session(folder);

    assertThat(s.source()).isEqualTo("both");
    assertThat(s.wallUs).isEqualTo(140);
    assertThat(s.cpuUs).isEqualTo(45);
  }

  private static String summary(long e, long c, long waits, long tim) {
    return "SUMMARY #0:e="
        + e
        + ",c="
        + c
        + ",waits="
        + waits
        + ",unaccounted="
        + (e - c - waits)
        + ",cr=0,hit=0,read=0,disk=0,cache=0,think=0,tim="
        + tim;
  }

  @Test
  void a_wait_for_the_client_inside_of_a_call_is_no_think_time() {
    // COPY: EXEC 1000-2000 waits for data from 1100 to 1500; then 3000 of think time.
    Profile profile =
        new TraceText()
            .parsing(101, 0, "aaaaaaaaaaaaa", "copy t from stdin")
            .wait(101, FROM_CLIENT, 400, 1500, "")
            .call("EXEC", 101, 100, 1000, 0, 2000)
            .wait(0, FROM_CLIENT, 3000, 5000, "")
            .profile(folder);
    SessionProfile s = profile.sessions().get(0);

    assertThat(s.think.waitUs()).isEqualTo(3000);
    assertThat(sum(s.waits, FROM_CLIENT).waitUs()).isEqualTo(400);
    assertThat(statement(profile, "copy t from stdin").waits.waitUs()).isEqualTo(400);
    // 4000 - 3000 - 100 - 400.
    assertThat(s.unaccountedUs()).isEqualTo(500);
  }

  @Test
  void a_wait_that_ends_before_the_call_begins_is_between_calls() {
    // As Oracle writes it: the cursor's number stands in waits between calls too. EXEC 1000-1010.
    Profile profile =
        new TraceText()
            .parsing(101, 0, "aaaaaaaaaaaaa", "select 1")
            .wait(101, TO_CLIENT, 5, 998, "")
            .call("EXEC", 101, 9, 10, 0, 1010)
            .profile(folder);
    StatementProfile s = statement(profile, "select ?");

    assertThat(s.waits.isEmpty()).isTrue();
    assertThat(sum(s.waitsBetween, TO_CLIENT).elapsedUs).isEqualTo(5);
    assertThat(s.unaccountedUs()).isEqualTo(1);
    // It began at 993.
    assertThat(profile.sessions().get(0).wallUs).isEqualTo(17);
  }

  @Test
  void pg_trace_s_own_waits_in_a_call_have_a_name_of_their_own() {
    Profile profile =
        new TraceText()
            .parsing(101, 0, "aaaaaaaaaaaaa", "select 1")
            .wait(0, READ, 50, 1060, " cpu=10 by=pg_trace")
            .call("EXEC", 101, 20, 100, 0, 1100)
            .profile(folder);

    StatementProfile s = statement(profile, "select ?");
    assertThat(sum(s.waits, READ + " (pg_trace)").waitUs()).isEqualTo(40);
    assertThat(sum(profile.sessions().get(0).waits, READ + " (pg_trace)").waitUs()).isEqualTo(40);
    // 100 - 20 - 40.
    assertThat(s.unaccountedUs()).isEqualTo(40);
  }

  @Test
  void reads_by_others_are_no_waits_of_the_session() {
    Profile profile =
        new TraceText()
            .parsing(101, 0, "aaaaaaaaaaaaa", "select 1")
            .read(
                101,
                "db file scattered read",
                70,
                "file#=5 block#=1 blocks=16 obj#=9",
                1050,
                " rel='public.t' tier=cache by=io-worker:311")
            .call("EXEC", 101, 20, 100, 0, 1100)
            .profile(folder);
    SessionProfile s = profile.sessions().get(0);

    assertThat(s.waits.isEmpty()).isTrue();
    assertThat(s.unaccountedUs()).isEqualTo(80);
    assertThat(sum(s.readByOthers, "db file scattered read by io-worker").elapsedUs).isEqualTo(70);
    assertThat(s.cacheBlocks).isEqualTo(16);
  }

  @Test
  void sessions_of_several_files_are_added_up() {
    Path a = simple().write(folder, "a.trc");
    Path b = simple().write(folder, "b.trc");
    Profile profile = TraceText.profileOf(a, b);

    assertThat(profile.sessions()).hasSize(2);
    assertThat(profile.total().wallUs).isEqualTo(1660);
    assertThat(profile.total().unaccountedUs()).isEqualTo(230);
    assertThat(statement(profile, "select ?").total().count).isEqualTo(8);
  }
}
