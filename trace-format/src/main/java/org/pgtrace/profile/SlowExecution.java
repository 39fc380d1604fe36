package org.pgtrace.profile;

import java.util.List;

/**
 * One of the slowest executions of a statement.
 *
 * @param elapsedUs microseconds of EXEC and FETCH
 * @param tim when its last call ended
 * @param sqlId of its text; empty where the trace has none
 * @param file that has it
 * @param line of the EXEC
 * @param binds its values; none where it had none or the trace does not tell
 * @param moreBinds values that are left out here
 */
record SlowExecution(
    long elapsedUs,
    long tim,
    String sqlId,
    String file,
    long line,
    List<Bind> binds,
    int moreBinds) {
  /** How many of them are kept. */
  static final int KEPT = 3;

  /**
   * A bind value.
   *
   * @param position from 0
   * @param type PostgreSQL's name of it, else Oracle's
   * @param isNull whether it is NULL, or the trace has no value
   * @param value text of the value, without quotes
   * @param isCut whether that is only its beginning
   */
  record Bind(int position, String type, boolean isNull, String value, boolean isCut) {}
}
