package org.pgtrace.ebpf;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** Whether the kernel can be asked here, and how. */
public final class EbpfSupport {
  /** Of the PID namespace that a machine starts with; PROC_PID_INIT_INO of the kernel. */
  private static final String FIRST_PID_NAMESPACE = "pid:[4026531836]";

  private static final int CAP_SYS_ADMIN = 21;
  private static final int CAP_PERFMON = 38;
  private static final int CAP_BPF = 39;
  private static final int EFFECTIVE_UID = 1;
  private static final int VERSION_TIMEOUT_S = 10;

  /**
   * What of the machine is looked at; tests have their own.
   *
   * @param self {@code /proc/self}
   * @param tracing where the kernel's tracepoints may be mounted
   * @param searchPath where programs are
   */
  record Machine(Path self, List<Path> tracing, List<Path> searchPath) {
    static Machine system() {
      List<Path> searchPath = new ArrayList<>();
      for (String folder : System.getenv().getOrDefault("PATH", "").split(":", -1)) {
        if (folder.startsWith("/")) {
          searchPath.add(Path.of(folder));
        }
      }
      return new Machine(
          Path.of("/proc/self"),
          List.of(Path.of("/sys/kernel/tracing"), Path.of("/sys/kernel/debug/tracing")),
          searchPath);
    }
  }

  private final Path bpftrace;
  private final BpftraceVersion version;
  private final Predicate<String> tracepoints;

  private EbpfSupport(Path bpftrace, BpftraceVersion version, Predicate<String> tracepoints) {
    this.bpftrace = bpftrace;
    this.version = version;
    this.tracepoints = tracepoints;
  }

  /**
   * Looks at this machine.
   *
   * @throws EbpfUnavailableException if something is missing
   */
  public static EbpfSupport check() throws EbpfUnavailableException {
    return check(Machine.system());
  }

  static EbpfSupport check(Machine machine) throws EbpfUnavailableException {
    checkRights(machine);
    Path program = findProgram(machine);
    BpftraceVersion version = version(program);
    return new EbpfSupport(program, version, tracepoints(machine));
  }

  /** What this kernel cannot tell, a line each. */
  public List<String> reductions() {
    return KernelProgram.reductions(tracepoints);
  }

  Path bpftrace() {
    return bpftrace;
  }

  KernelProgram program(long daemon) {
    return KernelProgram.of(daemon, version, tracepoints);
  }

  @Override
  public String toString() {
    return "bpftrace " + version + " (" + bpftrace + ")";
  }

  private static void checkRights(Machine machine) throws EbpfUnavailableException {
    String status = read(machine.self().resolve("status"));
    String[] uids = field(status, "Uid").split("\\s+", -1);
    String capabilities = field(status, "CapEff");
    if (uids.length <= EFFECTIVE_UID || !uids[EFFECTIVE_UID].equals("0")) {
      throw new EbpfUnavailableException(
          "--ebpf: only root may ask the kernel: run the daemon as root, or leave --ebpf out");
    }
    long caps = capabilities.isEmpty() ? -1 : Long.parseUnsignedLong(capabilities, 16);
    boolean may = has(caps, CAP_SYS_ADMIN) || (has(caps, CAP_BPF) && has(caps, CAP_PERFMON));
    if (!may) {
      throw new EbpfUnavailableException(
          "--ebpf: this root may not load programs into the kernel: give it CAP_BPF and CAP_PERFMON,"
              + " or CAP_SYS_ADMIN (for a container: --privileged)");
    }
    try {
      if (!Files.readSymbolicLink(machine.self().resolve("ns/pid"))
          .toString()
          .equals(FIRST_PID_NAMESPACE)) {
        throw new EbpfUnavailableException(
            "--ebpf: processes have other numbers here than the kernel's: run the daemon on the"
                + " host, or its container with --pid=host");
      }
    } catch (IOException e) {
      throw new EbpfUnavailableException(
          "--ebpf: " + machine.self().resolve("ns/pid") + " cannot be read: is /proc mounted?");
    }
  }

  private static boolean has(long capabilities, int number) {
    return (capabilities >>> number & 1) != 0;
  }

  private static Path findProgram(Machine machine) throws EbpfUnavailableException {
    for (Path folder : machine.searchPath()) {
      Path program = folder.resolve("bpftrace");
      if (Files.isRegularFile(program) && Files.isExecutable(program)) {
        return program;
      }
    }
    throw new EbpfUnavailableException(
        "--ebpf: there is no bpftrace on the PATH: install the package bpftrace ("
            + BpftraceVersion.MIN
            + " or later), or leave --ebpf out");
  }

  private static BpftraceVersion version(Path program) throws EbpfUnavailableException {
    String output;
    try {
      Process process =
          new ProcessBuilder(program.toString(), "--version").redirectErrorStream(true).start();
      process.getOutputStream().close();
      output = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
      if (!process.waitFor(VERSION_TIMEOUT_S, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (IOException e) {
      throw new EbpfUnavailableException(
          "--ebpf: " + program + " cannot be run: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EbpfUnavailableException("--ebpf: interrupted");
    }
    Optional<BpftraceVersion> version = BpftraceVersion.parse(output);
    if (version.isEmpty()) {
      throw new EbpfUnavailableException(
          "--ebpf: " + program + " --version says «" + firstLine(output) + "»: not a bpftrace?");
    }
    if (!version.get().isAtLeast(BpftraceVersion.MIN.major(), BpftraceVersion.MIN.minor())) {
      throw new EbpfUnavailableException(
          String.format(
              Locale.ROOT,
              "--ebpf: %s is bpftrace %s: install %s or later",
              program,
              version.get(),
              BpftraceVersion.MIN));
    }
    return version.get();
  }

  private static Predicate<String> tracepoints(Machine machine) throws EbpfUnavailableException {
    for (Path folder : machine.tracing()) {
      Path events = folder.resolve("events");
      if (Files.isDirectory(events)) {
        Predicate<String> tracepoints = name -> Files.isDirectory(events.resolve(name));
        List<String> missing = KernelProgram.missing(tracepoints);
        if (!missing.isEmpty()) {
          throw new EbpfUnavailableException(
              "--ebpf: this kernel has no tracepoint "
                  + missing.get(0)
                  + " (CONFIG_FTRACE_SYSCALLS): run another kernel, or leave --ebpf out");
        }
        return tracepoints;
      }
    }
    throw new EbpfUnavailableException(
        "--ebpf: the kernel's tracepoints are not mounted: mount -t tracefs tracefs"
            + " /sys/kernel/tracing");
  }

  private static String field(String status, String name) {
    return status
        .lines()
        .filter(line -> line.startsWith(name + ":"))
        .map(line -> line.substring(name.length() + 1).strip())
        .findFirst()
        .orElse("");
  }

  private static String firstLine(String text) {
    return text.lines().findFirst().orElse("");
  }

  private static String read(Path file) throws EbpfUnavailableException {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new EbpfUnavailableException("--ebpf: " + file + " cannot be read: is /proc mounted?");
    }
  }
}
