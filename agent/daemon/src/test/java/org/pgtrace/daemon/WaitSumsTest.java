package org.pgtrace.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.pgtrace.format.NodeWait;
import org.pgtrace.format.PlanNodeRecord;
import org.pgtrace.format.WaitEvent;
import org.pgtrace.format.WaitRecord;

class WaitSumsTest {
  private final WaitSums sums = new WaitSums();

  @Test
  void many_nodes_and_names_are_kept_apart() {
    for (int node = 1; node <= 3000; node++) {
      for (int name = 0; name < 20; name++) {
        add(101, node, "w" + name, node + name);
        add(101, node, "w" + name, 1);
      }
    }
    List<PlanNodeRecord> nodes = new ArrayList<>();
    for (int id = 1; id <= 3001; id++) {
      nodes.add(node(id));
    }
    sums.give(101, 0, 0, nodes);

    for (PlanNodeRecord node : nodes.subList(0, 3000)) {
      assertThat(node.waits)
          .hasSize(20)
          .allMatch(wait -> wait.count == 2)
          .anyMatch(wait -> wait.nam.equals("Extension: w19") && wait.totalUs == node.id + 20);
    }
    assertThat(nodes.get(3000).waits).isEmpty();
    assertThat(given(101, 1)).as("given once").isEmpty();
  }

  @Test
  void the_execution_that_waited_longest_ago_gives_way() {
    for (int cursor = 101; cursor < 101 + 256; cursor++) {
      add(cursor, 1, "w", 1);
    }
    add(101, 1, "w", 1);
    add(999, 1, "w", 1);

    assertThat(given(101, 1)).singleElement().matches(wait -> wait.count == 2);
    assertThat(given(102, 1)).isEmpty();
    assertThat(given(103, 1)).hasSize(1);
    assertThat(given(999, 1)).hasSize(1);
  }

  @Test
  void nodes_used_again_lose_the_waits_they_had() {
    PlanNodeRecord node = node(1);
    node.waits.add(new NodeWait());
    sums.give(101, 0, 0, List.of(node));

    assertThat(node.waits).isEmpty();
  }

  private void add(int cursor, int node, String name, long us) {
    WaitRecord wait = new WaitRecord();
    wait.cursor = cursor;
    wait.event = WaitEvent.named(1, "Extension", name);
    wait.node = node;
    wait.elapsedUs = us;
    sums.add(wait, 0, 0, false);
  }

  private List<NodeWait> given(int cursor, int id) {
    PlanNodeRecord node = node(id);
    sums.give(cursor, 0, 0, List.of(node));
    return new ArrayList<>(node.waits);
  }

  private static PlanNodeRecord node(int id) {
    PlanNodeRecord node = new PlanNodeRecord();
    node.id = id;
    return node;
  }
}
