package org.pgtrace.ring;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Both sides agree with the golden layout, and so with each other. */
class LayoutTest {
  private static final String PREFIX = "PGT_";

  @Test
  void constants_are_those_of_the_golden_layout() throws Exception {
    assertThat(valuesOf(Layout.class, "")).isEqualTo(golden().constants);
  }

  @Test
  void offsets_and_sizes_are_those_of_the_golden_layout() throws Exception {
    SortedMap<String, String> ours = new TreeMap<>();
    ours.putAll(valuesOf(SegmentLayout.class, "PgtSegment."));
    ours.putAll(valuesOf(RuleLayout.class, "PgtRule."));
    ours.putAll(valuesOf(SlotLayout.class, "PgtSlot."));
    ours.putAll(valuesOf(CommitLayout.class, "PgtCommit."));
    for (Class<?> event : EventLayout.class.getDeclaredClasses()) {
      ours.putAll(valuesOf(event, "Pgt" + event.getSimpleName() + "."));
    }
    SortedMap<String, String> golden = golden().offsets;
    // The lengths of arrays are in the golden layout for every field; here for texts alone.
    golden.keySet().removeIf(name -> name.endsWith("_LENGTH") && !ours.containsKey(name));

    assertThat(ours).isEqualTo(golden);
  }

  private record Golden(SortedMap<String, String> constants, SortedMap<String, String> offsets) {}

  private static Golden golden() throws IOException {
    Golden golden = new Golden(new TreeMap<>(), new TreeMap<>());
    for (String line :
        Files.readAllLines(Sources.extension().resolve("tests/ring/layout.golden"))) {
      String[] words = line.split(" ", -1);
      switch (words[0]) {
        case "const" ->
            golden.constants.put(words[1].substring(PREFIX.length()), words[2].replace("\"", ""));
        case "size" -> golden.offsets.put(words[1] + ".SIZE", words[2]);
        case "offset" -> putOffset(golden.offsets, words);
        default -> throw new IOException("unknown line: " + line);
      }
    }
    return golden;
  }

  private static void putOffset(Map<String, String> offsets, String[] words) {
    int dot = words[1].indexOf('.');
    String field = words[1].substring(dot + 1);
    if (field.matches("reserved\\d*|rec")) {
      return;
    }
    String name = words[1].substring(0, dot + 1) + field.toUpperCase(Locale.ROOT);
    offsets.put(name, words[2]);
    if (!offsets.containsKey(name + "_LENGTH")) {
      offsets.put(name + "_LENGTH", words[3]);
    }
  }

  private static SortedMap<String, String> valuesOf(Class<?> type, String prefix)
      throws IllegalAccessException {
    SortedMap<String, String> values = new TreeMap<>();
    for (Field field : type.getDeclaredFields()) {
      if (!field.isSynthetic()) {
        values.put(prefix + field.getName(), String.valueOf(field.get(null)));
      }
    }
    return values;
  }
}
