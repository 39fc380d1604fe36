package org.pgtrace.ebpf;

import java.util.Optional;

/** Of an installed bpftrace; all of them so far are 0.something. */
record BpftraceVersion(int major, int minor) {
  /** The oldest that the program was tried with. */
  static final BpftraceVersion MIN = new BpftraceVersion(0, 17);

  private static final String PREFIX = "bpftrace v";

  /** From what {@code bpftrace --version} prints. */
  static Optional<BpftraceVersion> parse(String output) {
    int at = output.indexOf(PREFIX);
    if (at < 0) {
      return Optional.empty();
    }
    String[] parts = output.substring(at + PREFIX.length()).split("[^0-9]", 3);
    try {
      return Optional.of(
          new BpftraceVersion(
              Integer.parseInt(parts[0]), parts.length > 1 ? Integer.parseInt(parts[1]) : 0));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  boolean isAtLeast(int otherMajor, int otherMinor) {
    return major != otherMajor ? major > otherMajor : minor >= otherMinor;
  }

  @Override
  public String toString() {
    return major + "." + minor;
  }
}
