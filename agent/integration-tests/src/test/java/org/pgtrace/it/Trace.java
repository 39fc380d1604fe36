package org.pgtrace.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A trace file as a list of entries: a line, or a statement or group of binds with all its lines.
 * Independent of the program's own reader and writer.
 */
record Trace(Path file, List<Entry> entries) {
  /** What the end of several kinds of lines may say. */
  private static final Pattern LABELS =
      Pattern.compile("( workers=\\d+( px_[a-z]+=\\d+)+)?( partial| running)?( px=\\d+)?$");

  private static final Pattern WORKER = Pattern.compile(" px=(\\d+)$");

  /** What begins with a line of the given kind. */
  enum Kind {
    HEAD("Trace file .*"),
    STAMP("\\*\\*\\* \\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}\\+00:00"),
    KEY(
        "\\*\\*\\* [A-Z][A-Z ]+:\\(.*\\) \\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}\\+00:00"),
    LOST(
        "\\*\\*\\* LOST (?<n>\\d+) EVENTS \\(full=(?<full>\\d+), too_big=\\d+, writer_died=\\d+\\)"
            + " BETWEEN \\d+ AND (?<tim>\\d+)"),
    SEPARATOR("====================="),
    PARSING(
        "PARSING IN CURSOR #(?<c>\\d+) len=(?<len>\\d+) dep=(?<dep>\\d+) uid=\\d+ oct=\\d+ lid=\\d+"
            + " tim=(?<tim>\\d+) hv=\\d+ ad='[0-9a-f]+' sqlid='[0-9a-z]{13}'"),
    PARSE_ERROR(
        "PARSE ERROR #(?<c>\\d+):len=(?<len>\\d+) dep=(?<dep>\\d+) uid=\\d+ oct=\\d+ lid=\\d+"
            + " tim=(?<tim>\\d+) err=\\d+"),
    CALL(
        "(?<call>PARSE|EXEC|FETCH) #(?<c>\\d+):c=(?<cpu>-?\\d+),e=(?<e>-?\\d+),p=(?<p>\\d+),"
            + "cr=(?<cr>\\d+),cu=(?<cu>\\d+),mis=(?<mis>\\d),r=(?<r>\\d+),dep=(?<dep>\\d+),og=1,"
            + "plh=(?<plh>\\d+),tim=(?<tim>\\d+)"),
    CLOSE(
        "(?<call>CLOSE) #(?<c>\\d+):c=(?<cpu>-?\\d+),e=(?<e>-?\\d+),dep=(?<dep>\\d+),type=[0-3],"
            + "tim=(?<tim>\\d+)"),
    WAIT(
        "WAIT #(?<c>\\d+): nam='(?<nam>[^']+)' ela= (?<ela>\\d+)"
            + " (?<n1>[^=]+)=(?<p1>\\d+) (?<n2>[^=]+)=(?<p2>\\d+) (?<n3>[^=]+)=(?<p3>\\d+)"
            + " obj#=(?<obj>-1|\\d+) tim=(?<tim>\\d+)"
            + "(?<more>( pg='[^']+')?( node=\\d+)?( cpu=(?<cpu>\\d+))?"
            + "(( rel='[^']+')?( fork=(main|fsm|vm|init))? spc=\\d+ db=\\d+( tier=(cache|disk))?"
            + "|( file='[^']+')?( tier=(cache|disk))?"
            + "|( holder=\\d+)? lock='[^']+'( mode=[A-Za-z]+)?"
            + "|( target=(?<target>\\d+|[0-9A-F]+/[0-9A-F]+))?)( by=(?<by>pg_trace|io-worker:\\d+|io_uring))?( src=ebpf)?)"),
    HIT(
        "HIT #(?<c>\\d+): obj#=(?<obj>-1|\\d+)( rel='(?<rel>[^']+)'| file#=(?<file>\\d+))"
            + "( fork=(?<fork>main|fsm|vm|init))? blocks=(?<blocks>[0-9,~?-]+)"
            + "( node=(?<node>\\d+))? tim=(?<tim>\\d+)"),
    OBJECT(
        "\\*\\*\\* OBJECT obj#=(?<obj>\\d+) file#=(?<file>\\d+) name='(?<name>[^']+)'"
            + " kind=[a-z-]+"),
    SUMMARY(
        "SUMMARY #(?<c>\\d+):e=(?<e>\\d+),c=(?<cpu>\\d+),waits=(?<waits>\\d+),"
            + "unaccounted=(?<unaccounted>-?\\d+),cr=(?<cr>\\d+),hit=(?<hit>\\d+),"
            + "read=(?<read>\\d+),disk=(?<disk>\\d+),cache=(?<cache>\\d+)"
            + "(,think=(?<think>\\d+))?,tim=(?<tim>\\d+)"),
    OS(
        "OS #(?<c>\\d+):utime=(?<utime>\\d+),stime=(?<stime>\\d+)(,inblock=(?<inblock>\\d+),"
            + "outblock=(?<outblock>\\d+))?,minflt=(?<minflt>\\d+),majflt=(?<majflt>\\d+)"
            + ",nvcsw=(?<nvcsw>\\d+),nivcsw=(?<nivcsw>\\d+)((,rchar=(?<rchar>\\d+),"
            + "wchar=(?<wchar>\\d+),read_bytes=(?<readbytes>\\d+),"
            + "write_bytes=(?<writebytes>\\d+))?,rss=(?<rss>\\d+),run_delay=(?<rundelay>\\d+))?"
            + ",src=(?<src>rusage|proc),tim=(?<tim>\\d+)( span=(?<span>\\d+)"
            + "( throttled=\\d+)?( cpu_pressure=(?<cpupressure>\\d+))?( io_pressure=\\d+)?"
            + "( memory_pressure=\\d+)?( disk_busy=(?<diskbusy>\\d+))?"
            + "(?<approximate> approximate)?)?"),
    KERNEL_SUM(
        "OS #(?<c>\\d+):reads=(?<reads>\\d+),read_us=\\d+,read_bytes=(?<readbytes>\\d+),"
            + "writes=(?<writes>\\d+),write_us=\\d+,write_bytes=(?<writebytes>\\d+),"
            + "syncs=(?<syncs>\\d+),sync_us=\\d+,requests=(?<requests>\\d+),"
            + "request_bytes=(?<requestbytes>\\d+),device_us=(?<device>\\d+),"
            + "sleeps=(?<sleeps>\\d+),sleep_us=(?<sleep>\\d+),preemptions=\\d+,"
            + "runq_us=(?<runq>\\d+),src=ebpf,tim=(?<tim>\\d+)(?<incomplete> incomplete)?"),
    SYSCALL(
        "SYSCALL #(?<c>\\d+): nam='(?<nam>[a-z0-9_]+)' ela= (?<ela>\\d+) fd=(?<fd>-?\\d+)"
            + " offset=(?<offset>-?\\d+) bytes=(?<bytes>-?\\d+) obj#=(?<obj>-?\\d+)"
            + " tim=(?<tim>\\d+)( file='(?<file>[^']*)')?( rel='(?<rel>[^']*)')?"
            + "( block#=(?<block>\\d+))?( requests=(?<requests>\\d+)"
            + " request_bytes=(?<requestbytes>\\d+) device=(?<device>\\d+))? src=ebpf"),
    LOST_OF_KERNEL("\\*\\*\\* LOST \\d+ EVENTS \\(ebpf=\\d+\\) BETWEEN \\d+ AND (?<tim>\\d+)"),
    BINDS("BINDS #(?<c>\\d+):"),
    STAT(
        "STAT #(?<c>\\d+) id=(?<id>\\d+) cnt=(?<cnt>\\d+) pid=(?<pid>\\d+) pos=(?<pos>\\d+)"
            + " obj=\\d+ op='(?<op>[^']*) \\(cr=(?<cr>\\d+) pr=(?<pr>\\d+) pw=(?<pw>\\d+)"
            + " str=(?<str>\\d+) time=(?<time>\\d+) us cost=\\d+ size=\\d+ card=\\d+\\)'"),
    PLAN("PLAN #(?<c>\\d+): plh=(?<plh>\\d+)"),
    PLAN_LINE(" {2,}(-> .*|[A-Z][A-Za-z0-9 ]*: .*|Heap Blocks:.*|Buffers:.*|WAL:.*)"),
    ERROR("ERROR #(?<c>\\d+):err=\\d+ tim=(?<tim>\\d+)"),
    ERRTEXT(" ERRTEXT #\\d+: [0-9A-Z]{5} .*"),
    XCTEND("XCTEND rlbk=[01], rd_only=[01], tim=(?<tim>\\d+)"),
    CONTINUED("\\*\\*\\* TRACE CONTINUE[SD] (IN|FROM) FILE .* \\*\\*\\*"),
    EMPTY(" ?");

