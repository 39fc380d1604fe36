package org.pgtrace.profile;

import java.util.ArrayList;
import java.util.List;
import org.pgtrace.format.BindType;
import org.pgtrace.format.BindValue;
import org.pgtrace.format.BindsRecord;
import org.pgtrace.format.ServerText;

/**
 * The values of an execution, copied.
 *
 * @param values the first of them
 * @param more how many are left out
 */
record Binds(List<SlowExecution.Bind> values, int more) {
  static final Binds NONE = new Binds(List.of(), 0);

  /** Values that are kept of one execution. */
  static final int VALUES_MAX = 100;

  /** Characters that are kept of one value. */
  static final int LENGTH_MAX = 2000;

  static Binds of(BindsRecord record) {
    List<BindValue> all = record.values();
    List<SlowExecution.Bind> values = new ArrayList<>();
    for (BindValue value : all.subList(0, Math.min(all.size(), VALUES_MAX))) {
      String text = ServerText.decode(value.value);
      boolean isLong = text.length() > LENGTH_MAX;
      values.add(
          new SlowExecution.Bind(
              value.position,
              type(value),
              !value.hasValue,
              isLong ? text.substring(0, LENGTH_MAX) : text,
              value.isCut || isLong));
    }
    return new Binds(List.copyOf(values), all.size() - values.size());
  }

  private static String type(BindValue value) {
    if (value.typeName.length() > 0) {
      return ServerText.decode(value.typeName);
    }
    for (BindType type : BindType.values()) {
      if (type.code() == value.typeCode) {
        return type.name();
      }
    }
    return "type " + value.typeCode;
  }
}
