package org.pgtrace.proc;

import java.nio.file.Path;

/**
 * Reads the counters of one process again and again. Its files are kept open, five of them, and all
 * values are overwritten by the next sample, so that a sample makes no garbage. For one thread; an
 * interrupt of that thread closes the files.
 *
 * <p>An open file of /proc stays that of the process that it was opened for. It cannot be read once
 * that has ended, whoever has its pid then. That the files were opened for the right one is seen
 * from the start time.
 */
public final class ProcessSampler implements AutoCloseable {
  private final ProcessIdentity who;
  private final ProcessFiles files;
  private final ProcessSample sample;
  private final Reading.Value<ProcessSample> value;
  private boolean isGone;

  private ProcessSampler(ProcessIdentity who, ProcessFiles files, ProcessStat stat) {
    this.who = who;
    this.files = files;
    sample = new ProcessSample(files, stat);
    value = new Reading.Value<>(sample);
  }

  /**
   * Opens the files of a process. Whether it is there is seen with the first sample. A file that
   * cannot be opened now is not tried again by this sampler.
   *
   * @param root /proc, except in tests
   * @param units what {@link KernelUnits#read} says
   */
  public static ProcessSampler open(Path root, KernelUnits units, ProcessIdentity who) {
    ProcessStat stat = new ProcessStat(units);
    return new ProcessSampler(who, ProcessFiles.open(root, units, who, stat), stat);
  }

  /**
   * Reads all files once. Gone, and so from then on, when the process has ended; another failure
   * where its stat file, which says who it is, cannot be read. The value is valid until the next
   * call.
   */
  public Reading<ProcessSample> sample() {
    if (isGone) {
      return gone();
    }
    Reading<ProcessStat> stat = files.stat().read();
    if (stat instanceof Reading.Value<ProcessStat> read) {
      if (isOther(read.value())) {
        return gone();
      }
      sample.readParts();
      return value;
    }
    return stat instanceof Reading.Gone<ProcessStat> ? gone() : Reading.without(stat);
  }

  /** Its number is somebody else's, or it is a zombie. */
  private boolean isOther(ProcessStat stat) {
    return stat.startTicks() != who.startTicks() || stat.hasEnded();
  }

  private Reading<ProcessSample> gone() {
    isGone = true;
    close();
    return new Reading.Gone<>(who.pid());
  }

  @Override
  public void close() {
    files.close();
  }
}
