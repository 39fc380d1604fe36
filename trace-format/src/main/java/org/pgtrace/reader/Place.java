package org.pgtrace.reader;

/** Where in a trace a record stands; one object, of the record that is being read. */
public final class Place {
  private final String file;
  private long line;
  private long offset;
  private int worker;

  Place(String file) {
    this.file = file;
  }

  /** The file's name. */
  public String file() {
    return file;
  }

  /** Number of the record's first line, from 1. */
  public long line() {
    return line;
  }

  /** Bytes before that line. */
  public long offset() {
    return offset;
  }

  /** Number of the parallel worker whose record it is, from 1; 0: the session's own. */
  public int worker() {
    return worker;
  }

  void set(long line, long offset) {
    this.line = line;
    this.offset = offset;
    worker = 0;
  }

  void setWorker(int worker) {
    this.worker = worker;
  }
}
