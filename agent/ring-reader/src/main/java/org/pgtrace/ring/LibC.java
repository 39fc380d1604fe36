package org.pgtrace.ring;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.file.Path;

/** The calls of the C library that Java does not offer. */
final class LibC {
  static final int O_RDONLY = 0;
  static final int O_RDWR = 2;
  static final int O_NOFOLLOW = isArm() ? 0x8000 : 0x20000;
  static final int O_CLOEXEC = 0x80000;
  static final int F_OFD_GETLK = 36;
  static final int F_OFD_SETLK = 37;
  static final int EINTR = 4;
  static final int PROT_READ = 1;
  static final int PROT_WRITE = 2;
  static final int MAP_SHARED = 1;
  static final int FALLOC_FL_KEEP_SIZE = 1;
  static final int FALLOC_FL_PUNCH_HOLE = 2;
  static final int SCHED_BATCH = 3;

  static {
    Native.register(LibC.class, "c");
  }

  private LibC() {}

  static native int open(String path, int flags, int mode);

  static native int close(int fd);

  static native long mmap(Pointer where, long length, int prot, int flags, int fd, long offset);

  static native int munmap(Pointer where, long length);

  static native int fallocate(int fd, int mode, long offset, long length);

  /** Gives the error's number, 0 for none. */
  static native int posix_fallocate(int fd, long offset, long length);

  static native int fcntl(int fd, int command, byte[] lock);

  static native int getpagesize();

  static native int getpriority(int which, int who);

  static native int sched_setscheduler(int pid, int policy, int[] parameters);

  private static native String strerror(int errno) throws LastErrorException;

  /** What the last call that failed says. */
  static IOException failure(String call, Path path) {
    return new IOException(path + ": " + call + ": " + strerror(Native.getLastError()));
  }

  static String message(int error) {
    return strerror(error);
  }

  private static boolean isArm() {
    return "aarch64".equals(System.getProperty("os.arch"));
  }
}
