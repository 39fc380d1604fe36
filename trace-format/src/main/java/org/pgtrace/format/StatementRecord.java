package org.pgtrace.format;

/** A statement's text, as PARSING IN CURSOR or PARSE ERROR brings it; mutable and used again. */
public final class StatementRecord {
  /** A field that the line does not have. */
  public static final long NONE = -1;

  /** Whether it could not be parsed: PARSE ERROR. */
  public boolean isError;

  /** Cursor number. */
  public long cursor;

  /** {@code len}: bytes of the text, as the line says. */
  public long length;

  /** {@code dep}: 0 when the client asked for it. */
  public int depth;

  /** {@code uid}: of the current role. */
  public long uid;

  /** {@code oct}: Oracle's command type, see {@link OracleCommandType}. */
  public int commandType;

  /** {@code lid}: of the session role. */
  public long lid;

  /** Microseconds of the trace's clock. */
  public long tim;

  /** {@code hv}; {@link #NONE}: of PARSE ERROR. */
  public long hashValue = NONE;

  /** {@code ad}, hexadecimal digits. */
  public String address = "";

  /** {@code sqlid}; empty: of PARSE ERROR, and before Oracle 11.1. */
  public String sqlId = "";

  /** {@code err} of PARSE ERROR: of Oracle its number, of PostgreSQL see {@link SqlState}. */
  public long error = NONE;

  /** The text; as many bytes as there were, which {@link #length} need not agree with. */
  public final ByteSpan text = new ByteSpan();
}
