package org.pgtrace.ring;

/** System calls for others than the reader of rings. */
public final class SystemCalls {
  private SystemCalls() {}

  /**
   * Calls getpriority for nothing but that somebody who looks on sees its arguments.
   *
   * @param which may be a number that the call does not know
   */
  public static void getPriority(int which, int who) {
    LibC.getpriority(which, who);
  }

  /**
   * The process does not take the CPU from another one because it was woken.
   *
   * @return false where that cannot be had
   */
  public static boolean setBatch(long pid) {
    return LibC.sched_setscheduler((int) pid, LibC.SCHED_BATCH, new int[] {0}) == 0;
  }
}
