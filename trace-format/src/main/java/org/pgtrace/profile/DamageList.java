package org.pgtrace.profile;

import java.util.ArrayList;
import java.util.List;
import org.pgtrace.reader.Diagnostic;

/** The first damages of the files. */
final class DamageList {
  /** How many are kept. */
  static final int KEPT = 5;

  private final List<Diagnostic> first = new ArrayList<>();

  void add(Diagnostic diagnostic) {
    if (diagnostic.severity() == Diagnostic.Severity.DAMAGE && first.size() < KEPT) {
      first.add(diagnostic);
    }
  }

  List<Diagnostic> first() {
    return List.copyOf(first);
  }
}
