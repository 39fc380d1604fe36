package org.pgtrace.profile;

/** The rows of a statement's table of calls; the first three are tkprof's. */
enum CallRow {
  PARSE("Parse"),
  /** With UNMAP and SORT UNMAP, as in tkprof. */
  EXECUTE("Execute"),
  FETCH("Fetch"),
  CLOSE("Close"),
  /** Oracle's LOB calls, which have no cursor. */
  LOB("LOB");

  private final String label;

  CallRow(String label) {
    this.label = label;
  }

  String label() {
    return label;
  }
}
