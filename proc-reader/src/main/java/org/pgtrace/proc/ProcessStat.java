package org.pgtrace.proc;

/**
 * {@code /proc/<pid>/stat} (proc_pid_stat(5)): of the whole process with all its threads, where not
 * said otherwise. Counts are since the process started; what does not fit a long is {@link
 * Long#MAX_VALUE}.
 */
public final class ProcessStat {
  private final KernelUnits units;
  private final StatFields fields = new StatFields(StatFields.BLOCK_IO_DELAY_TICKS);

  ProcessStat(KernelUnits units) {
    this.units = units;
  }

  Parser.Outcome parse(ProcText text) {
    return fields.parse(text);
  }

  boolean hasEnded() {
    return fields.hasEnded();
  }

  /**
   * State of the main thread: R runs or would like to, S sleeps, D waits for a disk, T stopped …
   */
  public char state() {
    return fields.state();
  }

  /** CPU in user mode, us, as exact as a clock tick (mostly 10 ms). */
  public long utimeUs() {
    return units.ticksToMicros(fields.number(StatFields.USER_TICKS));
  }

  /** CPU in the kernel, us, as exact as a clock tick (mostly 10 ms). */
  public long stimeUs() {
    return units.ticksToMicros(fields.number(StatFields.SYSTEM_TICKS));
  }

  /** Page faults that needed no disk. */
  public long minflt() {
    return fields.number(StatFields.MINOR_FAULTS);
  }

  /** Page faults that had to wait for a page from disk. */
  public long majflt() {
    return fields.number(StatFields.MAJOR_FAULTS);
  }

  /** Threads that it has now. */
  public long threads() {
    return fields.number(StatFields.THREADS);
  }

  /** When it started, in clock ticks since the machine did. */
  public long startTicks() {
    return fields.number(StatFields.START_TICKS);
  }

  /** The CPU that the main thread ran on last. */
  public long processor() {
    return fields.number(StatFields.PROCESSOR);
  }

  /**
   * Time that it waited for block devices, us. 0 where the kernel does not account delays: {@code
   * CONFIG_TASK_DELAY_ACCT}, and since Linux 5.14 {@code sysctl kernel.task_delayacct=1} or the
   * boot parameter {@code delayacct}.
   */
  public long blockIoDelayUs() {
    return units.ticksToMicros(fields.number(StatFields.BLOCK_IO_DELAY_TICKS));
  }
}
