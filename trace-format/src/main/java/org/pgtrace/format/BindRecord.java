package org.pgtrace.format;

/** One bind value; mutable and used again. */
public final class BindRecord {
  /** Position in the statement, from 0. */
  public int position;

  /** OID of the value's type. */
  public long typeOid;

  /** The type's name; where it is empty the name of a built-in type is found by its OID. */
  public final ByteSpan typeName = new ByteSpan();

  /** Whether the value is NULL; the text is then ignored. */
  public boolean isNull;

  /** Whether the text is only the beginning of the value. */
  public boolean cut;

  /** The value's text as the type's output function gives it, or its beginning. */
  public final ByteSpan value = new ByteSpan();

  /** Bytes of the whole value's text; 0 where it is not known. */
  public long actualLength;
}
