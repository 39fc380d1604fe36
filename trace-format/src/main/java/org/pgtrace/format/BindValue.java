package org.pgtrace.format;

/** One bind as it stands in a trace, Oracle's or pg_trace's; mutable and used again. */
public final class BindValue {
  /** A number that the bind does not have. */
  public static final long NONE = -1;

  /** From 0. */
  public int position;

  /** Oracle says {@code No oacdef for this bind}: the value is that of an earlier one. */
  public boolean isRepeated;

  /** {@code oacdty}: Oracle's datatype code. */
  public int typeCode;

  /** {@code avl}: bytes of the whole value; {@link #NONE}: not said. */
  public long actualLength = NONE;

  /** PostgreSQL's name of the type; nothing where it is not said. */
  public final ByteSpan typeName = new ByteSpan();

  /** Whether there is a value line: NULL has none. */
  public boolean hasValue;

  /** Whether the value stands in double quotes. */
  public boolean isQuoted;

  /** Whether it is only the beginning of the value. */
  public boolean isCut;

  /** The value, without quotes and without what marks a cut. */
  public final ByteSpan value = new ByteSpan();

  /** All lines of the bind as they are, the last line's end included. */
  public final ByteSpan lines = new ByteSpan();
}
