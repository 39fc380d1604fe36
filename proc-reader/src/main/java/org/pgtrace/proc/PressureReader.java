package org.pgtrace.proc;

import java.nio.file.Path;

/** Reads what the machine is short of. The file is kept open; for one thread. */
public final class PressureReader implements AutoCloseable {

  /** What there may be too little of. */
  public enum Resource {
    CPU("cpu"),
    IO("io"),
    MEMORY("memory");

    private final String fileName;

    Resource(String fileName) {
      this.fileName = fileName;
    }
  }

  private final KeptFile<Pressure> file;

  private PressureReader(KeptFile<Pressure> file) {
    this.file = file;
  }

  /**
   * Opens the file of a resource.
   *
   * @param root /proc, except in tests
   */
  public static PressureReader open(Path root, Resource resource) {
    return new PressureReader(
        KeptFile.open(
            root.resolve("pressure").resolve(resource.fileName),
            new SystemFailure(
                "CONFIG_PSI, and the boot parameter psi=1 where it is off by default"),
            new ReadBuffer(),
            new Pressure(),
            Pressure::parse));
  }

  /** Reads the file. The value is valid until the next call. */
  public Reading<Pressure> read() {
    return file.read();
  }

  @Override
  public void close() {
    file.close();
  }
}
