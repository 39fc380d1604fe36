package org.pgtrace.profile;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramIterationValue;

/** How long executions took, in microseconds; memory does not grow with their number. */
final class Latency {
  /** Decades: below 10, below 100, and so on; the last one has all that is longer. */
  static final int DECADES = 10;

  /** Percentiles and skew are right to one part in so many. */
  private static final int DIGITS = 2;

  /** About 31 years; longer ones are counted as this. */
  private static final long LONGEST_US = 1_000_000_000_000_000L;

  private final long[] counts = new long[DECADES];
  private final long[] times = new long[DECADES];

  /** Nothing before the second execution: most texts of a trace are executed once. */
  private Optional<Histogram> histogram = Optional.empty();

  private long count;
  private long sumUs;
  private long minUs = Long.MAX_VALUE;
  private long maxUs;

  void add(long elapsedUs) {
    long us = Math.min(Math.max(elapsedUs, 0), LONGEST_US);
    if (count == 1) {
      Histogram h = new Histogram(DIGITS);
      h.setAutoResize(true);
      h.recordValue(maxUs);
      histogram = Optional.of(h);
    }
    histogram.ifPresent(h -> h.recordValue(us));
    count++;
    sumUs += us;
    minUs = Math.min(minUs, us);
    maxUs = Math.max(maxUs, us);
    int decade = decade(us);
    counts[decade]++;
    times[decade] += us;
  }

  private static int decade(long us) {
    int decade = 0;
    for (long limit = 10; us >= limit && decade < DECADES - 1; limit *= 10) {
      decade++;
    }
    return decade;
  }

  long count() {
    return count;
  }

  long sumUs() {
    return sumUs;
  }

  long minUs() {
    return count == 0 ? 0 : minUs;
  }

  long maxUs() {
    return maxUs;
  }

  long count(int decade) {
    return counts[decade];
  }

  long timeUs(int decade) {
    return times[decade];
  }

  /** What so many percent of the executions did not exceed; right to two digits. */
  long percentileUs(double percent) {
    long us = histogram.map(h -> h.getValueAtPercentile(percent)).orElse(maxUs);
    return Math.min(Math.max(us, minUs()), maxUs);
  }

  /**
   * Which part of all time the slowest executions took, from 0 to 1; right to two digits.
   *
   * @param part of the executions, such as 0.01; at least one execution is meant
   */
  double shareOfSlowest(double part) {
    if (count < 2 || sumUs == 0) {
      return count == 0 ? 0 : 1;
    }
    long left = (long) Math.ceil(count * part);
    double slow = 0;
    double all = 0;
    List<Step> steps = fastestFirst();
    for (int i = steps.size() - 1; i >= 0; i--) {
      Step step = steps.get(i);
      long taken = Math.min(step.count, left);
      all += step.us * step.count;
      slow += step.us * taken;
      left -= taken;
    }
    return all == 0 ? 1 : slow / all;
  }

  private List<Step> fastestFirst() {
    List<Step> steps = new ArrayList<>();
    histogram.ifPresent(
        h -> {
          // The value is the same object at each step.
          for (HistogramIterationValue value : h.recordedValues()) {
            long highest = value.getValueIteratedTo();
            double middle = (h.lowestEquivalentValue(highest) + highest) / 2.0;
            steps.add(new Step(middle, value.getCountAddedInThisIterationStep()));
          }
        });
    return steps;
  }

  private record Step(double us, long count) {}
}
