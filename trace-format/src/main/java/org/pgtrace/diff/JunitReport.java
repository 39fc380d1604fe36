package org.pgtrace.diff;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;
import org.pgtrace.diff.Finding.Outcome;
import org.pgtrace.diff.PlanPairs.Pair;

/** A comparison as the JUnit XML that CI systems show: each statement is a test. */
public final class JunitReport {
  private static final String SUITE = "pgtrace diff";
  private static final String CLASS = "pgtrace.diff";
  private static final int NAME_LENGTH = 80;

  private final Comparison comparison;
  private final XMLStreamWriter xml;

  private JunitReport(Comparison comparison, XMLStreamWriter xml) {
    this.comparison = comparison;
    this.xml = xml;
  }

  /** Writes it to a file. */
  public static void write(Comparison comparison, Path file) throws IOException {
    try (Writer out = Files.newBufferedWriter(file)) {
      XMLStreamWriter xml = XMLOutputFactory.newInstance().createXMLStreamWriter(out);
      new JunitReport(comparison, xml).document();
      xml.close();
      out.write('\n');
    } catch (XMLStreamException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private void document() throws XMLStreamException {
    xml.writeStartDocument("UTF-8", "1.0");
    newLine(0);
    boolean isIncomplete = comparison.verdict() == Comparison.Verdict.INCOMPLETE;
    xml.writeStartElement("testsuite");
    xml.writeAttribute("name", SUITE);
    int tests = comparison.statements().size() + (isIncomplete ? 1 : 0);
    xml.writeAttribute("tests", Integer.toString(tests));
    xml.writeAttribute("failures", Long.toString(comparison.statements(Outcome.FAILED)));
    xml.writeAttribute("errors", isIncomplete ? "1" : "0");
    xml.writeAttribute("skipped", "0");
    properties();
    if (isIncomplete) {
      incomplete();
    }
    for (StatementDiff statement : comparison.statements()) {
      test(statement);
    }
    newLine(0);
    xml.writeEndElement();
    xml.writeEndDocument();
  }

  private void newLine(int level) throws XMLStreamException {
    xml.writeCharacters("\n" + "  ".repeat(level));
  }

  private void properties() throws XMLStreamException {
    newLine(1);
    xml.writeStartElement("properties");
    property("base", comparison.base().path().toString());
    property("new", comparison.next().path().toString());
    property("verdict", comparison.headline());
    property("judged", String.join(", ", comparison.checks().words()));
    newLine(1);
    xml.writeEndElement();
  }

  private void property(String name, String value) throws XMLStreamException {
    newLine(2);
    xml.writeEmptyElement("property");
    xml.writeAttribute("name", name);
    xml.writeAttribute("value", PlainText.oneLine(value));
  }

  private void incomplete() throws XMLStreamException {
    begin("the traces are whole");
    problem("error", comparison.headline(), comparison.losses());
    end();
  }

  private void test(StatementDiff statement) throws XMLStreamException {
    String recursive = statement.key().isRecursive() ? ", recursive" : "";
    begin(
        statement.key().shortText(NAME_LENGTH) + " [" + statement.key().sqlId() + recursive + "]");
    List<String> reasons =
        statement.findings().stream()
            .filter(f -> f.outcome() == Outcome.FAILED)
            .map(Finding::text)
            .collect(Collectors.toList());
    if (!reasons.isEmpty()) {
      String message = String.join("; ", reasons);
      addPlans(statement, reasons);
      problem("failure", message, reasons);
    }
    end();
  }

  private static void addPlans(StatementDiff statement, List<String> lines) {
    if (!statement.hasPlanChange()) {
      return;
    }
    for (Pair pair : PlanPairs.of(statement)) {
      lines.add("");
      lines.add(
          PlanColumns.line("base plan " + pair.base().hash, ' ', "new plan " + pair.next().hash));
      lines.addAll(PlanColumns.of(pair.base().nodes, pair.next().nodes));
    }
  }

  private void begin(String name) throws XMLStreamException {
    newLine(1);
    xml.writeStartElement("testcase");
    xml.writeAttribute("classname", CLASS);
    xml.writeAttribute("name", name);
  }

  private void problem(String kind, String message, List<String> lines) throws XMLStreamException {
    newLine(2);
    xml.writeStartElement(kind);
    xml.writeAttribute("type", comparison.verdict().name().toLowerCase(Locale.ROOT));
    xml.writeAttribute("message", PlainText.oneLine(message));
    xml.writeCharacters(PlainText.of(String.join("\n", lines)));
    xml.writeEndElement();
    newLine(1);
  }

  private void end() throws XMLStreamException {
    xml.writeEndElement();
  }
}
