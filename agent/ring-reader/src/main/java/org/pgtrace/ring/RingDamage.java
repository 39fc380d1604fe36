package org.pgtrace.ring;

/**
 * Why a ring cannot be read on.
 *
 * @param slot its slot
 * @param position of the record that is wrong
 * @param reason what is wrong with it
 */
public record RingDamage(int slot, long position, Reason reason) {

  /** What is wrong with a record; the names are those of the C reader's reasons. */
  public enum Reason {
    POSITIONS,
    LENGTH_TOO_SMALL,
    LENGTH_NOT_ALIGNED,
    LENGTH_TOO_BIG,
    LENGTH_PAST_END,
    LENGTH_PAST_HEAD,
    STRUCT_TOO_SHORT,
    TEXT_PAST_RECORD
  }

  @Override
  public String toString() {
    return "slot " + slot + ", position " + position + ": " + reason;
  }
}
