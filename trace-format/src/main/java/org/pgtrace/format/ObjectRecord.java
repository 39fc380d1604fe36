package org.pgtrace.format;

/** The values of one OBJECT line; mutable and used again. */
public final class ObjectRecord {
  /** pg_class OID. */
  public long objectId;

  /** Number of its file. */
  public long file;

  /** Schema and name. */
  public String name = "";

  /** Such as {@code table}. */
  public String kind = "";
}
