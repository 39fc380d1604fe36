package org.pgtrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The extension's pg_regress files, as {@code make installcheck} runs them. */
@EachPlatform
class RegressIT {
  private final Platform platform;

  RegressIT(Platform platform) {
    this.platform = platform;
  }

  @Test
  void the_files_of_the_makefile_pass() throws IOException {
    try (TracedServer server = platform.started(Map.of())) {
      run(server, testsOfMakefile());
    }
  }

  @Test
  void loading_into_a_session_is_refused() throws IOException {
    try (TracedServer server = platform.started(Map.of("shared_preload_libraries", ""))) {
      run(server, List.of("not_preloaded"));
    }
  }

  private static List<String> testsOfMakefile() throws IOException {
    String makefile = Files.readString(Sources.file("pg-extension/Makefile"));
    Matcher line = Pattern.compile("(?m)^REGRESS = (.*)$").matcher(makefile);
    assertThat(line.find()).isTrue();
    return List.of(line.group(1).split(" ", -1));
  }

  private static void run(TracedServer server, List<String> tests) throws IOException {
    Path output = Scratch.folder("regress");
    Commands.Result result = server.regress(tests, output);

    Path differences = output.resolve("regression.diffs");
    assertThat(result.status())
        .as(result.output() + (Files.exists(differences) ? Files.readString(differences) : ""))
        .isZero();
  }
}
