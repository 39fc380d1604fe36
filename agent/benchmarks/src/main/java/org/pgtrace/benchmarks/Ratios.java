package org.pgtrace.benchmarks;

import java.util.Arrays;
import java.util.Locale;

/** Median and quartiles of ratios. */
record Ratios(double low, double median, double high) {

  /** Of pairs: each variant's figure by the reference's of the same round. */
  static Ratios of(double[] variant, double[] reference) {
    double[] ratios = new double[variant.length];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] = variant[i] / reference[i];
    }
    return of(ratios);
  }

  static Ratios of(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return new Ratios(at(sorted, 0.25), at(sorted, 0.5), at(sorted, 0.75));
  }

  /**
   * The lowest tenth of a variant's figures ends here. What disturbs a round only adds to it, so
   * these are the rounds that nobody disturbed.
   */
  static double quiet(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return at(sorted, 0.1);
  }

  private static double at(double[] sorted, double part) {
    double place = part * (sorted.length - 1);
    int below = (int) place;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%6.3f (%5.3f to %5.3f)", median, low, high);
  }
}
