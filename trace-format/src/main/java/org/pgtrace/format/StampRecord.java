package org.pgtrace.format;

/** A {@code ***} line that says what time it is; mutable and used again. */
public final class StampRecord {
  /** Microseconds of the Unix epoch; of a time without a zone as if it were UTC. */
  public long epochUs;

  /** Whether the line says the zone: Oracle's do since 12.2. */
  public boolean hasZone;

  /** Oracle's container, such as {@code FREEPDB1(3)}; empty where there is none. */
  public String container = "";
}
