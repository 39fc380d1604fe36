package org.pgtrace.ebpf;

/** What a file of a server's data directory is for, by its path. */
public sealed interface PgFile {
  /** Nobody has seen how it was opened. */
  PgFile UNKNOWN = new Other("");

  /** Relative to the data directory where it lies below it. */
  String path();

  /**
   * A part of a relation.
   *
   * @param tablespace OID; {@value #DEFAULT_TABLESPACE} and {@value #GLOBAL_TABLESPACE} for the
   *     built-in ones
   * @param database OID, 0 for what is shared by all
   * @param file its number
   * @param fork {@code main}, {@code fsm}, {@code vm} or {@code init}
   * @param backend whose temporary relation it is, or -1
   * @param segment number of this part
   */
  record Relation(
      String path,
      long tablespace,
      long database,
      long file,
      String fork,
      long backend,
      long segment)
      implements PgFile {
    /** OID of pg_default. */
    public static final long DEFAULT_TABLESPACE = 1663;

    /** OID of pg_global. */
    public static final long GLOBAL_TABLESPACE = 1664;

    /**
     * Number of the block in the relation.
     *
     * @param offset in this part, bytes
     * @param blockSize bytes
     * @param segmentBlocks how many blocks a part has
     */
    public long block(long offset, int blockSize, long segmentBlocks) {
      return offset / blockSize + segment * segmentBlocks;
    }
  }

  /** A segment of the write-ahead log, {@code TTTTTTTTLLLLLLLLSSSSSSSS}. */
  record Wal(String path, long timeline, long log, long segment) implements PgFile {}

  /** A temporary file. */
  record Temporary(String path, long pid, long number) implements PgFile {}

  /** Anything else; sockets and pipes too. */
  record Other(String path) implements PgFile {}

  /**
   * By the path.
   *
   * @param path relative to the data directory, or absolute
   */
  static PgFile of(String path) {
    return PgPath.parse(path);
  }
}
