package org.pgtrace.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pgtrace.profile.TraceText.profileOf;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
  private final Path folder;

  ReportTest(@TempDir Path folder) {
    this.folder = folder;
  }

  private static String text(Profile profile, Look look) {
    StringWriter text = new StringWriter();
    PrintWriter out = new PrintWriter(text);
    ProfileText.print(profile, SortKey.ELAPSED, 10, look, out);
    out.flush();
    return text.toString();
  }

  private static String json(Profile profile, int top) {
    StringWriter text = new StringWriter();
    PrintWriter out = new PrintWriter(text);
    ProfileJson.print(profile, SortKey.ELAPSED, top, out);
    out.flush();
    return text.toString();
  }

  /** Long names and texts, large numbers, control characters. */
  private Profile wide() {
    String table = "schema_with_a_long_name.table_with_a_long_name_too".repeat(3);
    String sql = "select " + "column_name, ".repeat(60) + "1 from " + table + " /* \u001b[31m */";
    String big = "p=9999999999,cr=99999999999,cu=99999999999,mis=1,r=99999999999";
    TraceText trace =
        new TraceText()
            .parsing(101, 0, "aaaaaaaaaaaaa", sql)
            .parsing(102, 1, "bbbbbbbbbbbbb", sql.replace("1 from", "2, 3 from"))
            .read(
                101,
                "db file scattered read",
                99,
                "file#=77 block#=2 blocks=16 obj#=16384",
                1090,
                " rel='" + table + "' tier=cache")
            .line(" Bind#0");
    trace.line("BINDS #101:").line("").line(" Bind#0");
    trace.line("  oacdty=01 mxl=4000(300) mxlc=00 mal=00 scl=00 pre=00");
    trace.line("  oacflg=03 fl2=1000000 frm=01 csi=873 siz=4000 off=0");
    trace.line("  kxsbbbfp=00000000  bln=4000  avl=300  flg=05");
    trace.line("  value=\"" + "\u001b[2Jvalue ".repeat(40) + "\"");
    trace
        .wait(
            101, "Extension: a wait event with a name that is longer than any column", 9, 1095, "")
        .call("EXEC", 102, 1, 50, big, 1, 5, 99_000_000_000_000L, "")
        .call("EXEC", 101, 1, 99_999_999_999_999L, big, 0, 5, 99_999_999_999_999L, "")
        .call("EXEC", 101, 1, 40, big, 0, 5, 99_999_999_999_999L, "")
        .line(
            "STAT #101 id=1 cnt=99999999999 pid=0 pos=1 obj=0 op='Index Scan using "
                + table
                + " on "
                + table
                + " (cr=99999999999 pr=99999999999 pw=0 str=1 time=99999999999 us cost=4 size=246"
                + " card=1)'");
    return profileOf(trace.write(folder, "a-trace-with-a-long-name".repeat(6) + ".trc"));
  }

  @Test
  void no_line_is_wider_than_100_columns() {
    Profile profile = wide();
    for (Look look : new Look[] {Look.PLAIN, new Look(false, true)}) {
      assertThat(text(profile, look).lines()).allMatch(line -> line.length() <= 100);
    }
    Path a = AccountTest.simple().write(folder, "b".repeat(150) + ".trc");
    assertThat(text(profileOf(a, a), Look.PLAIN).lines()).allMatch(line -> line.length() <= 100);
  }

  @Test
  void what_a_trace_says_cannot_steer_a_terminal() {
    assertThat(text(wide(), Look.PLAIN)).doesNotContain("\u001b");
  }

  @Test
  void colours_are_for_terminals_alone() {
    Profile profile = AccountTest.simple().profile(folder);

    assertThat(text(profile, Look.PLAIN)).doesNotContain("\u001b");
    assertThat(text(profile, new Look(true, true))).contains("\u001b[1mResponse time");
    assertThat(text(profile, Look.PLAIN).chars()).allMatch(c -> c < 128);
  }

  @Test
  void the_response_time_adds_up_on_the_page() {
    String text = text(AccountTest.simple().profile(folder), Look.PLAIN);

    // 135 + 115 + 70 + 6 + 6 = 332; 332 + 498 = 830.
    assertThat(text)
        .containsPattern("CPU in calls +0\\.000135 +40\\.7% +4")
        .containsPattern("unaccounted +0\\.000115 +34\\.6%")
        .containsPattern("db file sequential read +0\\.000070 +21\\.1% +1 +0\\.000100")
        .containsPattern("SQL\\*Net message to client +0\\.000006 +1\\.8%")
        .containsPattern("CPU between calls +0\\.000006 +1\\.8%")
        .containsPattern("response time +0\\.000332")
        .containsPattern("think time of the client +0\\.000498 +1 ")
        .containsPattern("wall time +0\\.000830");
  }

  @Test
  void the_most_expensive_statement_comes_first_and_the_rest_is_one_line() {
    TraceText trace = new TraceText();
    for (int i = 1; i <= 12; i++) {
      trace.parsing(100 + i, 0, "sqlidsqlidsq" + (char) ('a' + i), "select c" + (char) ('a' + i));
      trace.call("EXEC", 100 + i, 1, 10L * i, 0, 1000L * i);
    }
    String text = text(trace.profile(folder), Look.PLAIN);

    assertThat(text).contains("1. SQL ID sqlidsqlidsqm").contains("10. SQL ID sqlidsqlidsqd");
    assertThat(text).doesNotContain("11. SQL ID").contains("10 of 12");
    // 10 + 20.
    assertThat(text).containsPattern("0\\.000030 .*\\(2 more\\)");
  }

  @Test
  void damage_and_loss_are_said() {
    String text =
        text(
            AccountTest.simple()
                .line("FETCH #101:c=damaged")
                .line(
                    "*** LOST 13 EVENTS (full=10, too_big=2, writer_died=1) BETWEEN 1000 AND 2000")
                .profile(folder),
            Look.PLAIN);

    assertThat(text).contains("The input is damaged: 1 ").contains("has lost 13 events");
  }

  @Test
  void json_has_the_same_figures_in_microseconds() {
    String json = json(AccountTest.simple().profile(folder), 10);

    assertThat(json)
        .startsWith("{\n  \"format\": \"pgtrace profile\",\n  \"version\": 1,\n")
        .endsWith("}\n")
        .contains("\"source\": \"lines\"")
        .contains("\"wall_us\": 830,")
        .contains("\"think_us\": 498,")
        .contains("\"response_us\": 332,")
        .contains("\"cpu_in_calls_us\": 135,")
        .contains("\"unaccounted_us\": 115,")
        .contains("\"text\": \"select ?\"")
        .contains("\"sql_id\": \"aaaaaaaaaaaaa\"")
        .contains("\"share\": 0.828313");
  }

  @Test
  void json_has_as_many_statements_as_are_asked_for() {
    Profile profile =
        AccountTest.simple()
            .parsing(102, 0, "bbbbbbbbbbbbb", "select 2, 3 from t")
            .call("EXEC", 102, 1, 2, 0, 1840)
            .profile(folder);

    assertThat(json(profile, 1)).contains("\"statement_count\": 2").doesNotContain("from t");
    assertThat(json(profile, Integer.MAX_VALUE)).contains("from t");
  }

  @Test
  void the_order_is_by_what_is_asked_for() {
    Profile profile =
        new TraceText()
            .parsing(101, 0, "aaaaaaaaaaaaa", "select a")
            .parsing(102, 0, "bbbbbbbbbbbbb", "select b")
            .call("EXEC", 101, 5, 90, "p=1,cr=9,cu=0,mis=0,r=5", 0, 0, 1100, "")
            .wait(102, "latch: x", 5, 1190, "")
            .call("EXEC", 102, 50, 60, "p=7,cr=2,cu=0,mis=3,r=1", 0, 0, 1200, "")
            .call("EXEC", 102, 1, 1, "p=0,cr=0,cu=0,mis=0,r=0", 0, 0, 1300, "")
            .profile(folder);

    for (SortKey key : new SortKey[] {SortKey.ELAPSED, SortKey.QUERY, SortKey.ROWS, SortKey.MAX}) {
      assertThat(profile.statements(key).get(0).text).as(key.label()).isEqualTo("select a");
    }
    for (SortKey key :
        new SortKey[] {SortKey.CPU, SortKey.DISK, SortKey.MISSES, SortKey.CALLS, SortKey.WAITS}) {
      assertThat(profile.statements(key).get(0).text).as(key.label()).isEqualTo("select b");
    }
  }
}
