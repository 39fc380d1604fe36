package org.pgtrace.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.pgtrace.proc.KernelInfo;

/** What the figures were measured on. */
final class Machine {
  private static final String MODEL = "model name";

  private Machine() {}

  static void print(Path bin, PrintWriter out) throws IOException {
    KernelInfo kernel = KernelInfo.read(Path.of("/proc"));
    out.println("CPU:    " + processor() + ", " + Runtime.getRuntime().availableProcessors());
    out.println("kernel: " + kernel.systemName() + " " + kernel.release() + " " + kernel.machine());
    out.println(
        "JVM:    "
            + System.getProperty("java.vm.name")
            + " "
            + System.getProperty("java.runtime.version"));
    out.println("server: " + Commands.run(bin.resolve("postgres").toString(), "--version").strip());
    out.println("load:   " + Files.readString(Path.of("/proc/loadavg"), UTF_8).strip());
    out.flush();
  }

  private static String processor() throws IOException {
    List<String> lines = Files.readAllLines(Path.of("/proc/cpuinfo"), UTF_8);
    return lines.stream()
        .filter(line -> line.startsWith(MODEL))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElse("unknown");
  }
}
