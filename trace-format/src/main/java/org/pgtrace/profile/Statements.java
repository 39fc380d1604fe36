package org.pgtrace.profile;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.pgtrace.format.NormalizedSql;
import org.pgtrace.format.StatementRecord;

/** The statements of all files, by the normal form of their text. */
final class Statements {
  /** Texts whose normal form is remembered. */
  private static final int REMEMBERED = 4096;

  private final Map<String, StatementProfile> byText = new LinkedHashMap<>();
  private final Map<String, StatementProfile> bySqlId = new LastUsed();

  /** Stands for no statement at all; nothing of it is shown. */
  final StatementProfile none = new StatementProfile(0, "", false);

  /** Calls whose statement's text is not in their trace. */
  long callsWithoutText;

  StatementProfile of(StatementRecord statement) {
    if (statement.sqlId.isEmpty()) {
      return ofText(statement);
    }
    StatementProfile known = bySqlId.get(statement.sqlId);
    if (known == null) {
      known = ofText(statement);
      bySqlId.put(statement.sqlId, known);
    }
    return known;
  }

  private StatementProfile ofText(StatementRecord statement) {
    return byText.computeIfAbsent(
        NormalizedSql.of(statement.text), text -> add(text, /* hasText= */ true));
  }

  /** What stands for a text that a trace does not have. */
  StatementProfile named(String name) {
    // No text begins so.
    return byText.computeIfAbsent("\0" + name, text -> add(name, /* hasText= */ false));
  }

  private StatementProfile add(String text, boolean hasText) {
    return new StatementProfile(byText.size() + 1, text, hasText);
  }

  List<StatementProfile> used() {
    List<StatementProfile> used = new ArrayList<>(byText.values());
    used.removeIf(statement -> !statement.isUsed());
    return used;
  }

  private static final class LastUsed extends LinkedHashMap<String, StatementProfile> {
    private static final long serialVersionUID = 1;

    LastUsed() {
      super(16, 0.75f, /* accessOrder= */ true);
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<String, StatementProfile> eldest) {
      return size() > REMEMBERED;
    }
  }
}
