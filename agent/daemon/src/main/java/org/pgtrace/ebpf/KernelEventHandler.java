package org.pgtrace.ebpf;

/**
 * Hears what the kernel says of traced processes, from {@link EbpfProbe#poll}, on its thread.
 *
 * <p>All times are those of the monotonic clock, ns. Of one process, calls, periods off the CPU,
 * losses and its end come in the order of their end. Block requests come in no order; the order of
 * processes among each other is loose too.
 */
public interface KernelEventHandler {
  /** From then on all of the process is told. Also after a gap. */
  void began(int pid, long ns);

  /** A call has ended. */
  void io(IoEvent event);

  /**
   * The process has the CPU again.
   *
   * @param runQueueNs how long it waited for a CPU at the period's end, or -1 where its wake-up was
   *     not seen
   * @param sleep why it had none
   */
  void offCpu(int pid, long beginNs, long endNs, long runQueueNs, Sleep sleep);

  /**
   * A device has completed a request of the process, which may have gone on since.
   *
   * @param device as the kernel numbers it: major << 20 | minor
   * @param sector of 512 bytes
   * @param beginNs when the device got it, or 0 where that was not seen
   * @param callBeginNs begin of the call that it was for, or 0
   */
  void blockRequest(
      int pid,
      long device,
      long sector,
      long bytes,
      boolean write,
      long beginNs,
      long endNs,
      long callBeginNs);

  /** All that ended before then has been told: the answer to {@link EbpfProbe#ask}. */
  void upTo(int pid, long ns);

  /** The process is over, and is not traced any more. */
  void exited(int pid, long ns);

  /** That many events of the process in between are lost, by whatever cause. */
  void lost(int pid, long events, long fromNs, long toNs);

  /** Lines of whatever process were lost there; those with a number also come as {@link #lost}. */
  void lostBy(LossCause cause, long lines, long atNs);

  /** There was no probe in between, or it was not told of any process. */
  void gap(long fromNs, long toNs);

  /** Why a process has no CPU. */
  enum Sleep {
    /** It could run: another one has its CPU. */
    NONE,
    /** It waits for something, and can be interrupted. */
    INTERRUPTIBLE,
    /** It waits for something, mostly a device. */
    UNINTERRUPTIBLE,
    /** Stopped, traced, over. */
    OTHER
  }
}
