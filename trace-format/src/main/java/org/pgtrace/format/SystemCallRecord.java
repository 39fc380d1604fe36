package org.pgtrace.format;

/**
 * The values of one SYSCALL line: a system call as the kernel's own probes have seen it; mutable
 * and used again.
 */
public final class SystemCallRecord {
  /** What the kernel calls it, such as {@code pread64}. */
  public String name = "";

  /** Cursor number; 0 outside of any statement. */
  public long cursor;

  /** Microseconds. */
  public long elapsedUs;

  /** The descriptor; -1: none. */
  public int descriptor;

  /** Bytes from the file's beginning; -1: the file's own position, or none. */
  public long offset;

  /** Bytes that it moved, or the number of its error below zero. */
  public long result;

  /** The file's path; nothing where it is not known. */
  public final ByteSpan path = new ByteSpan();

  /** OID of the relation, -1 where that is not known, or it is no relation's file. */
  public long objectId;

  /** Name of that relation; nothing where it is not known. */
  public final ByteSpan relation = new ByteSpan();

  /** First block of the relation's fork; -1: it is no relation's file. */
  public long block;

  /** Requests that it gave to a device. */
  public long requests;

  /** Bytes of these requests, those of read-ahead too. */
  public long requestBytes;

  /** What the device took for those that were complete when the call ended, in microseconds. */
  public long deviceUs;

  /** End of the call, in microseconds of the Unix epoch. */
  public long tim;
}
