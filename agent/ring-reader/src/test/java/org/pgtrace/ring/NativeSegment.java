package org.pgtrace.ring;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** A segment made and written by the extension's own C code, compiled when a test first asks. */
public final class NativeSegment implements AutoCloseable {
  /** The functions of ring_fixture.c. */
  private interface Fixture extends Library {
    Pointer fixture_create(
        String path,
        int slots,
        long ringSize,
        String cluster,
        int serverPid,
        long serverTicks,
        String bootId,
        long mono,
        long wall);

    Pointer fixture_segment(Pointer fixture);

    Pointer fixture_slot(Pointer fixture, int slot);

    Pointer fixture_claim(
        Pointer fixture,
        int slot,
        int pid,
        long ticks,
        String database,
        String role,
        String application,
        String identifier);

    Pointer fixture_worker(Pointer fixture, int slot, short worker);

    void fixture_wait_when_full(Pointer ring, long timeoutNs);

    int fixture_write(Pointer ring, int type, int flags, byte[] body, int length, long timeNs);

    int fixture_die_while_writing(Pointer ring, long timeNs);

    long fixture_flood(Pointer ring, long first, long count, long timeNs);

    void fixture_die(Pointer ring);

    void fixture_close(Pointer ring);

    void fixture_server_dies(Pointer fixture);

    void fixture_unmap(Pointer fixture);

    long pgt_clock_ns();
  }

  /** Who a segment's server says that it is. */
  public record Server(String cluster, int pid, long startTicks, String bootId) {}

  /** Who a slot's session says that it is. */
  public record Client(
      int pid,
      long startTicks,
      String database,
      String role,
      String application,
      String identifier) {}

  /** Both clocks at one moment: readable times in tests. */
  public static final long MONO_NS = 10_000_000_000L;

  public static final long WALL_NS = 1_700_000_000_000_000_000L;

  private final Pointer fixture;

  private NativeSegment(Pointer fixture) {
    this.fixture = fixture;
  }

  /** Makes a new segment file. */
  public static NativeSegment create(Path path, int slots, long ringSize, Server server) {
    Pointer fixture =
        Compiled.FIXTURE.fixture_create(
            path.toString(),
            slots,
            ringSize,
            server.cluster(),
            server.pid(),
            server.startTicks(),
            server.bootId(),
            MONO_NS,
            WALL_NS);
    if (Pointer.nativeValue(fixture) == 0) {
      throw new IllegalStateException("cannot make " + path);
    }
    return new NativeSegment(fixture);
  }

  /** The clock of the writer. */
  public static long clockNs() {
    return Compiled.FIXTURE.pgt_clock_ns();
  }

  /** The header's bytes, to change them. */
  public ByteBuffer header() {
    return bytes(Compiled.FIXTURE.fixture_segment(fixture), SegmentLayout.SIZE);
  }

  /** A slot's bytes, to change them; those of the workers' rings come after the others. */
  public ByteBuffer slot(int slot) {
    return bytes(Compiled.FIXTURE.fixture_slot(fixture, slot), SlotLayout.SIZE);
  }

  /** A session takes the slot, which must be free. */
  public Session claim(int slot, Client client) {
    Pointer ring =
        Compiled.FIXTURE.fixture_claim(
            fixture,
            slot,
            client.pid(),
            client.startTicks(),
            client.database(),
            client.role(),
            client.application(),
            client.identifier());
    if (Pointer.nativeValue(ring) == 0) {
      throw new IllegalStateException("slot " + slot + " is not free");
    }
    return new Session(ring);
  }

  /**
   * A process that writes to the workers' ring of a slot's session.
   *
   * @param worker number of a parallel worker, from 1; 0: another process
   */
  public Session worker(int slot, int worker) {
    return new Session(Compiled.FIXTURE.fixture_worker(fixture, slot, (short) worker));
  }

  /** The server dies. */
  public void serverDies() {
    Compiled.FIXTURE.fixture_server_dies(fixture);
  }

  @Override
  public void close() {
    Compiled.FIXTURE.fixture_unmap(fixture);
  }

  private static ByteBuffer bytes(Pointer pointer, int length) {
    return pointer.getByteBuffer(0, length).order(ByteOrder.nativeOrder());
  }

  /** The writing end of one ring. */
  public static final class Session {
    private final Pointer ring;

    private Session(Pointer ring) {
      this.ring = ring;
    }

    /** 0: never wait. */
    public void waitWhenFull(long timeoutNs) {
      Compiled.FIXTURE.fixture_wait_when_full(ring, timeoutNs);
    }

    /** Writes a record; false where it was dropped. */
    public boolean write(Body body, int flags, long timeNs) {
      byte[] bytes = body.afterHeader();
      return Compiled.FIXTURE.fixture_write(ring, body.type(), flags, bytes, bytes.length, timeNs)
          != 0;
    }

    public boolean dieWhileWriting(long timeNs) {
      return Compiled.FIXTURE.fixture_die_while_writing(ring, timeNs) != 0;
    }

    /** Writes calls whose rows count from {@code first}; returns how many were dropped. */
    public long flood(long first, long count, long timeNs) {
      return Compiled.FIXTURE.fixture_flood(ring, first, count, timeNs);
    }

    /** The session's process dies. */
    public void die() {
      Compiled.FIXTURE.fixture_die(ring);
    }

    /** The session ends; its slot is the daemon's now. */
    public void close() {
      Compiled.FIXTURE.fixture_close(ring);
    }
  }

  /** The compiled library, once a JVM. */
  private static final class Compiled {
    static final Fixture FIXTURE = load();

    private static Fixture load() {
      try {
        Path folder = Files.createTempDirectory("ring_fixture");
        Path source = folder.resolve("ring_fixture.c");
        try (InputStream in = NativeSegment.class.getResourceAsStream("/c/ring_fixture.c")) {
          Files.copy(Objects.requireNonNull(in), source);
        }
        Path library = folder.resolve("ring_fixture.so");
        compile(source, library);
        Fixture fixture = Native.load(library.toString(), Fixture.class);
        Files.delete(source);
        Files.delete(library);
        Files.delete(folder);
        return fixture;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static void compile(Path source, Path library) throws IOException {
      Process gcc =
          new ProcessBuilder(
                  "gcc",
                  "-std=gnu11",
                  "-Wall",
                  "-Werror",
                  "-O2",
                  "-shared",
                  "-fPIC",
                  "-I",
                  Sources.extension().resolve("src").toString(),
                  "-o",
                  library.toString(),
                  source.toString())
              .redirectErrorStream(true)
              .start();
      String output = new String(gcc.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      try {
        if (!gcc.waitFor(1, TimeUnit.MINUTES) || gcc.exitValue() != 0) {
          throw new IOException("gcc: " + output);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException(e);
      }
    }
  }
}
