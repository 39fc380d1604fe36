package org.pgtrace.ring;

import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * An open segment file: maps parts of it, gives parts back to the file system, and holds the lock
 * of the one daemon that drains it.
 *
 * <p>The kernel drops a process's lock when that process closes <em>any</em> descriptor of the
 * file: do not open a segment a second time in the process that drains it.
 */
final class SegmentFile implements AutoCloseable {
  private final Path path;
  private final boolean writable;
  private final int fd;
  private final FileChannel channel;
  private Optional<FileLock> lock = Optional.empty();

  private SegmentFile(Path path, boolean writable, int fd, FileChannel channel) {
    this.path = path;
    this.writable = writable;
    this.fd = fd;
    this.channel = channel;
  }

  static SegmentFile open(Path path, boolean writable) throws IOException {
    int fd = openDescriptor(path, writable);
    try {
      FileChannel channel =
          writable
              ? FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)
              : FileChannel.open(path, StandardOpenOption.READ);
      return new SegmentFile(path, writable, fd, channel);
    } catch (IOException e) {
      LibC.close(fd);
      throw e;
    }
  }

  private static int openDescriptor(Path path, boolean writable) throws IOException {
    int fd;
    try {
      int flags = (writable ? LibC.O_RDWR : LibC.O_RDONLY) | LibC.O_CLOEXEC | LibC.O_NOFOLLOW;
      fd = LibC.open(path.toString(), flags, 0);
    } catch (LinkageError e) {
      throw new IOException(
          path
              + ": cannot be mapped: the native part of JNA does not load; the folder for temporary"
              + " files must have room and allow programs (-Djna.tmpdir=DIR names another)",
          e);
    }
    if (fd < 0) {
      throw LibC.failure("open", path);
    }
    return fd;
  }

  long size() throws IOException {
    return channel.size();
  }

  /** Takes the daemon's lock; false while another daemon holds it. */
  boolean tryLock() throws IOException {
    if (lock.isPresent()) {
      return true;
    }
    try {
      lock = Optional.ofNullable(channel.tryLock(Layout.LOCK_DAEMON, 1, false));
    } catch (OverlappingFileLockException e) {
      return false;
    }
    return lock.isPresent();
  }

  /**
   * Whether anybody holds a lock on this byte of the file: the server, a session, a daemon; also
   * where their PID namespace is another one.
   */
  boolean isLocked(long at) {
    byte[] query = Flock.of(Flock.F_WRLCK, at);
    if (LibC.fcntl(fd, LibC.F_OFD_GETLK, query) != 0) {
      // Not known: nothing may be taken away from whoever it is.
      return true;
    }
    return Flock.in(query).getShort(Flock.TYPE) != Flock.F_UNLCK;
  }

  /** Locks one byte until {@link #unlock} or {@link #close}; false where somebody else has it. */
  boolean tryLock(long at) {
    return LibC.fcntl(fd, LibC.F_OFD_SETLK, Flock.of(Flock.F_WRLCK, at)) == 0;
  }

  void unlock(long at) {
    LibC.fcntl(fd, LibC.F_OFD_SETLK, Flock.of(Flock.F_UNLCK, at));
  }

  /** Where the fields of the C library's struct flock are, on 64-bit Linux. */
  private static final class Flock {
    static final int SIZE = 32;
    static final int TYPE = 0;
    static final int START = 8;
    static final int LENGTH = 16;
    static final short F_WRLCK = 1;
    static final short F_UNLCK = 2;

    private Flock() {}

    /** One byte. */
    static byte[] of(short type, long at) {
      byte[] lock = new byte[SIZE];
      in(lock).putShort(TYPE, type).putLong(START, at).putLong(LENGTH, 1);
      return lock;
    }

    static ByteBuffer in(byte[] lock) {
      return ByteBuffer.wrap(lock).order(ByteOrder.nativeOrder());
    }
  }

  /** Maps a part, which the caller has found to lie inside of the file. */
  SharedMemory map(long offset, int length) throws IOException {
    int intoPage = (int) (offset % LibC.getpagesize());
    long mappedLength = (long) intoPage + length;
    long address =
        LibC.mmap(
            Pointer.NULL,
            mappedLength,
            writable ? LibC.PROT_READ | LibC.PROT_WRITE : LibC.PROT_READ,
            LibC.MAP_SHARED,
            fd,
            offset - intoPage);
    if (address == -1) {
      throw LibC.failure("mmap", path);
    }
    return new SharedMemory(new Pointer(address), mappedLength, intoPage, length);
  }

  /** Reserves memory for a part; gives the error's number, 0 for none. */
  int reserve(long offset, long length) {
    int error;
    do {
      error = LibC.posix_fallocate(fd, offset, length);
    } while (error == LibC.EINTR);
    return error;
  }

  /** Gives a part's memory back; it reads as zeros afterwards. */
  void release(long offset, long length) throws IOException {
    int mode = LibC.FALLOC_FL_PUNCH_HOLE | LibC.FALLOC_FL_KEEP_SIZE;
    if (LibC.fallocate(fd, mode, offset, length) != 0) {
      throw LibC.failure("fallocate", path);
    }
  }

  @Override
  public void close() throws IOException {
    LibC.close(fd);
    channel.close();
  }
}
