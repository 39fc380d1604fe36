package org.pgtrace.diff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pgtrace.diff.TraceText.INDEX_PLAN;
import static org.pgtrace.diff.TraceText.SEQ_PLAN;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

class ReportsTest {
  private final Path folder;
  private final Traces traces;

  ReportsTest(@TempDir Path folder) {
    this.folder = folder;
    traces = new Traces(folder);
  }

  private static TraceText indexed() {
    return new TraceText()
        .parsing(1, "select count(*) from t where a = 7 and b < 'x'")
        .call("EXEC", 1, 0, 0, 0, 0, INDEX_PLAN)
        .read(1, "public.t_a", 1)
        .call("FETCH", 1, 0, 40, 1, 1, INDEX_PLAN)
        .stat(1, 1, 0, "Aggregate", 1, 40)
        .stat(1, 2, 1, "Index Scan using t_a on public.t", 40, 40)
        .plan(1, INDEX_PLAN, "Aggregate", 0)
        .query(2, "select old from t", 1, 1, SEQ_PLAN);
  }

  private static TraceText sequential() {
    return new TraceText()
        .parsing(1, "select count(*) from t where a = 8 and b < 'y'")
        .call("EXEC", 1, 0, 0, 0, 0, SEQ_PLAN)
        .read(1, "public.t", 500)
        .call("FETCH", 1, 0, 900, 500, 1, SEQ_PLAN)
        .stat(1, 1, 0, "Aggregate", 1, 900)
        .stat(1, 2, 1, "Gather", 40, 900)
        .stat(1, 3, 2, "Seq Scan on public.t", 40, 900)
        .plan(1, SEQ_PLAN, "Aggregate", 0)
        .query(2, "select \u0001 & <new> from t", 1, 1, SEQ_PLAN);
  }

  private Comparison regression() throws UnusableInputException {
    return traces.compare(indexed(), sequential());
  }

