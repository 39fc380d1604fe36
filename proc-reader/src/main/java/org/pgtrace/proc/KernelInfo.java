package org.pgtrace.proc;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The machine, as {@code uname} shows it; empty texts for what cannot be read.
 *
 * @param systemName {@code uname -s}
 * @param nodeName {@code uname -n}
 * @param release {@code uname -r}
 * @param version {@code uname -v}
 * @param machine {@code uname -m}
 */
public record KernelInfo(
    String systemName, String nodeName, String release, String version, String machine) {

  /** Reads below {@code root}, which is /proc except in tests. */
  public static KernelInfo read(Path root) {
    Path kernel = root.resolve("sys/kernel");
    return new KernelInfo(
        line(kernel.resolve("ostype")),
        line(kernel.resolve("hostname")),
        line(kernel.resolve("osrelease")),
        line(kernel.resolve("version")),
        machineOf(System.getProperty("os.arch", "")));
  }

  private static String line(Path file) {
    try {
      return Files.readString(file, StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      return "";
    }
  }

  /** Java has a name of its own for one architecture. */
  private static String machineOf(String arch) {
    return arch.equals("amd64") ? "x86_64" : arch;
  }
}
