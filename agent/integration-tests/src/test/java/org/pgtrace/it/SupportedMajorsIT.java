package org.pgtrace.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the documents and scripts say of the majors, against the tests' own list. */
class SupportedMajorsIT {
  private static final List<String> MAJORS =
      Stream.of(SupportedMajor.values()).map(major -> String.valueOf(major.number())).toList();

  private static String read(String file) throws IOException {
    return Files.readString(Sources.file(file), UTF_8);
  }

  /** Such as {@code 15, 17, 18 and 19}. */
  private static String sentence() {
    int last = MAJORS.size() - 1;
    return String.join(", ", MAJORS.subList(0, last)) + " and " + MAJORS.get(last);
  }

  @ParameterizedTest
  @ValueSource(strings = {"README.md", "docs/getting-started.md", "docs/changelog.md"})
  void a_page_names_them(String page) throws IOException {
    assertThat(read(page)).contains("PostgreSQL " + sentence());
  }

  @Test
  void the_table_of_tests_has_a_column_each() throws IOException {
    String columns =
        MAJORS.stream().map(major -> " container " + major + " |").collect(Collectors.joining());
    assertThat(read("docs/test-matrix.md")).contains(columns);
  }

  @Test
  void what_a_major_does_differently_is_documented() throws IOException {
    String page = read("docs/test-matrix.md");
    for (MajorDifference difference : MajorDifference.values()) {
      assertThat(page).contains("| `" + difference.name() + "` |");
    }
  }

  @Test
  void a_base_image_can_be_made_of_each() throws IOException {
    String script = read("pg-extension/docker/make-base-image");
    for (String major : MAJORS) {
      assertThat(script).containsPattern("(?m)^ *" + major + "\\)");
    }
    assertThat(read("docs/docker.md")).contains(String.join(", ", MAJORS) + ")");
  }
}
