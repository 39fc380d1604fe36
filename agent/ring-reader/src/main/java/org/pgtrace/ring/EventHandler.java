package org.pgtrace.ring;

/** Takes the records of a ring, one after the other. */
@FunctionalInterface
public interface EventHandler {
  /**
   * Takes a record of a known type, never a PAD.
   *
   * @param event valid until this method returns
   * @return whether to go on; false ends the drain after this record
   */
  boolean onEvent(EventRecord event);
}
