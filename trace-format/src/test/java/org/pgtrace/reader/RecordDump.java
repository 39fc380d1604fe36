package org.pgtrace.reader;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.pgtrace.format.BindsRecord;
import org.pgtrace.format.ByteSpan;
import org.pgtrace.format.HitRecord;
import org.pgtrace.format.TraceBuffer;
import org.pgtrace.format.TraceForm;
import org.pgtrace.format.TraceWriter;

/** What a visitor is given, as text: a line a record, with each public field that is not empty. */
final class RecordDump {
  private final List<String> lines = new ArrayList<>();

  TraceVisitor visitor() {
    return (TraceVisitor)
        Proxy.newProxyInstance(
            RecordDump.class.getClassLoader(),
            new Class<?>[] {TraceVisitor.class},
            (proxy, method, arguments) -> {
              take(method, arguments);
              return null;
            });
  }

  List<String> lines() {
    return lines;
  }

  String text() {
    return String.join("\n", lines) + "\n";
  }

  private void take(Method method, Object[] arguments) {
    Object value = arguments[0];
    if (value instanceof Diagnostic diagnostic) {
      lines.add(
          String.format(
              "%s %d @%d: %s",
              diagnostic.severity(), diagnostic.line(), diagnostic.offset(), diagnostic.message()));
      return;
    }
    Place at = (Place) arguments[1];
    String worker = at.worker() > 0 ? " px=" + (at.worker() - 1) : "";
    lines.add(
        String.format(
            "%d @%d %s%s%s", at.line(), at.offset(), method.getName(), worker, of(value)));
  }

  private static String of(Object value) {
    if (value instanceof ByteSpan span) {
      return " " + quoted(span);
    }
    if (value instanceof HitRecord hits) {
      return " " + written(hits).strip();
    }
    StringBuilder text = new StringBuilder();
    if (value instanceof BindsRecord binds) {
      text.append(" cursor=").append(binds.cursor);
      binds.values().forEach(bind -> text.append("\n    bind").append(of(bind)));
      return text.toString();
    }
    for (Field field : value.getClass().getFields()) {
      if (!Modifier.isStatic(field.getModifiers()) && !field.getName().equals("lines")) {
        text.append(of(field, value));
      }
    }
    return text.toString();
  }

  /** Its spans are no field. */
  private static String written(HitRecord hits) {
    TraceBuffer out = new TraceBuffer(256);
    new TraceWriter(out, TraceForm.FULL).hits(hits);
    String text = new String(out.array(), 0, out.length(), UTF_8);
    return text.substring(text.indexOf("HIT"));
  }

  private static String of(Field field, Object owner) {
    Object value;
    try {
      value = field.get(owner);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
    if (value instanceof List<?> list) {
      StringBuilder text = new StringBuilder();
      list.forEach(each -> text.append("\n    ").append(field.getName()).append(of(each)));
      return text.toString();
    }
    String text = value instanceof ByteSpan span ? quoted(span) : String.valueOf(value);
    boolean isEmpty =
        text.isEmpty() || text.equals("''") || text.equals("false") || text.equals("0.0");
    return isEmpty ? "" : " " + field.getName() + "=" + text;
  }

  private static String quoted(ByteSpan span) {
    String text = new String(span.array(), span.offset(), span.length(), UTF_8);
    return "'" + text.replace("\n", "\\n").replace("\t", "\\t") + "'";
  }

  static RecordDump of(byte[] trace, int readSize) throws IOException {
    return of(trace, readSize, TraceReader.RECORD_MAX);
  }

  static RecordDump of(byte[] trace, int readSize, int recordMax) throws IOException {
    RecordDump dump = new RecordDump();
    Tally tally =
        TraceReader.read(
            new ByteArrayInputStream(trace), "trace", readSize, recordMax, dump.visitor());
    dump.lines.add(tally.toString());
    return dump;
  }
}
