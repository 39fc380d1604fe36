package org.pgtrace.diff;

/** Blocks of one relation; mutable while its trace is read. */
final class ObjectReads {
  /** Read into a buffer, by whomever. */
  long read;

  /** Found in a buffer; only traces with HIT lines tell. */
  long hit;

  void add(ObjectReads other) {
    read += other.read;
    hit += other.hit;
  }
}
