package org.pgtrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Text and exit codes of {@code pgtrace diff}. */
class DiffCommandTest {
  private final Path folder;
  private final Path base;
  private final Path worse;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  DiffCommandTest(@TempDir Path folder) throws IOException {
    this.folder = folder;
    base = trace("base.trc", 100, 7, "");
    worse = trace("worse.trc", 900, 8, "");
  }

  private Path trace(String name, int reads, int plan, String more) throws IOException {
    return Files.writeString(
        folder.resolve(name),
        """
        =====================
        PARSING IN CURSOR #101 len=20 dep=0 uid=10 oct=3 lid=10 tim=1 hv=1 ad='1' sqlid='a5ks9fhw2v9s1'
        select 1 from t /**/
        END OF STMT
        EXEC #101:c=0,e=0,p=0,cr=%d,cu=0,mis=0,r=1,dep=0,og=1,plh=%d,tim=2
        %s"""
            .formatted(reads, plan, more));
  }

  private int diff(Object... arguments) {
    String[] words = new String[arguments.length + 1];
    words[0] = "diff";
    for (int i = 0; i < arguments.length; i++) {
      words[i + 1] = arguments[i].toString();
    }
    return Main.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(words);
  }

  @Test
  void the_same_ends_with_0() {
    assertThat(diff(base, base)).isZero();
    assertThat(out.toString()).startsWith("same\n");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void a_regression_ends_with_1() {
    assertThat(diff(base, worse)).isEqualTo(1);
    assertThat(out.toString()).startsWith("regression: 2 checks failed in 1 statement\n");
  }

  @Test
  void what_fails_can_be_chosen() {
    assertThat(diff(base, worse, "--fail-on", "rows,errors")).isZero();
    assertThat(diff(base, worse, "--fail-on", "rows", "--fail-on", "plan")).isEqualTo(1);
    assertThat(diff(base, worse, "--fail-on=none")).isZero();
    assertThat(diff(base, worse, "--fail-on=reads", "--min-blocks=801")).isZero();
  }

  @Test
  void an_unknown_check_ends_with_2_and_lists_the_valid_ones() {
    assertThat(diff(base, worse, "--fail-on", "speed")).isEqualTo(2);
    assertThat(err.toString()).contains("--fail-on: unknown check: speed; valid are statements,");
  }

  @Test
  void what_is_no_trace_ends_with_2_and_is_named() throws IOException {
    Path none = folder.resolve("none.trc");
    Path other = Files.writeString(folder.resolve("other.txt"), "hello\n");

    assertThat(diff(base, none)).isEqualTo(2);
    assertThat(diff(other, base)).isEqualTo(2);
    assertThat(err.toString())
        .isEqualTo("pgtrace: " + none + ": no such file\npgtrace: " + other + ": not a trace\n");
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void a_missing_argument_ends_with_2() {
    assertThat(diff(base)).isEqualTo(2);
    assertThat(err.toString()).contains("NEW");
  }

  @Test
  void lost_events_end_with_2_unless_they_are_allowed() throws IOException {
    Path lost =
        trace(
            "lost.trc",
            100,
            7,
            "*** LOST 13 EVENTS (full=13, too_big=0, writer_died=0) BETWEEN 1 AND 2\n");

    assertThat(diff(base, lost)).isEqualTo(2);
    assertThat(out.toString()).startsWith("incomplete: ").contains("has lost 13 events");
    assertThat(diff(base, lost, "--allow-incomplete")).isZero();
    assertThat(diff(worse, lost, "--allow-incomplete")).isEqualTo(1);
  }

  @Test
  void budgets_are_read_and_their_errors_have_a_line() throws IOException {
    Path budgets =
        Files.writeString(
            folder.resolve("budgets"), "[sql: select 1 from t]\nplan off\nreads+800%\n");
    Path wrong = Files.writeString(folder.resolve("wrong"), "\nreads+many%\n");

    assertThat(diff(base, worse, "--budgets", budgets)).isZero();
    assertThat(diff(base, worse, "--budgets", wrong)).isEqualTo(2);
    assertThat(err.toString()).startsWith("pgtrace: " + wrong + ":2: not a check: reads+many%");
  }

  @Test
  void reports_are_written_with_either_verdict() throws IOException {
    Path xml = folder.resolve("junit.xml");
    Path json = folder.resolve("diff.json");

    assertThat(diff(base, worse, "--junit-xml", xml, "--json", json)).isEqualTo(1);
    assertThat(Files.readString(xml)).contains("<failure ");
    assertThat(Files.readString(json)).contains("\"verdict\": \"regression\"");
    assertThat(diff(base, base, "--junit-xml", xml, "--json", json)).isZero();
    assertThat(Files.readString(xml)).doesNotContain("<failure ");
    assertThat(Files.readString(json)).contains("\"verdict\": \"same\"");
  }

  @Test
  void a_report_that_cannot_be_written_ends_with_2() {
    Path file = folder.resolve("none/junit.xml");

    assertThat(diff(base, base, "--junit-xml", file)).isEqualTo(2);
    assertThat(err.toString())
        .isEqualTo("pgtrace: --junit-xml: there is no such folder: " + file + "\n");
  }

  @Test
  void it_has_help() {
    assertThat(diff("--help")).isZero();
    assertThat(out.toString()).startsWith("Usage: pgtrace diff").contains("reads+10%");
  }
}