    final Pattern pattern;

    Kind(String regex) {
      pattern = Pattern.compile(regex);
    }
  }

  /**
   * An entry.
   *
   * @param number of its first line in the file, from 1
   * @param line first line
   * @param more lines after it: a statement's text, or binds
   */
  record Entry(Kind kind, int number, String line, List<String> more, Matcher fields) {
    long field(String name) {
      return Long.parseLong(fields.group(name));
    }

    String text(String name) {
      return fields.group(name);
    }

    /** Number of the parallel worker whose line it is; empty: of the session itself. */
    String worker() {
      Matcher matcher = WORKER.matcher(line);
      return matcher.find() ? matcher.group(1) : "";
    }

    boolean isOfWorker() {
      return !worker().isEmpty();
    }

    Optional<Long> tim() {
      return kind.pattern.pattern().contains("(?<tim>")
          ? Optional.of(field("tim"))
          : Optional.empty();
    }

    /** Text of a statement, as UTF-8. */
    String statement() {
      return new String(String.join("\n", more).getBytes(ISO_8859_1), UTF_8);
    }
  }

  static String text(Path file) {
    try {
      return Files.readString(file, ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Trace read(Path file) {
    String text = text(file);
    Trace trace = new Trace(file, new Parser(text).parse());
    TraceInvariants.check(trace);
    ReaderCheck.check(file);
    return trace;
  }

  List<Entry> of(Kind kind) {
    return entries.stream().filter(e -> e.kind() == kind).toList();
  }

  /** The calls of a kind ({@code EXEC}) of statements whose text matches. */
  List<Entry> calls(String call, String textRegex) {
    Pattern pattern = Pattern.compile(textRegex, Pattern.DOTALL);
    List<Entry> found = new ArrayList<>();
    for (Entry entry : entries) {
      boolean isCall = entry.kind() == Kind.CALL || entry.kind() == Kind.CLOSE;
      if (isCall
          && entry.text("call").equals(call)
          && pattern.matcher(statementOf(entry.field("c"))).matches()) {
        found.add(entry);
      }
    }
    return found;
  }

  String statementOf(long cursor) {
    return entries.stream()
        .filter(
            e ->
                (e.kind() == Kind.PARSING || e.kind() == Kind.PARSE_ERROR)
                    && e.field("c") == cursor)
        .map(Entry::statement)
        .findFirst()
        .orElse("");
  }

  /** The last plan written of a statement whose text matches, in preorder. */
  List<Entry> lastPlan(String textRegex) {
    Pattern pattern = Pattern.compile(textRegex, Pattern.DOTALL);
    List<Entry> plan = new ArrayList<>();
    for (Entry entry : of(Kind.STAT)) {
      if (pattern.matcher(statementOf(entry.field("c"))).matches()) {
        if (entry.field("id") == 1) {
          plan.clear();
        }
        plan.add(entry);
      }
    }
    return plan;
  }

  private static final class Parser {
    private final String text;
    private final List<Entry> entries = new ArrayList<>();
    private int at;
    private int number = 1;

    Parser(String text) {
      this.text = text;
    }

    List<Entry> parse() {
      if (!text.isEmpty() && !text.endsWith("\n")) {
        throw new AssertionError("last line is not whole");
      }
      head();
      while (at < text.length()) {
        entry();
      }
      return entries;
    }

    private String next() {
      int end = text.indexOf('\n', at);
      String line = text.substring(at, end);
      at = end + 1;
      number++;
      return line;
    }

    private void head() {
      int first = number;
      String line = next();
      Matcher matcher = Kind.HEAD.pattern.matcher(line);
      if (!matcher.matches()) {
        throw new AssertionError("no head: " + line);
      }
      List<String> more = new ArrayList<>();
      String previous = line;
      while (!(previous.isEmpty() && text.startsWith("\n", at))) {
        previous = next();
        more.add(previous);
        if (more.size() > 20) {
          throw new AssertionError("head without end: " + more);
        }
      }
      entries.add(new Entry(Kind.HEAD, first, line, more, matcher));
    }

    private void entry() {
      int first = number;
      String line = next();
      String unlabelled = LABELS.matcher(line).replaceFirst("");
      for (Kind kind : Kind.values()) {
        Matcher matcher = kind.pattern.matcher(unlabelled);
        if (kind != Kind.HEAD && matcher.matches()) {
          List<String> more =
              switch (kind) {
                case PARSING -> statement(matcher, true);
                case PARSE_ERROR -> statement(matcher, false);
                case BINDS -> binds();
                default -> List.of();
              };
          entries.add(new Entry(kind, first, line, more, matcher));
          return;
        }
      }
      throw new AssertionError("line " + first + " is of no known kind: " + line);
    }

    /** The text has the length that its head says; only that tells where it ends. */
    private List<String> statement(Matcher head, boolean hasEnd) {
      int end = at + Integer.parseInt(head.group("len"));
      if (end >= text.length() || text.charAt(end) != '\n') {
        throw new AssertionError("wrong length: " + head.group());
      }
      List<String> lines = List.of(text.substring(at, end).split("\n", -1));
      number += lines.size();
      at = end + 1;
      if (hasEnd) {
        String line = next();
        if (!line.equals("END OF STMT")) {
          throw new AssertionError("line " + (number - 1) + ": not END OF STMT: " + line);
        }
      }
      return lines;
    }

    private List<String> binds() {
      List<String> lines = new ArrayList<>();
      lines.add(require(""));
      int bind = 0;
      while (text.startsWith(" Bind#", at)) {
        lines.add(require(" Bind#" + bind++));
        lines.add(require("  oacdty=\\d{2,3} mxl=\\d+\\(\\d+\\) mxlc=00 mal=00 scl=00 pre=00"));
        lines.add(require("  oacflg=03 fl2=10000[01]0 frm=0[01] csi=(00|873) siz=\\d+ off=0"));
        lines.add(require("  kxsbbbfp=00000000  bln=\\d+  avl=\\d+  flg=05"));
        if (text.startsWith("  type=", at)) {
          lines.add(next());
        }
        if (text.startsWith("  value=", at)) {
          value(lines);
        }
      }
      return lines;
    }

    private void value(List<String> lines) {
      String line = next();
      lines.add(line);
      boolean quoted = line.startsWith("  value=\"");
      boolean open = quoted && !(line.length() > 9 && line.matches(".*\"(\\.\\.\\.)?"));
      while (open) {
        line = next();
        lines.add(line);
        open = !line.matches(".*\"(\\.\\.\\.)?");
      }
    }

    private String require(String regex) {
      String line = next();
      if (!line.matches(regex)) {
        throw new AssertionError("line " + (number - 1) + " is not " + regex + ": " + line);
      }
      return line;
    }
  }
}
