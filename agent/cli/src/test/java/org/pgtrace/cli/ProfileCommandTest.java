package org.pgtrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ProfileCommandTest {
  /** EXEC 1000-1100 of 60 CPU, then 900 of the client's time. */
  static final String TRACE =
      "=====================\n"
          + "PARSING IN CURSOR #101 len=8 dep=0 uid=10 oct=3 lid=10 tim=1 hv=1 ad='1'"
          + " sqlid='aaaaaaaaaaaaa'\n"
          + "select 1\n"
          + "END OF STMT\n"
          + "EXEC #101:c=60,e=100,p=0,cr=0,cu=0,mis=0,r=1,dep=0,og=1,plh=0,tim=1100\n"
          + "WAIT #0: nam='SQL*Net message from client' ela= 900 driver id=1 #bytes=1 p3=0"
          + " obj#=-1 tim=2000\n";

  private final Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  ProfileCommandTest(@TempDir Path folder) {
    this.folder = folder;
  }

  private int run(String... arguments) {
    CommandLine line = Main.commandLine();
    line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    String[] all = new String[arguments.length + 1];
    all[0] = "profile";
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    return line.execute(all);
  }

  private String file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text).toString();
  }

  @Test
  void the_profile_goes_to_standard_output() throws IOException {
    assertThat(run(file("a.trc", TRACE))).isEqualTo(ExitCodes.OK);

    assertThat(out.toString())
        .containsPattern("response time +0\\.000100")
        .containsPattern("wall time +0\\.001000")
        .contains("1. SQL ID aaaaaaaaaaaaa")
        .doesNotContain("\u001b");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void a_folder_stands_for_the_traces_in_it() throws IOException {
    file("a.trc", TRACE);
    file("b.trc", TRACE);
    file("notes.txt", "no trace");

    assertThat(run(folder.toString())).isZero();
    assertThat(out.toString())
        .contains("Profile of 2 sessions")
        .containsPattern("wall time +0\\.002");
  }

  @Test
  void json_is_alone_on_standard_output() throws IOException {
    assertThat(run("--json", file("a.trc", TRACE))).isZero();

    assertThat(out.toString()).startsWith("{\n").endsWith("}\n").contains("\"wall_us\": 1000,");
  }

  @Test
  void top_0_shows_no_statement() throws IOException {
    assertThat(run("--top", "0", "--sort", "CPU", file("a.trc", TRACE))).isZero();

    assertThat(out.toString()).contains("Statements by cpu").doesNotContain("SQL ID aaaaaaaaaaaaa");
  }

  @Test
  void damage_is_told_on_standard_error_with_its_place_and_the_profile_is_printed()
      throws IOException {
    assertThat(run(file("a.trc", TRACE + "EXEC #101:c=what\n".repeat(9)))).isZero();

    assertThat(err.toString()).contains("9 damages").contains("a.trc:7 (byte ");
    assertThat(err.toString().lines()).hasSize(6);
    assertThat(out.toString()).contains("The input is damaged").contains("wall time");
  }

  @Test
  void what_cannot_be_read_or_is_no_trace_ends_with_2() throws IOException {
    assertThat(run(folder.resolve("missing.trc").toString())).isEqualTo(ExitCodes.PROBLEM);
    assertThat(err.toString()).contains("missing.trc: no such file").doesNotContain("\tat ");

    assertThat(run("/proc/self/mem")).isEqualTo(ExitCodes.PROBLEM);
    assertThat(err.toString()).contains("cannot read /proc/self/mem: Input/output error");

    assertThat(run(folder.toString())).isEqualTo(ExitCodes.PROBLEM);
    assertThat(err.toString()).contains("no files *.trc in it");

    assertThat(run(file("empty.trc", ""))).isEqualTo(ExitCodes.PROBLEM);
    assertThat(run(file("letter.trc", "Dear Sir\n"))).isEqualTo(ExitCodes.PROBLEM);
    assertThat(err.toString()).contains("letter.trc is not a trace");
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void a_file_that_is_no_trace_does_not_spoil_the_others() throws IOException {
    assertThat(run(file("letter.trc", "Dear Sir\n"), file("a.trc", TRACE))).isZero();

    assertThat(err.toString()).contains("letter.trc is not a trace");
    assertThat(out.toString()).contains("Profile of ").contains("a.trc");
  }

  @Test
  void wrong_usage_names_the_option_and_ends_with_2() throws IOException {
    String file = file("a.trc", TRACE);

    assertThat(run("--sort", "size", file)).isEqualTo(ExitCodes.PROBLEM);
    assertThat(err.toString()).contains("--sort").contains("elapsed, cpu, calls");
    assertThat(run("--top", "-1", file)).isEqualTo(ExitCodes.PROBLEM);
    assertThat(err.toString()).contains("--top: 0 or more");
    assertThat(run()).isEqualTo(ExitCodes.PROBLEM);
    assertThat(err.toString()).contains("FILE");
  }
}
