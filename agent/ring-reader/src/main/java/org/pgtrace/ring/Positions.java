package org.pgtrace.ring;

/**
 * How far a session's two rings are read.
 *
 * @param session position in its own ring
 * @param workers position in its workers' ring, 0 where it has none
 */
public record Positions(long session, long workers) {
  /** Where both rings begin. */
  public static final Positions START = new Positions(0, 0);
}
