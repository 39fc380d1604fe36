package org.pgtrace.profile;

/**
 * How a report for people looks.
 *
 * @param isColored whether the terminal takes colours
 * @param isUnicode whether bars may be of block characters
 */
public record Look(boolean isColored, boolean isUnicode) {
  /** For files and pipes. */
  public static final Look PLAIN = new Look(false, false);
}
