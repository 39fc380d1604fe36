package org.pgtrace.ring;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Segments written by the C tests say here what they say there. */
class ImagesTest {
  private static final int SLOT = 1;
  private static final Path IMAGES = Sources.extension().resolve("tests/ring/images");

  static List<String> images() throws IOException {
    try (Stream<Path> files = Files.list(IMAGES)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".ring"))
          .map(name -> name.substring(0, name.length() - ".ring".length()))
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("images")
  void says_what_the_c_reader_says(String name) throws IOException {
    // The reader leaves out what tells nothing: PAD records, and types that it does not know.
    String expected =
        Files.readAllLines(IMAGES.resolve(name + ".txt")).stream()
            .filter(line -> !line.startsWith("type=PAD ") && !line.startsWith("type=UNKNOWN "))
            .map(line -> line + "\n")
            .collect(Collectors.joining());

    assertThat(decode(IMAGES.resolve(name + ".ring"))).isEqualTo(expected);
  }

  private static String decode(Path image) throws IOException {
    try (SegmentReader segment = SegmentReader.open(image, SegmentReader.Access.READ);
        RingReader ring = segment.slots().get(SLOT).openRing()) {
      SlotReader slot = segment.slots().get(SLOT);
      StringBuilder out = new StringBuilder();
      ring.seek(slot.readPosition());
      ring.drain(
          event -> {
            out.append(RingDump.line(event));
            return true;
          },
          Integer.MAX_VALUE);
      return out.append(ring.damage().map(RingDump::damaged).orElseGet(() -> RingDump.end(slot)))
          .toString();
    }
  }
}
