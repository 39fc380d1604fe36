package org.pgtrace.diff;

import org.pgtrace.format.SqlId;

/**
 * What makes statements of two traces the same one.
 *
 * @param sql normal form of the text
 * @param isRecursive whether another statement ran it
 */
record StatementKey(String sql, boolean isRecursive) {
  /** sql_id of the normal form: the same whatever literals the text had. */
  String sqlId() {
    return SqlId.of(sql);
  }

  /** On one line, at most so many characters. */
  String shortText(int length) {
    String line = PlainText.oneLine(sql);
    return line.length() <= length ? line : line.substring(0, length - 3) + "...";
  }
}
