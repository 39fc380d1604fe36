package org.pgtrace.ebpf;

/** A process of its own with a probe, until it is killed. */
final class ProbeHolder {
  /** Printed before the number of bpftrace's process. */
  static final String READY = "ready ";

  private ProbeHolder() {}

  public static void main(String[] args) throws Exception {
    Heard heard = new Heard();
    try (EbpfProbe probe = EbpfProbe.start(EbpfSupport.check())) {
      while (!probe.isReady()) {
        probe.poll(heard);
        Thread.sleep(1);
      }
      System.out.println(READY + probe.childPid());
      while (true) {
        probe.poll(heard);
        Thread.sleep(1);
      }
    }
  }
}