  @Test
  void the_text_tells_the_verdict_first_and_the_plans_side_by_side() throws Exception {
    String text = Traces.text(regression());

    assertThat(text.lines())
        .startsWith("regression: 4 checks failed in 3 statements")
        .containsSubsequence(
            "select count(*) from t where a = ? and b < ?",
            "  failed    plan 1111111111 -> 2222222222",
            "  failed    reads 40 -> 900 (+2150 %, allowed +10 %)",
            "base plan 1111111111, 1x                           new plan 2222222222, 1x",
            "Aggregate                                          Aggregate",
            "  rows 1, reads 0                                    rows 1, reads 0",
            "  Index Scan using t_a on public.t               |   Gather",
            "    rows 40, reads 40                            |     rows 40, reads 0",
            "                                                 >     Seq Scan on public.t",
            "                                                 >       rows 40, reads 900",
            "    public.t                                                          0          500",
            "    public.t_a                                                        1            0",
            "  waits by event                                           base                  new",
            "new statements",
            "  select ? & <new> from t",
            "    failed    new: rows 1, reads 1, temp 0",
            "gone statements",
            "  select old from t",
            "    failed    gone: rows 1, reads 1, temp 0")
        .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(100));
    assertThat(text).containsPattern("physical reads, blocks \\(not judged\\) +\\d+ +\\d+");
  }

  @Test
  void the_worst_comes_first() throws Exception {
    Comparison comparison =
        traces.compare(
            new TraceText().query(1, "select a", 100, 1, 1).query(2, "select b", 100, 1, 1),
            new TraceText().query(1, "select a", 200, 1, 1).query(2, "select b", 9000, 1, 1));

    assertThat(comparison.statements())
        .extracting(s -> s.key().sql())
        .containsExactly("select b", "select a");
  }

  @Test
  void an_incomplete_trace_is_told_first() throws Exception {
    TraceText lost =
        indexed().line("*** LOST 2 EVENTS (full=2, too_big=0, writer_died=0) BETWEEN 1 AND 2");
    String text = Traces.text(traces.compare(indexed(), lost));

    assertThat(text).startsWith("incomplete: a part of the trace is missing");
    assertThat(text.lines().skip(1).findFirst().orElse("")).contains("has lost 2 events");
  }

  @Test
  void long_names_are_broken_and_deep_trees_stay_in_their_column() {
    PlanNode deep =
        new PlanNode(30, "Index Only Scan using " + "x".repeat(70) + " on public.t", 1, 12, 3);

    assertThat(PlanColumns.of(List.of(deep), List.of()))
        .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(50))
        .last()
        .asString()
        .contains("loops 12, rows 1, reads 3");
  }

  @Test
  void ci_systems_show_each_statement_as_a_test() throws Exception {
    Path file = folder.resolve("junit.xml");
    JunitReport.write(regression(), file);

    Document xml = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file.toFile());
    Element suite = xml.getDocumentElement();
    assertThat(suite.getTagName()).isEqualTo("testsuite");
    assertThat(suite.getAttribute("name")).isEqualTo("pgtrace diff");
    assertThat(suite.getAttribute("tests")).isEqualTo("3");
    assertThat(suite.getAttribute("failures")).isEqualTo("3");
    Element test = (Element) xml.getElementsByTagName("testcase").item(0);
    assertThat(test.getAttribute("classname")).isEqualTo("pgtrace.diff");
    assertThat(test.getAttribute("name"))
        .startsWith("select count(*) from t where a = ? and b < ? [");
    Element failure = (Element) test.getElementsByTagName("failure").item(0);
    assertThat(failure.getAttribute("message"))
        .isEqualTo("plan 1111111111 -> 2222222222; reads 40 -> 900 (+2150 %, allowed +10 %)");
    assertThat(failure.getTextContent()).contains("Index Scan using t_a on public.t");
    Element property = (Element) xml.getElementsByTagName("property").item(1);
    assertThat(property.getAttribute("value")).isEqualTo(folder.resolve("new.trc").toString());
  }

  @Test
  void a_statement_that_is_as_it_was_is_a_test_that_passed() throws Exception {
    Path file = folder.resolve("junit.xml");
    JunitReport.write(traces.compare(indexed(), indexed()), file);

    Document xml = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file.toFile());
    assertThat(xml.getDocumentElement().getAttribute("failures")).isEqualTo("0");
    assertThat(xml.getElementsByTagName("testcase").getLength()).isEqualTo(2);
    assertThat(xml.getElementsByTagName("failure").getLength()).isZero();
  }

  @Test
  void an_incomplete_trace_is_an_error_of_the_suite() throws Exception {
    TraceText lost =
        indexed().line("*** LOST 2 EVENTS (full=2, too_big=0, writer_died=0) BETWEEN 1 AND 2");
    Path file = folder.resolve("junit.xml");
    JunitReport.write(traces.compare(indexed(), lost), file);

    assertThat(Files.readString(file))
        .contains("errors=\"1\"", "name=\"the traces are whole\"", "has lost 2 events");
  }

  @Test
  void json_has_all_of_it() throws Exception {
    Path file = folder.resolve("diff.json");
    JsonReport.write(regression(), file);

    String json = Files.readString(file);
    assertThat(json)
        .contains(
            "\"verdict\": \"regression\"",
            "\"failed_checks\": 4",
            "\"presence\": \"both\"",
            "\"presence\": \"new\"",
            "\"presence\": \"gone\"",
            "\"check\": \"plan\"",
            "\"outcome\": \"failed\"",
            "\"reads\": 900",
            "\"hash\": 2222222222",
            "\"op\": \"Seq Scan on public.t\"",
            "\"name\": \"db file scattered read\"",
            "\"sql\": \"select \\u0001 & <new> from t\"");
    assertThat(json.chars().filter(c -> c == '{').count())
        .isEqualTo(json.chars().filter(c -> c == '}').count());
  }
}
