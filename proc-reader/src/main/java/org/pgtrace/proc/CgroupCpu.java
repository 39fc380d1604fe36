package org.pgtrace.proc;

/**
 * CPU of a control group and those below it: {@code cpu.stat} of version 2, {@code cpuacct.usage}
 * of version 1 (the kernel's Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/cpuacct.rst).
 */
public final class CgroupCpu {
  private static final byte[] USAGE = ProcText.key("usage_usec ");
  private static final long NS_PER_US = 1000;

  private long usageUs;

  Parser.Outcome parseUnified(ProcText text) {
    usageUs = text.numberOf(USAGE);
    return Parser.outcome(text);
  }

  Parser.Outcome parseV1(ProcText text) {
    usageUs = text.number() / NS_PER_US;
    return Parser.outcome(text);
  }

  /** CPU that the group has used, us. */
  public long usageUs() {
    return usageUs;
  }
}
