package org.pgtrace.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * Writes a table of what passed where, a row a test class and a column a {@link Platform}, to the
 * file that the system property {@code pgtrace.matrix} names.
 */
public final class TestMatrix implements TestExecutionListener {
  private static final String CLASS_INVOCATION = "class-template-invocation";

  /** Kept over several plans of one JVM: by class, then by platform. */
  private static final Map<String, Map<String, Count>> GROUPS = new TreeMap<>();

  private Optional<TestPlan> plan = Optional.empty();

  private static final class Count {
    private int passed;
    private int others;

    void add(boolean hasPassed) {
      passed += hasPassed ? 1 : 0;
      others += hasPassed ? 0 : 1;
    }

    @Override
    public String toString() {
      return others == 0 ? passed + " passed" : passed + " passed, " + others + " not";
    }
  }

  @Override
  public void testPlanExecutionStarted(TestPlan started) {
    plan = Optional.of(started);
  }

  @Override
  public void executionFinished(TestIdentifier test, TestExecutionResult result) {
    boolean passed = result.getStatus() == TestExecutionResult.Status.SUCCESSFUL;
    // A container counts where it failed: its tests have not run.
    if (test.isTest() || !passed) {
      count(test, passed);
    }
  }

  @Override
  public void executionSkipped(TestIdentifier test, String reason) {
    count(test, false);
  }

  private void count(TestIdentifier test, boolean passed) {
    Optional<TestIdentifier> invocation = Optional.of(test);
    while (invocation.isPresent() && !isClassInvocation(invocation.get())) {
      invocation = parent(invocation.get());
    }
    invocation.ifPresent(
        of ->
            GROUPS
                .computeIfAbsent(
                    parent(of).map(TestIdentifier::getDisplayName).orElse("?"),
                    group -> new HashMap<>())
                .computeIfAbsent(of.getDisplayName(), platform -> new Count())
                .add(passed));
  }

  private static boolean isClassInvocation(TestIdentifier identifier) {
    return identifier.getUniqueIdObject().getLastSegment().getType().equals(CLASS_INVOCATION);
  }

  private Optional<TestIdentifier> parent(TestIdentifier of) {
    return plan.flatMap(p -> p.getParent(of));
  }

  @Override
  public void testPlanExecutionFinished(TestPlan finished) {
    String file = System.getProperty("pgtrace.matrix", "");
    if (GROUPS.isEmpty() || file.isEmpty()) {
      return;
    }
    List<String> platforms = Platform.namesOfAll();
    StringBuilder table = new StringBuilder();
    row(table, "", platforms);
    row(table, "---", platforms.stream().map(p -> "---").toList());
    GROUPS.forEach(
        (group, counts) ->
            row(
                table,
                group,
                platforms.stream()
                    .map(p -> counts.containsKey(p) ? counts.get(p).toString() : "—")
                    .toList()));
    try {
      Files.writeString(Path.of(file), table, UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void row(StringBuilder table, String first, List<String> cells) {
    table
        .append("| ")
        .append(first)
        .append(cells.stream().map(c -> " | " + c).collect(Collectors.joining()))
        .append(" |\n");
  }
}
