package org.pgtrace.reader;

/** What the lines of records begin with. */
final class Beginnings {
  static final byte[] SECTION = Scan.ascii("=====================");
  static final byte[] WAIT = Scan.ascii("WAIT #");
  static final byte[] FETCH = Scan.ascii("FETCH #");
  static final byte[] EXEC = Scan.ascii("EXEC #");
  static final byte[] ERROR = Scan.ascii("ERROR #");
  static final byte[] PARSE = Scan.ascii("PARSE #");
  static final byte[] PARSING = Scan.ascii("PARSING IN CURSOR #");
  static final byte[] PARSE_ERROR = Scan.ascii("PARSE ERROR #");
  static final byte[] PLAN = Scan.ascii("PLAN #");
  static final byte[] CLOSE = Scan.ascii("CLOSE #");
  static final byte[] HIT = Scan.ascii("HIT #");
  static final byte[] OS = Scan.ascii("OS #");
  static final byte[] STAT = Scan.ascii("STAT #");
  static final byte[] SUMMARY = Scan.ascii("SUMMARY #");
  static final byte[] SYSCALL = Scan.ascii("SYSCALL #");
  static final byte[] SORT_UNMAP = Scan.ascii("SORT UNMAP #");
  static final byte[] UNMAP = Scan.ascii("UNMAP #");
  static final byte[] BINDS = Scan.ascii("BINDS #");
  static final byte[] XCTEND = Scan.ascii("XCTEND ");
  static final byte[] ERRTEXT = Scan.ascii(" ERRTEXT #");
  static final byte[] STARS = Scan.ascii("*** ");

  /** Of what ends a parallel worker's line. */
  static final byte[] WORKER = Scan.ascii(" px=");

  /** Of records that may follow any text whose end is missing. */
  private static final byte[][] ALL = {
    WAIT,
    FETCH,
    EXEC,
    ERROR,
    PARSE,
    PARSING,
    PARSE_ERROR,
    PLAN,
    CLOSE,
    HIT,
    OS,
    STAT,
    SUMMARY,
    SYSCALL,
    SORT_UNMAP,
    UNMAP,
    BINDS,
    XCTEND,
    STARS,
    SECTION,
    ERRTEXT
  };

  private Beginnings() {}

  /** Whether a record begins here. */
  static boolean isAt(Scan scan) {
    for (byte[] beginning : ALL) {
      if (scan.startsWith(beginning)) {
        return true;
      }
    }
    return false;
  }
}
