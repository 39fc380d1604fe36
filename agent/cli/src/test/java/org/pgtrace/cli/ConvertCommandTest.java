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

/** {@code pgtrace convert}: files, messages and exit codes. */
class ConvertCommandTest {
  private static final String HEAD =
      """
      Trace file /var/log/pg_trace/main_pg_4711.trc
      PostgreSQL 15.20, pg_trace 1.0, trace format 1
      Instance name: main


      *** 2026-01-31T12:00:00.000000+00:00
      *** SESSION ID:(4711.3) 2026-01-31T12:00:00.000000+00:00
      *** USER NAME:(anna) 2026-01-31T12:00:00.000000+00:00
      """;

  private static final String CALLS =
      """
      =====================
      PARSING IN CURSOR #101 len=9 dep=0 uid=10 oct=3 lid=10 tim=1769860800000100 hv=1 ad='1' sqlid='0000000000001'
      select $1
      END OF STMT
      EXEC #101:c=1,e=2,p=0,cr=0,cu=0,mis=0,r=0,dep=0,og=1,plh=1,tim=1769860800000200
      WAIT #101: nam='x' ela= 3 p1=0 p2=0 p3=0 obj#=-1 tim=1769860800000300 pg='IO/X'
      """;

  private static final String OF_WORKER =
      """
      WAIT #101: nam='x' ela= 3 p1=0 p2=0 p3=0 obj#=-1 tim=1769860800000301 pg='IO/X' px=0
      """;

  private final Path folder;
  private final StringWriter err = new StringWriter();

  ConvertCommandTest(@TempDir Path folder) {
    this.folder = folder;
  }

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("main_pg_4711_x.trc"), text);
  }

  private int convert(Path file, String... more) {
    CommandLine commandLine = Main.commandLine();
    commandLine.setErr(new PrintWriter(err, true));
    String[] arguments = new String[more.length + 3];
    arguments[0] = "convert";
    arguments[1] = file.toString();
    arguments[2] = "--strict";
    System.arraycopy(more, 0, arguments, 3, more.length);
    return commandLine.execute(arguments);
  }

  @Test
  void out_is_written_and_a_worker_s_file_beside_it() throws IOException {
    Path out = Files.createDirectory(folder.resolve("out")).resolve("main_pg_4711_x.trc");
    Files.writeString(out, "old");

    assertThat(convert(file(HEAD + CALLS + OF_WORKER), "-o", out.toString())).isZero();

    assertThat(err.toString()).isEmpty();
    assertThat(out)
        .content()
        .startsWith("Trace file " + out + "\nOracle Database 19c compatible")
        .contains("\nselect :1\n", " tim=1769860800000300\n")
        .doesNotContain("px=", "USER NAME", "pg=");
    assertThat(out.resolveSibling("main_p000_4711_x.trc"))
        .content()
        .contains("\nselect :1\n", " tim=1769860800000301\n");
    assertThat(folder.resolve("out")).isDirectoryNotContaining("glob:**.unfinished");
  }

  @Test
  void a_trace_of_another_program_is_refused_and_nothing_is_written() throws IOException {
    Path out = folder.resolve("out.trc");

    assertThat(convert(file("Trace file x\nOracle Database 19c\n\n" + CALLS), "-o", out.toString()))
        .isEqualTo(2);

    assertThat(err.toString()).contains("is no trace of pg_trace");
    assertThat(out).doesNotExist();
  }

  @Test
  void what_is_not_there_is_named() throws IOException {
    assertThat(convert(folder.resolve("no.trc"))).isEqualTo(2);
    assertThat(err.toString()).contains("no.trc: no such file").hasLineCount(1);

    Path out = folder.resolve("no/out.trc");
    assertThat(convert(file(HEAD + CALLS), "-o", out.toString())).isEqualTo(2);
    assertThat(err.toString()).contains("no/out.trc").doesNotContain("Exception");
  }

  @Test
  void a_trace_does_not_overwrite_itself() throws IOException {
    Path file = file(HEAD + CALLS);

    assertThat(convert(file, "-o", file.toString())).isEqualTo(2);

    assertThat(err.toString()).contains("is the trace itself");
    assertThat(file).content().isEqualTo(HEAD + CALLS);
  }

  @Test
  void damage_is_told_and_the_rest_is_written() throws IOException {
    Path out = folder.resolve("out.trc");

    assertThat(convert(file(HEAD + "XCTEND rlbk=\n" + CALLS), "-o", out.toString())).isZero();

    assertThat(err.toString()).contains("1 damaged places left out");
    assertThat(out).content().contains("EXEC #101");
  }

  @Test
  void a_device_is_written_to_and_not_replaced() throws IOException {
    Path device = Files.createSymbolicLink(folder.resolve("device"), Path.of("/dev/full"));

    assertThat(convert(file(HEAD + CALLS), "-o", device.toString())).isEqualTo(2);

    assertThat(err.toString()).contains("No space left on device");
    assertThat(device).isSymbolicLink();
  }
}
