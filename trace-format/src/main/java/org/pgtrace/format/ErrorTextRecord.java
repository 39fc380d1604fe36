package org.pgtrace.format;

/** The values of one ERRTEXT line; mutable and used again. */
public final class ErrorTextRecord {
  /** Cursor number. */
  public long cursor;

  /** Five characters. */
  public String sqlState = "";

  /** The message, and the position where the error has one. */
  public final ByteSpan message = new ByteSpan();
}
