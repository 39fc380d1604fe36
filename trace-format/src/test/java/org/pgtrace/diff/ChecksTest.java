package org.pgtrace.diff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.pgtrace.diff.TraceText.INDEX_PLAN;
import static org.pgtrace.diff.TraceText.SEQ_PLAN;
import static org.pgtrace.diff.Traces.failed;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgtrace.diff.Comparison.Verdict;
import org.pgtrace.diff.Finding.Outcome;

/** Each check finds what it is for, and nothing else. */
class ChecksTest {
  private static final String SQL = "select a from t where b = 1";

  private final Traces traces;

  ChecksTest(@TempDir Path folder) {
    traces = new Traces(folder);
  }

  private static TraceText query(long cr, long rows, long plan) {
    return new TraceText().query(1, SQL, cr, rows, plan);
  }

  private static TraceText exec(long cr, long p) {
    return new TraceText().parsing(1, SQL).call("EXEC", 1, 0, cr, p, 1, INDEX_PLAN);
  }

  @Test
  void a_trace_is_the_same_as_itself() throws Exception {
    Comparison comparison = traces.compare(query(10, 1, INDEX_PLAN), query(10, 1, INDEX_PLAN));

    assertThat(comparison.verdict()).isEqualTo(Verdict.SAME);
    assertThat(comparison.headline()).isEqualTo("same");
    assertThat(comparison.statements()).hasSize(1).noneMatch(StatementDiff::isChanged);
  }

  @Test
  void a_new_statement_fails() throws Exception {
    Comparison comparison =
        traces.compare(
            query(10, 1, INDEX_PLAN),
            query(10, 1, INDEX_PLAN).query(2, "select c from t", 5, 1, SEQ_PLAN));

    assertThat(failed(comparison)).containsExactly("new");
    assertThat(comparison.headline()).isEqualTo("regression: 1 check failed in 1 statement");
  }

  @Test
  void a_gone_statement_fails() throws Exception {
    Comparison comparison =
        traces.compare(
            query(10, 1, INDEX_PLAN).query(2, "select c from t", 5, 1, SEQ_PLAN),
            query(10, 1, INDEX_PLAN));

    assertThat(failed(comparison)).containsExactly("gone");
  }

  @Test
  void a_statement_of_the_client_is_not_the_same_one_inside_a_function() throws Exception {
    TraceText recursive =
        new TraceText().parsing(1, SQL, 1).call("EXEC", 1, 1, 10, 0, 1, INDEX_PLAN);

    assertThat(failed(traces.compare(exec(10, 0), recursive)))
        .containsExactlyInAnyOrder("new", "gone");
  }

  @Test
  void a_changed_plan_fails() throws Exception {
    Comparison comparison = traces.compare(query(10, 1, INDEX_PLAN), query(10, 1, SEQ_PLAN));

    assertThat(failed(comparison)).containsExactly("plan 1111111111 -> 2222222222");
  }

  @Test
  void several_plans_are_compared_as_a_set() throws Exception {
    TraceText one = query(1, 1, INDEX_PLAN).query(1, SQL, 1, 1, SEQ_PLAN);
    TraceText other = query(1, 1, SEQ_PLAN).query(1, SQL, 1, 1, INDEX_PLAN);

    assertThat(traces.compare(one, other).headline()).isEqualTo("same");
  }

  @Test
  void plans_that_are_used_more_and_less_often_fail() throws Exception {
    TraceText one =
        query(1, 1, INDEX_PLAN).query(1, SQL, 1, 1, INDEX_PLAN).query(1, SQL, 1, 1, SEQ_PLAN);
    TraceText other =
        query(1, 1, INDEX_PLAN).query(1, SQL, 1, 1, SEQ_PLAN).query(1, SQL, 1, 1, SEQ_PLAN);

    assertThat(failed(traces.compare(one, other)))
        .containsExactly(
            "plan 1111111111 (2x), 2222222222 (1x) -> 1111111111 (1x), 2222222222 (2x)");
  }

