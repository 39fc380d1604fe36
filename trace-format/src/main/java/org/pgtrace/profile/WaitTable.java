package org.pgtrace.profile;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Waits added up by name. */
final class WaitTable {
  private static final Comparator<WaitSum> MOST_TIME_FIRST =
      Comparator.comparingLong(WaitSum::waitUs).reversed().thenComparing((WaitSum sum) -> sum.name);

  private final Map<String, WaitSum> byName = new HashMap<>();

  void add(String name, long elapsedUs, long cpuUs) {
    byName.computeIfAbsent(name, WaitSum::new).add(elapsedUs, cpuUs);
  }

  void add(WaitTable other) {
    for (WaitSum sum : other.byName.values()) {
      byName.computeIfAbsent(sum.name, WaitSum::new).add(sum);
    }
  }

  boolean isEmpty() {
    return byName.isEmpty();
  }

  /** All of them, in microseconds, without the CPU time inside of them. */
  long waitUs() {
    return byName.values().stream().mapToLong(WaitSum::waitUs).sum();
  }

  long cpuUs() {
    return byName.values().stream().mapToLong(sum -> sum.cpuUs).sum();
  }

  List<WaitSum> mostTimeFirst() {
    List<WaitSum> sums = new ArrayList<>(byName.values());
    sums.sort(MOST_TIME_FIRST);
    return sums;
  }
}
