package org.pgtrace.diff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.pgtrace.diff.TraceText.INDEX_PLAN;
import static org.pgtrace.diff.TraceText.SEQ_PLAN;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgtrace.reader.ReadListener;

/** What is taken from a trace. */
class WorkloadTest {
  private final Path folder;
  private final Traces traces;

  WorkloadTest(@TempDir Path folder) {
    this.folder = folder;
    traces = new Traces(folder);
  }

  private StatementStats first(TraceText trace) throws UnusableInputException {
    return workload(trace).statements().values().iterator().next();
  }

  private Workload workload(TraceText trace) throws UnusableInputException {
    return Workload.read(traces.write("one.trc", trace.toString()), false, ReadListener.NONE);
  }

  @Test
  void recursive_calls_are_not_their_caller_s() throws Exception {
    TraceText trace =
        new TraceText()
            .parsing(1, "select f()")
            .parsing(2, "select 1 from a", 1)
            .timed("PARSE", 2, 1, 7, 2, 0, SEQ_PLAN, 1, 10)
            .timed("EXEC", 2, 1, 1, 0, 0, SEQ_PLAN, 1, 20)
            .parsing(3, "select 1 from b", 2)
            .timed("EXEC", 3, 2, 30, 3, 0, SEQ_PLAN, 5, 300)
            .timed("FETCH", 2, 1, 40, 4, 1, SEQ_PLAN, 10, 400)
            .timed("FETCH", 1, 0, 100, 10, 1, INDEX_PLAN, 50, 1000)
            .timed("FETCH", 1, 0, 5, 0, 1, INDEX_PLAN, 1, 1);

    List<StatementStats> all = List.copyOf(workload(trace).statements().values());
    assertThat(all)
        .extracting(s -> s.key.sql())
        .containsExactly("select f()", "select ? from a", "select ? from b");
    assertThat(all).extracting(s -> s.reads).containsExactly(100L - 7 - 1 - 40 + 5, 1L + 10, 30L);
    assertThat(all).extracting(s -> s.physical).containsExactly(10L - 2 - 4, 1L, 3L);
    assertThat(all)
        .extracting(s -> s.elapsed)
        .containsExactly(1000L - 10 - 20 - 400 + 1, 120L, 300L);
    assertThat(all).extracting(s -> s.cpu).containsExactly(50L - 1 - 1 - 10 + 1, 6L, 5L);
    assertThat(all).extracting(s -> s.rows).containsExactly(2L, 1L, 0L);
  }

  @Test
  void a_parallel_worker_s_run_is_in_its_leader_s_call() throws Exception {
    long recursive = (1 << 20) + 1;
    TraceText trace = new TraceText().parsing(1, "select f(a) from t");
    trace.line(
        "FETCH #" + recursive + ":c=1,e=1,p=0,cr=30,cu=0,mis=0,r=1,dep=1,og=1,plh=7,tim=1 px=0");
    trace.line(
        "FETCH #"
            + trace.cursor(1)
            + ":c=1,e=1,p=0,cr=80,cu=0,mis=0,r=9,dep=0,og=1,plh=7,tim=1 px=0");
    trace.call("FETCH", 1, 0, 200, 0, 3, INDEX_PLAN);

    StatementStats statement = first(trace);
    assertThat(statement.rows).isEqualTo(3);
    assertThat(statement.reads).isEqualTo(200 - 30);
  }

  @Test
  void objects_are_those_of_waits_of_hits_and_of_names_that_come_later() throws Exception {
    TraceText trace =
        new TraceText()
            .parsing(1, "select 1")
            .read(1, "public.t", 3)
            .call("PARSE", 1, 0, 0, 0, 0, INDEX_PLAN)
            .read(1, "public.t", 4)
            .read(1, "", 5)
            .read(1, "pg_catalog.pg_class", 6)
            .hit(1, "public.i", "0-9,3")
            .call("EXEC", 1, 0, 0, 0, 0, INDEX_PLAN)
            .object("public.later");

    assertThat(first(trace).objects)
        .hasEntrySatisfying("public.t", o -> assertThat(o.read).isEqualTo(4))
        .hasEntrySatisfying("public.later", o -> assertThat(o.read).isEqualTo(5))
        .hasEntrySatisfying("public.i", o -> assertThat(o.hit).isEqualTo(11))
        .hasSize(3);
  }

