package org.pgtrace.diff;

import java.util.Locale;
import java.util.Random;

/** A small trace, written by hand; what is another in each run comes from a seed. */
final class TraceText {
  static final long INDEX_PLAN = 1111111111L;
  static final long SEQ_PLAN = 2222222222L;

  private final StringBuilder text = new StringBuilder();
  private final Random random;
  private final long cursorBase;
  private final long relFile;
  private long tim;

  TraceText() {
    this(0);
  }

  /** The same trace, whatever the seed, but for what is volatile. */
  TraceText(long seed) {
    random = new Random(seed);
    cursorBase = 101L + random.nextInt(50);
    relFile = 16384L + random.nextInt(10000);
    tim = 1_769_860_800_000_000L + random.nextInt(1_000_000_000);
    int pid = 1000 + random.nextInt(9000);
    line("Trace file /var/log/pg_trace/main_pg_" + pid + ".trc");
    line("PostgreSQL 15.20 (Debian 15.20-1), pg_trace 1.0, trace format 1");
    line("Unix process pid: " + pid + ", image: postgres@db1 (client backend)");
    line("");
    line("");
    line("*** 2026-01-31T12:00:00.123456+00:00");
    line(
        "*** SESSION ID:("
            + pid
            + "."
            + random.nextInt(100)
            + ") 2026-01-31T12:00:00.123456+00:00");
  }

  TraceText line(String line) {
    text.append(line).append('\n');
    return this;
  }

  private long tim() {
    tim += 1 + random.nextInt(1000);
    return tim;
  }

  int literal() {
    return random.nextInt(100_000);
  }

  private long us() {
    return random.nextInt(50);
  }

  long cursor(int number) {
    return cursorBase + number;
  }

  TraceText parsing(int cursor, String sql) {
    return parsing(cursor, sql, 0);
  }

  TraceText parsing(int cursor, String sql, int depth) {
    line("=====================");
    line(
        String.format(
            Locale.ROOT,
            "PARSING IN CURSOR #%d len=%d dep=%d uid=10 oct=3 lid=10 tim=%d hv=%d ad='%x' sqlid='%s'",
            cursor(cursor),
            sql.length(),
            depth,
            tim(),
            random.nextInt(1 << 30),
            random.nextInt(1 << 30),
            "a5ks9fhw2v9s1"));
    return line(sql).line("END OF STMT");
  }

  TraceText parseError(int cursor, String sql, int error) {
    line("=====================");
    line(
        String.format(
            Locale.ROOT,
            "PARSE ERROR #%d:len=%d dep=0 uid=10 oct=0 lid=10 tim=%d err=%d",
            cursor(cursor),
            sql.length(),
            tim(),
            error));
    return line(sql);
  }

  /** One call; the time is drawn. */
  TraceText call(String kind, int cursor, int depth, long cr, long p, long rows, long plan) {
    return timed(kind, cursor, depth, cr, p, rows, plan, us(), us());
  }

  TraceText timed(
      String kind,
      int cursor,
      int depth,
      long cr,
      long p,
      long rows,
      long plan,
      long cpuUs,
      long elapsedUs) {
    return line(
        String.format(
            Locale.ROOT,
            "%s #%d:c=%d,e=%d,p=%d,cr=%d,cu=0,mis=0,r=%d,dep=%d,og=1,plh=%d,tim=%d",
            kind,
            cursor(cursor),
            cpuUs,
            elapsedUs,
            p,
            cr,
            rows,
            depth,
            plan,
            tim()));
  }

  TraceText stat(int cursor, int id, int parent, String op, long rows, long cr) {
    return line(
        String.format(
            Locale.ROOT,
            "STAT #%d id=%d cnt=%d pid=%d pos=1 obj=%d op='%s (cr=%d pr=0 pw=0 str=1 time=%d us"
                + " cost=4 size=246 card=6)'",
            cursor(cursor),
            id,
            rows,
            parent,
            relFile,
            op,
            cr,
            us()));
  }

  TraceText plan(int cursor, long hash, String op, long tempBlocks) {
    line("PLAN #" + cursor(cursor) + ": plh=" + hash);
    line("  -> " + op + "  (rows=1 est=1 loops=1 time=~" + us() + "us self=~1us)");
    if (tempBlocks > 0) {
      line("       Buffers: temp read=" + tempBlocks);
    }
    return this;
  }

  /** A read of a relation; without a name only its file's number tells which one. */
  TraceText read(int cursor, String relation, int blocks) {
    String rel = relation.isEmpty() ? "" : " rel='" + relation + "'";
    return line(
        String.format(
            Locale.ROOT,
            "WAIT #%d: nam='db file scattered read' ela= %d file#=%d block#=%d blocks=%d obj#=%d"
                + " tim=%d pg='IO/DataFileRead'%s fork=main spc=1663 db=5 tier=cache",
            cursor(cursor),
            us(),
            relFile,
            random.nextInt(100),
            blocks,
            relFile,
            tim(),
            rel));
  }

  TraceText object(String name) {
    return line(
        "*** OBJECT obj#=" + relFile + " file#=" + relFile + " name='" + name + "' kind=table");
  }

  TraceText hit(int cursor, String relation, String blocks) {
    return line(
        "HIT #"
            + cursor(cursor)
            + ": obj#="
            + relFile
            + " rel='"
            + relation
            + "' fork=main blocks="
            + blocks
            + " node=1 tim="
            + tim());
  }

  TraceText temp(int cursor, int blocks) {
    return line(
        String.format(
            Locale.ROOT,
            "WAIT #%d: nam='direct path write temp' ela= %d file number=%d first dba=0 block cnt=%d"
                + " obj#=-1 tim=%d pg='IO/BufFileWrite'",
            cursor(cursor),
            us(),
            random.nextInt(9) + 1,
            blocks,
            tim()));
  }

  TraceText sleep(int cursor, long us) {
    return line(
        "WAIT #"
            + cursor(cursor)
            + ": nam='PL/SQL lock timer' ela= "
            + us
            + " duration=1 p2=0 p3=0 obj#=-1 tim="
            + tim()
            + " pg='Timeout/PgSleep'");
  }

  TraceText error(int cursor, int error) {
    return line("ERROR #" + cursor(cursor) + ":err=" + error + " tim=" + tim());
  }

  TraceText close(int cursor, int depth) {
    return line(
        String.format(
            Locale.ROOT,
            "CLOSE #%d:c=1,e=%d,dep=%d,type=0,tim=%d",
            cursor(cursor),
            us(),
            depth,
            tim()));
  }

  /** A whole query that returns rows: parse, execution, fetch, end. */
  TraceText query(int cursor, String sql, long cr, long rows, long plan) {
    return parsing(cursor, sql)
        .call("PARSE", cursor, 0, random.nextInt(100), random.nextInt(10), 0, plan)
        .call("EXEC", cursor, 0, 0, 0, 0, plan)
        .call("FETCH", cursor, 0, cr, random.nextInt(10), rows, plan)
        .close(cursor, 0);
  }

  /** As it is while its session goes on. */
  String unended() {
    return text.toString();
  }

  @Override
  public String toString() {
    return unended() + "*** SESSION END:(disconnect) 2026-01-31T12:00:00.123456+00:00\n";
  }
}
