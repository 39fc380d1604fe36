package org.pgtrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The released jar makes a profile: text, JSON, exit codes. */
class ProfileIT {
  private final Path folder;

  ProfileIT(@TempDir Path folder) {
    this.folder = folder;
  }

  @Test
  void a_trace_is_profiled_as_text_and_as_json() throws Exception {
    Path file = Files.writeString(folder.resolve("a.trc"), ProfileCommandTest.TRACE);

    Program.Result text = Program.run(folder, "profile", file.toString());
    assertThat(text.exitCode()).isZero();
    assertThat(text.err()).isEmpty();
    assertThat(text.out()).containsPattern("wall time +0\\.001000").doesNotContain("\u001b");

    Program.Result json = Program.run(folder, "profile", "--json", "--top=1", file.toString());
    assertThat(json.exitCode()).isZero();
    assertThat(json.out()).startsWith("{").contains("\"wall_us\": 1000,");
  }

  @Test
  void a_file_that_is_not_there_ends_with_2_and_one_line() throws Exception {
    Program.Result result = Program.run(folder, "profile", folder.resolve("no.trc").toString());

    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.out()).isEmpty();
    assertThat(result.err().lines()).hasSize(1);
    assertThat(result.err()).contains("no.trc: no such file");
  }
}