  @Test
  void the_server_s_own_relations_can_be_asked_for() throws Exception {
    TraceText trace =
        new TraceText()
            .parsing(1, "select 1")
            .read(1, "pg_catalog.pg_class", 6)
            .read(1, "pg_toast.pg_toast_2619", 1)
            .call("EXEC", 1, 0, 0, 0, 0, INDEX_PLAN);
    Path file = traces.write("one.trc", trace.toString());

    Workload all = Workload.read(file, true, ReadListener.NONE);
    assertThat(all.statements().values().iterator().next().objects)
        .containsOnlyKeys("pg_catalog.pg_class", "pg_toast.pg_toast_N");
    assertThat(first(trace).objects).isEmpty();
  }

  @Test
  void a_plan_is_the_last_execution_s() throws Exception {
    TraceText trace =
        new TraceText()
            .parsing(1, "select 1")
            .call("EXEC", 1, 0, 9, 0, 0, INDEX_PLAN)
            .stat(1, 1, 0, "Aggregate", 1, 9)
            .plan(1, INDEX_PLAN, "Aggregate", 0)
            .call("EXEC", 1, 0, 9, 0, 0, INDEX_PLAN)
            .stat(1, 1, 0, "Aggregate", 2, 9)
            .stat(1, 2, 1, "Index Scan using i on public.t", 3, 7)
            .plan(1, INDEX_PLAN, "Aggregate", 0);

    assertThat(first(trace).plan(INDEX_PLAN).nodes)
        .containsExactly(
            new PlanNode(0, "Aggregate", 2, 1, 2),
            new PlanNode(1, "Index Scan using i on public.t", 3, 1, 7));
  }

  @Test
  void a_plan_without_its_block_is_that_of_the_call_before() throws Exception {
    TraceText trace =
        new TraceText()
            .parsing(1, "select 1")
            .call("EXEC", 1, 0, 9, 0, 0, INDEX_PLAN)
            .stat(1, 1, 0, "Index Scan", 1, 9)
            .call("EXEC", 1, 0, 9, 0, 0, SEQ_PLAN)
            .stat(1, 1, 0, "Seq Scan", 1, 9);

    assertThat(first(trace).plan(INDEX_PLAN).nodes)
        .extracting(PlanNode::op)
        .containsExactly("Index Scan");
    assertThat(first(trace).plan(SEQ_PLAN).nodes)
        .extracting(PlanNode::op)
        .containsExactly("Seq Scan");
  }

  @Test
  void a_folder_is_all_its_sessions_but_the_files_of_strict_workers() throws Exception {
    Path all = Files.createDirectories(folder.resolve("all"));
    String trace = new TraceText().query(1, "select 1", 5, 1, INDEX_PLAN).toString();
    for (String name :
        new String[] {"m_pg_12.trc", "m_pg_13_x.trc", "m_p000_12.trc", "notes.txt"}) {
      Files.writeString(all.resolve(name), trace);
    }

    Workload workload = Workload.read(all, false, ReadListener.NONE);
    assertThat(workload.files()).isEqualTo(2);
    assertThat(workload.sum(s -> s.executions)).isEqualTo(2);
  }

  @Test
  void what_cannot_be_used_is_named() throws Exception {
    Path none = folder.resolve("none.trc");
    Path empty = Files.createDirectories(folder.resolve("empty"));
    Path noTrace = traces.write("no.trc", "nothing\nof the kind\n");

    assertThatThrownBy(() -> Workload.read(none, false, ReadListener.NONE))
        .hasMessage(none + ": no such file");
    assertThatThrownBy(() -> Workload.read(empty, false, ReadListener.NONE))
        .hasMessage(empty + ": there is no *.trc in this folder");
    assertThatThrownBy(() -> Workload.read(noTrace, false, ReadListener.NONE))
        .hasMessage(noTrace + ": not a trace");
  }

