package org.pgtrace.diff;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.pgtrace.format.NormalizedSql;
import org.pgtrace.report.FileFailure;

/** Rules of a repository for its own traces: for all statements, and for some. */
public final class Budgets {
  private static final String SQL = "sql:";
  private static final String SQLID = "sqlid=";

  private final List<Rule> global = new ArrayList<>();
  private final List<Section> sections = new ArrayList<>();
  private final String name;

  private Budgets(String name) {
    this.name = name;
  }

  /** Whom a section's rules are for. */
  private static final class Section {
    final int line;
    final String title;
    final String prefix;
    final String sqlId;
    final List<Rule> rules = new ArrayList<>();

    Section(int line, String title, String prefix, String sqlId) {
      this.line = line;
      this.title = title;
      this.prefix = prefix;
      this.sqlId = sqlId;
    }

    boolean isFor(StatementKey statement) {
      return sqlId.isEmpty()
          ? statement.sql().regionMatches(true, 0, prefix, 0, prefix.length())
          : statement.sqlId().equals(sqlId);
    }
  }

  /** No rules. */
  public static Budgets none() {
    return new Budgets("");
  }

  /** Reads a file; what is wrong in it is told with its line. */
  public static Budgets read(Path file) throws UnusableInputException {
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (CharacterCodingException e) {
      throw new UnusableInputException(file + ": not a text in UTF-8");
    } catch (IOException e) {
      throw new UnusableInputException(FileFailure.text(file, e));
    }
    Budgets budgets = new Budgets(file.toString());
    for (int i = 0; i < lines.size(); i++) {
      try {
        budgets.line(i + 1, lines.get(i).strip());
      } catch (IllegalArgumentException e) {
        throw new UnusableInputException(file + ":" + (i + 1) + ": " + e.getMessage());
      }
    }
    return budgets;
  }

  private void line(int number, String line) {
    if (line.isEmpty() || line.startsWith("#")) {
      return;
    }
    if (line.startsWith("[")) {
      sections.add(section(number, line));
    } else {
      rules().add(Rule.parse(line));
    }
  }

  private List<Rule> rules() {
    return sections.isEmpty() ? global : sections.get(sections.size() - 1).rules;
  }

  private static Section section(int number, String line) {
    if (!line.endsWith("]")) {
      throw new IllegalArgumentException("a section ends with ]");
    }
    String inside = line.substring(1, line.length() - 1).strip();
    if (inside.startsWith(SQL)) {
      String prefix = NormalizedSql.of(inside.substring(SQL.length()));
      if (!prefix.isEmpty()) {
        return new Section(number, line, prefix, "");
      }
    } else if (inside.startsWith(SQLID)) {
      String sqlId = inside.substring(SQLID.length()).strip();
      if (!sqlId.isEmpty()) {
        return new Section(number, line, "", sqlId);
      }
    }
    throw new IllegalArgumentException(
        "a section is [sql: BEGINNING OF A STATEMENT] or [sqlid=ID], not " + line);
  }

  /** The rules that are for a statement, the last one the strongest. */
  List<Rule> rulesFor(StatementKey statement) {
    List<Rule> rules = new ArrayList<>(global);
    for (Section section : sections) {
      if (section.isFor(statement)) {
        rules.addAll(section.rules);
      }
    }
    return rules;
  }

  List<Rule> global() {
    return global;
  }

  /** Sections that are for none of the statements, each with its place. */
  List<String> unused(Iterable<StatementKey> statements) {
    List<String> unused = new ArrayList<>();
    for (Section section : sections) {
      boolean isUsed = false;
      for (StatementKey statement : statements) {
        isUsed |= section.isFor(statement);
      }
      if (!isUsed) {
        unused.add(
            name + ":" + section.line + ": no statement in either trace is " + section.title);
      }
    }
    return unused;
  }
}
