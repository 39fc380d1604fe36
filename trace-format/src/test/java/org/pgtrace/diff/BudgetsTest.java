package org.pgtrace.diff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.pgtrace.diff.TraceText.INDEX_PLAN;
import static org.pgtrace.diff.TraceText.SEQ_PLAN;
import static org.pgtrace.diff.Traces.failed;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BudgetsTest {
  private final Path folder;
  private final Traces traces;

  BudgetsTest(@TempDir Path folder) {
    this.folder = folder;
    traces = new Traces(folder);
  }

  private static TraceText two(long readsOfA, long readsOfB, long plan) {
    return new TraceText()
        .query(1, "select a from t where b = 1", readsOfA, 1, plan)
        .query(2, "select c from u", readsOfB, 1, plan);
  }

  @Test
  void global_lines_are_for_all_statements() throws Exception {
    traces.budgets("# for all", "", "reads+300%", "plan off");

    assertThat(traces.compare(two(100, 100, INDEX_PLAN), two(400, 400, SEQ_PLAN)).headline())
        .isEqualTo("same (2 differences not judged)");
    assertThat(traces.compare(two(100, 100, 1), two(401, 100, 1)).headline())
        .startsWith("regression: 1 check failed");
  }

  @Test
  void a_section_is_for_statements_that_begin_so() throws Exception {
    traces.budgets("[sql: SELECT a\n FROM".replace("\n", " ") + "]", "reads off");

    assertThat(failed(traces.compare(two(100, 100, 1), two(900, 300, 1))))
        .containsExactly("reads 100 -> 300 (+200 %, allowed +10 %)");
  }

  @Test
  void a_section_s_text_may_have_literals_or_their_marks() throws Exception {
    for (String text :
        new String[] {"select a from t where b = 77", "select a from t where b = ?"}) {
      traces.budgets("[sql: " + text + "]", "reads off");

      assertThat(traces.compare(two(100, 100, 1), two(900, 100, 1)).headline())
          .isEqualTo("same (1 difference not judged)");
    }
  }

  @Test
  void a_section_is_for_a_statement_s_sqlid() throws Exception {
    String sqlId = new StatementKey("select c from u", false).sqlId();
    traces.budgets("[sqlid=" + sqlId + "]", "reads+1000%");

    assertThat(failed(traces.compare(two(100, 100, 1), two(300, 300, 1)))).hasSize(1);
    assertThat(failed(traces.compare(two(100, 100, 1), two(100, 1101, 1)))).hasSize(1);
    assertThat(failed(traces.compare(two(100, 100, 1), two(100, 1100, 1)))).isEmpty();
  }

  @Test
  void a_budget_holds_whatever_the_base_has() throws Exception {
    traces.budgets("[sql: select a]", "reads<=1200", "executions<=1", "elapsed<=10s");

    assertThat(failed(traces.compare(two(1200, 1, 1), two(1200, 1, 1)))).isEmpty();
    assertThat(failed(traces.compare(two(1201, 1, 1), two(1201, 1, 1))))
        .containsExactly("reads 1,201, the budget is 1,200");
  }

  @Test
  void a_budget_holds_for_a_new_statement() throws Exception {
    traces.budgets("statements off", "rows<=0");

    assertThat(
            failed(
                traces.compare(
                    new TraceText().line("XCTEND rlbk=0, rd_only=1, tim=1"),
                    new TraceText().query(1, "select 1", 0, 1, 1))))
        .containsExactly("rows 1, the budget is 0");
  }

  @Test
  void the_later_rule_wins() throws Exception {
    traces.budgets("reads<=1", "reads off", "reads+10%");

    assertThat(failed(traces.compare(two(100, 100, 1), two(105, 100, 1)))).isEmpty();
  }

  @Test
  void a_section_for_nobody_is_told() throws Exception {
    traces.budgets("rows off", "[sql: select z]", "plan off");

    assertThat(traces.compare(two(1, 1, 1), two(1, 1, 1)).warnings())
        .containsExactly(
            folder.resolve("budgets") + ":2: no statement in either trace is [sql: select z]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "speed+10%; unknown check: speed; valid are",
        "reads+10; not a check: reads+10; valid are",
        "plan+10%; plan has no tolerance",
        "plan<=1; plan has no figure to limit",
        "reads<=1ms; reads is no time",
        "[sql: select 1; a section ends with ]",
        "[sql: ]; a section is [sql: BEGINNING OF A STATEMENT] or [sqlid=ID]",
        "[select 1]; a section is [sql:",
        "[sqlid=]; a section is [sql:",
      })
  void what_is_wrong_is_told_with_its_line(String line, String message) {
    assertThatThrownBy(() -> traces.budgets("# first", "rows", line.strip()))
        .isInstanceOf(UnusableInputException.class)
        .hasMessageStartingWith(folder.resolve("budgets") + ":3: ")
        .hasMessageContaining(message.strip());
  }

  @Test
  void a_file_that_is_not_there_is_named() {
    Path file = folder.resolve("none");

    assertThatThrownBy(() -> Budgets.read(file)).hasMessage(file + ": no such file");
  }
}
