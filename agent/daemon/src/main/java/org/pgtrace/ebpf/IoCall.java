package org.pgtrace.ebpf;

/** A system call that reads, writes or syncs. Its place here, from 1, is its number in lines. */
public enum IoCall {
  /** At an offset. */
  PREAD64,
  /** At an offset. */
  PWRITE64,
  /** At an offset, to several places. */
  PREADV,
  /** At an offset, from several places. */
  PWRITEV,
  /** At an offset, to several places, with flags. */
  PREADV2,
  /** At an offset, from several places, with flags. */
  PWRITEV2,
  /** At the file's position. */
  READ,
  /** At the file's position. */
  WRITE,
  /** At the file's position, to several places. */
  READV,
  /** At the file's position, from several places. */
  WRITEV,
  /** Waits until the file is on the device. */
  FSYNC,
  /** Waits until the file's data is on the device. */
  FDATASYNC,
  /** Begins, or waits for, the writing of a range. */
  SYNC_FILE_RANGE,
  /** Reserves space. */
  FALLOCATE;

  private static final IoCall[] ALL = values();

  static boolean isNumber(int number) {
    return number >= 1 && number <= ALL.length;
  }

  static IoCall of(int number) {
    return ALL[number - 1];
  }

  /** Whether bytes came from the file. */
  public boolean isRead() {
    return switch (this) {
      case PREAD64, PREADV, PREADV2, READ, READV -> true;
      default -> false;
    };
  }

  /** Whether bytes went to the file. */
  public boolean isWrite() {
    return switch (this) {
      case PWRITE64, PWRITEV, PWRITEV2, WRITE, WRITEV -> true;
      default -> false;
    };
  }

  /** As the kernel calls it. */
  public String syscall() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
