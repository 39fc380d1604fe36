package org.pgtrace.ebpf;

/** Where lines get lost between the kernel and the daemon. */
public enum LossCause {
  /** bpftrace was too slow for its buffers. */
  KERNEL_BUFFER,
  /** The daemon was too slow for its queue. */
  QUEUE,
  /** A line was not as it should be. */
  DAMAGED_LINE
}