  @Test
  void what_is_missing_in_a_trace_makes_a_comparison_worthless() throws Exception {
    TraceText whole = new TraceText().query(1, "select 1", 5, 1, INDEX_PLAN);
    TraceText lost =
        new TraceText()
            .query(1, "select 1", 5, 1, INDEX_PLAN)
            .line("*** LOST 13 EVENTS (full=10, too_big=2, writer_died=1) BETWEEN 1 AND 2");
    TraceText damaged = new TraceText().query(1, "select 1", 5, 1, INDEX_PLAN).line("EXEC #101:c=");

    assertThat(traces.compare(whole, lost).verdict()).isEqualTo(Comparison.Verdict.INCOMPLETE);
    assertThat(traces.compare(lost, whole).losses().get(0)).endsWith("has lost 13 events");
    assertThat(traces.compare(whole, damaged).losses())
        .anyMatch(l -> l.endsWith("is damaged in 1 place"))
        .anyMatch(l -> l.contains("new.trc:16 "));
    assertThat(traces.allowIncomplete().compare(whole, lost).verdict())
        .isEqualTo(Comparison.Verdict.SAME);
  }

  @Test
  void events_of_the_kernel_s_probes_are_not_missed() throws Exception {
    TraceText whole = new TraceText().query(1, "select 1", 5, 1, INDEX_PLAN);
    TraceText lost =
        new TraceText()
            .query(1, "select 1", 5, 1, INDEX_PLAN)
            .line("*** LOST 13 EVENTS (ebpf=13) BETWEEN 1 AND 2");

    assertThat(traces.compare(whole, lost).headline()).isEqualTo("same");
  }

  @Test
  void a_trace_without_its_end_is_not_whole() throws Exception {
    TraceText trace = new TraceText().query(1, "select 1", 5, 1, INDEX_PLAN);
    String again = trace.toString() + new TraceText().call("EXEC", 1, 0, 0, 0, 0, 0).unended();

    assertThat(traces.compare(trace, trace.unended()).losses())
        .containsExactly(
            folder.resolve("new.trc")
                + " has no end: its session was traced on when the file was read");
    assertThat(traces.compare(again, trace).verdict()).isEqualTo(Comparison.Verdict.INCOMPLETE);
    assertThat(traces.compare(trace, trace).losses()).isEmpty();
  }

  @Test
  void a_trace_that_goes_on_in_another_file_is_whole_with_it() throws Exception {
    TraceText trace = new TraceText().query(1, "select 1", 5, 1, INDEX_PLAN);
    String first = trace.unended() + "*** TRACE CONTINUES IN FILE /traces/main_pg_1_2.trc ***\n";
    Path all = Files.createDirectories(folder.resolve("all"));
    Files.writeString(all.resolve("main_pg_1.trc"), first);
    Files.writeString(all.resolve("main_pg_1_2.trc"), trace.toString());

    assertThat(Workload.read(all, false, ReadListener.NONE).losses()).isEmpty();
    assertThat(Workload.read(all.resolve("main_pg_1.trc"), false, ReadListener.NONE).losses())
        .containsExactly(
            all.resolve("main_pg_1.trc") + " goes on in another file: compare their folder");
  }

  @Test
  void only_the_full_form_says_where_a_session_ends() throws Exception {
    TraceText trace = new TraceText().query(1, "select 1", 5, 1, INDEX_PLAN);
    String strict = trace.unended().replace(", trace format 1", "");

    assertThat(traces.compare(strict, strict).losses()).isEmpty();
  }

  @Test
  void a_stat_line_of_a_root_begins_another_plan() throws Exception {
    TraceText trace =
        new TraceText()
            .parsing(1, "select 1")
            .call("EXEC", 1, 0, 9, 0, 0, INDEX_PLAN)
            .stat(1, 1, 0, "Index Scan", 1, 9)
            .stat(1, 1, 0, "Index Scan again", 1, 9);

    assertThat(first(trace).plan(INDEX_PLAN).nodes)
        .extracting(PlanNode::op)
        .containsExactly("Index Scan again");
  }
}
