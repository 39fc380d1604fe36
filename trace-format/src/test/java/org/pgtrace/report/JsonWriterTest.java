package org.pgtrace.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class JsonWriterTest {
  private final StringWriter text = new StringWriter();
  private final JsonWriter json = new JsonWriter(new PrintWriter(text));

  @Test
  void objects_and_arrays_are_indented_and_keep_their_order() {
    json.beginObject().field("b", 1).field("a", true);
    json.beginArray("list").value(1).value("x").beginObject().end().end();
    json.beginArray("none").end();
    json.beginObject("inner").field("half", 0.5).end();
    json.end();

    assertThat(text.toString())
        .isEqualTo(
            "{\n"
                + "  \"b\": 1,\n"
                + "  \"a\": true,\n"
                + "  \"list\": [\n"
                + "    1,\n"
                + "    \"x\",\n"
                + "    {}\n"
                + "  ],\n"
                + "  \"none\": [],\n"
                + "  \"inner\": {\n"
                + "    \"half\": 0.5\n"
                + "  }\n"
                + "}\n");
  }

  @Test
  void what_json_may_not_have_in_a_text_is_escaped() {
    json.value("a\"b\\c\nd\te\rf\u0001g\u001fh\u007f/é");

    assertThat(text.toString())
        .isEqualTo("\"a\\\"b\\\\c\\nd\\te\\rf\\u0001g\\u001fh\\u007f/\\u00e9\"\n");
  }

  @Test
  void keys_are_escaped_too() {
    json.beginObject().field("a\"", 1).end();

    assertThat(text.toString()).contains("\"a\\\"\": 1");
  }

  @Test
  void a_lone_surrogate_is_replaced_and_a_pair_is_kept() {
    json.value("x\udcff y\ud83d\ude00 z\ud83d");

    assertThat(text.toString()).isEqualTo("\"x\\ufffd y\\ud83d\\ude00 z\\ufffd\"\n");
  }

  @Test
  void numbers_that_json_has_not_are_refused() {
    assertThatThrownBy(() -> json.value(Double.NaN)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> json.value(Double.POSITIVE_INFINITY))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void wrong_use_is_refused() {
    assertThatThrownBy(() -> json.key("a")).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(json::end).isInstanceOf(IllegalStateException.class);
    json.beginObject();
    assertThatThrownBy(() -> json.value(1)).isInstanceOf(IllegalStateException.class);
    json.key("a");
    assertThatThrownBy(() -> json.key("b")).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(json::end).isInstanceOf(IllegalStateException.class);
    json.beginArray();
    assertThatThrownBy(() -> json.key("c")).isInstanceOf(IllegalStateException.class);
    json.end().end();
    assertThatThrownBy(() -> json.value(1)).isInstanceOf(IllegalStateException.class);
  }
}