  @Test
  void other_rows_fail_in_both_directions() throws Exception {
    assertThat(failed(traces.compare(query(1, 10, INDEX_PLAN), query(1, 11, INDEX_PLAN))))
        .containsExactly("rows 10 -> 11 (+10 %)");
    assertThat(failed(traces.compare(query(1, 11, INDEX_PLAN), query(1, 10, INDEX_PLAN))))
        .containsExactly("rows 11 -> 10 (-9.1 %)");
  }

  @Test
  void other_executions_fail() throws Exception {
    TraceText twice = exec(0, 0).call("EXEC", 1, 0, 0, 0, 0, INDEX_PLAN);

    assertThat(failed(traces.compare(exec(0, 0), twice)))
        .containsExactly("executions 1 -> 2 (+100 %)");
  }

  @Test
  void errors_fail_by_their_code() throws Exception {
    Comparison none = traces.compare(exec(0, 0), exec(0, 0).error(1, 3452582));
    Comparison other = traces.compare(exec(0, 0).error(1, 3452582), exec(0, 0).error(1, 3505685));

    assertThat(failed(none)).containsExactly("errors 0 -> 1 (22012)");
    assertThat(failed(other)).containsExactly("errors 1 -> 1 (22012, 23505)");
    assertThat(traces.compare(exec(0, 0).error(1, 7), exec(0, 0).error(1, 7)).headline())
        .isEqualTo("same");
  }

  @Test
  void a_text_that_cannot_be_parsed_is_an_error_of_its_statement() throws Exception {
    TraceText broken = new TraceText().parseError(1, SQL, 6844177);

    assertThat(failed(traces.compare(exec(0, 0), broken)))
        .contains("errors 0 -> 1 (42P01)", "executions 1 -> 0 (-100 %)");
  }

  @ParameterizedTest
  @CsvSource({"1000,1100,true", "1000,1101,false", "100,115,true", "100,116,false", "0,15,true"})
  void reads_may_grow_by_a_tenth_and_by_fewer_than_sixteen_blocks(long was, long is, boolean isSame)
      throws Exception {
    Comparison comparison = traces.compare(exec(was, 0), exec(is, 0));

    assertThat(comparison.verdict()).isEqualTo(isSame ? Verdict.SAME : Verdict.REGRESSION);
  }

  @Test
  void the_reason_tells_what_was_and_what_is_allowed() throws Exception {
    assertThat(failed(traces.compare(exec(1000, 0), exec(12345, 0))))
        .containsExactly("reads 1,000 -> 12,345 (+1135 %, allowed +10 %)");
  }

  @Test
  void fewer_blocks_are_an_improvement() throws Exception {
    Comparison comparison = traces.compare(exec(1000, 0), exec(500, 0));

    assertThat(comparison.headline()).isEqualTo("same (1 statement improved)");
    assertThat(Traces.findings(comparison, Outcome.IMPROVED))
        .containsExactly("reads 1,000 -> 500 (-50 %, allowed +10 %)");
  }

  @Test
  void the_least_change_of_blocks_can_be_chosen() throws Exception {
    assertThat(traces.minBlocks(2).compare(exec(10, 0), exec(12, 0)).verdict())
        .isEqualTo(Verdict.REGRESSION);
    assertThat(traces.minBlocks(3).compare(exec(10, 0), exec(12, 0)).verdict())
        .isEqualTo(Verdict.SAME);
  }

  @Test
  void what_a_utility_statement_reads_is_not_judged() throws Exception {
    TraceText little = new TraceText().parsing(1, "set x = 1").call("EXEC", 1, 0, 10, 0, 0, 0);
    TraceText much = new TraceText().parsing(1, "set x = 1").call("EXEC", 1, 0, 9999, 0, 0, 0);

    assertThat(traces.compare(little, much).headline()).isEqualTo("same");
  }

  @Test
  void reads_of_a_parse_are_not_judged() throws Exception {
    TraceText cold = new TraceText().parsing(1, SQL).call("PARSE", 1, 0, 5000, 99, 0, INDEX_PLAN);
    TraceText warm = new TraceText().parsing(1, SQL).call("PARSE", 1, 0, 0, 0, 0, INDEX_PLAN);

    assertThat(
            traces
                .compare(
                    warm.call("EXEC", 1, 0, 3, 0, 1, INDEX_PLAN),
                    cold.call("EXEC", 1, 0, 3, 0, 1, INDEX_PLAN))
                .headline())
        .isEqualTo("same");
  }

  @Test
  void physical_reads_are_judged_on_request_alone() throws Exception {
    assertThat(traces.compare(exec(900, 0), exec(900, 900)).headline()).isEqualTo("same");
    assertThat(failed(traces.compare(exec(900, 0), exec(900, 900), "physical+5%")))
        .containsExactly("physical 0 -> 900 (allowed +5 %)");
    assertThat(traces.compare(exec(900, 100), exec(900, 100), "physical").headline())
        .isEqualTo("same");
  }

  @Test
  void temporary_blocks_are_those_of_the_waits() throws Exception {
    TraceText none = new TraceText().parsing(1, SQL).sleep(1, 1);
    TraceText spill = new TraceText().parsing(1, SQL).temp(1, 10).temp(1, 6);

    assertThat(
            failed(
                traces.compare(
                    none.call("EXEC", 1, 0, 0, 0, 1, INDEX_PLAN),
                    spill.call("EXEC", 1, 0, 0, 0, 1, INDEX_PLAN))))
        .containsExactly("temp 0 -> 16 (allowed +10 %)");
  }

  @Test
  void temporary_blocks_are_those_of_the_plans_where_there_are_no_waits() throws Exception {
    TraceText none = exec(0, 0).plan(1, INDEX_PLAN, "Sort", 100);
    TraceText spill = exec(0, 0).plan(1, INDEX_PLAN, "Sort", 200);

    assertThat(failed(traces.compare(none, spill)))
        .containsExactly("temp 100 -> 200 (+100 %, allowed +10 %)");
    assertThat(traces.compare(spill, spill).headline()).isEqualTo("same");
  }

  @Test
  void times_are_judged_on_request_alone() throws Exception {
    TraceText fast =
        new TraceText()
            .parsing(1, SQL)
            .sleep(1, 4000)
            .timed("EXEC", 1, 0, 0, 0, 1, INDEX_PLAN, 100, 5000);
    TraceText slow =
        new TraceText()
            .parsing(1, SQL)
            .sleep(1, 8000)
            .timed("EXEC", 1, 0, 0, 0, 1, INDEX_PLAN, 3000, 20000);

    assertThat(traces.compare(fast, slow).headline()).isEqualTo("same");
    assertThat(failed(traces.compare(fast, slow, "elapsed")))
        .containsExactly("elapsed 5.0 ms -> 20.0 ms (+300 %, allowed +10 %)");
    assertThat(failed(traces.compare(fast, slow, "cpu+50%")))
        .containsExactly("cpu 100 us -> 3.0 ms (+2900 %, allowed +50 %)");
    assertThat(failed(traces.compare(fast, slow, "waits")))
        .containsExactly("waits 4.0 ms -> 8.0 ms (+100 %, allowed +10 %)");
    assertThat(traces.compare(fast, slow, "elapsed+300%", "waits+100%").headline())
        .isEqualTo("same");
  }

  @Test
  void what_is_named_replaces_the_defaults() throws Exception {
    Comparison comparison =
        traces.compare(query(10, 1, INDEX_PLAN), query(9999, 2, SEQ_PLAN), "rows");

    assertThat(failed(comparison)).containsExactly("rows 1 -> 2 (+100 %)");
    assertThat(comparison.count(Outcome.NOTED)).isEqualTo(2);
  }

  @Test
  void none_only_reports() throws Exception {
    Comparison comparison =
        traces
            .budgets("reads<=1")
            .compare(query(10, 1, INDEX_PLAN), query(9999, 2, SEQ_PLAN), "none");

    assertThat(comparison.headline()).isEqualTo("same (3 differences not judged)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"speed", "reads+ten%", "plan+10%", "reads+10", "", "none,rows"})
  void what_is_no_check_is_refused_with_the_valid_ones(String word) {
    assertThatThrownBy(() -> Checks.of(List.of(word)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("reads[+N%]");
    assertThatThrownBy(() -> Checks.of(List.of("none", "rows"))).hasMessage("none stands alone");
  }
}
