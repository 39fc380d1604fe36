package org.pgtrace.daemon;

import org.pgtrace.format.OsRecord;
import org.pgtrace.proc.ProcessIo;
import org.pgtrace.proc.ProcessSample;
import org.pgtrace.proc.ProcessSchedstat;
import org.pgtrace.proc.ProcessStatm;
import org.pgtrace.proc.ProcessStatus;
import org.pgtrace.proc.Reading;

/**
 * What the kernel had counted for a process at one moment, and what the process was at; mutable and
 * used again. A figure that could not be read is {@link OsRecord#UNKNOWN}.
 */
final class ProcessFigures {
  private static final int BLOCK_BYTES = 512;
  private static final long NS_PER_US = 1000;

  /** Monotonic clock. */
  private long timeNs;

  private int activity;
  private boolean isIdle;
  private long userUs;
  private long systemUs;
  private long minorFaults;
  private long majorFaults;
  private long residentBytes = OsRecord.UNKNOWN;
  private long readChars = OsRecord.UNKNOWN;
  private long writtenChars;
  private long readBytes;
  private long writtenBytes;
  private long voluntarySwitches = OsRecord.UNKNOWN;
  private long involuntarySwitches;
  private long runDelayUs = OsRecord.UNKNOWN;
  private long throttledUs;
  private long cpuPressureUs;
  private long ioPressureUs;
  private long memoryPressureUs;
  private long diskBusyUs;

  /** Takes the figures of a sample over. */
  void set(ProcessSample sample) {
    userUs = sample.stat().utimeUs();
    systemUs = sample.stat().stimeUs();
    minorFaults = sample.stat().minflt();
    majorFaults = sample.stat().majflt();
    readChars = OsRecord.UNKNOWN;
    writtenChars = OsRecord.UNKNOWN;
    readBytes = OsRecord.UNKNOWN;
    writtenBytes = OsRecord.UNKNOWN;
    if (sample.io() instanceof Reading.Value<ProcessIo> io) {
      readChars = io.value().rchar();
      writtenChars = io.value().wchar();
      readBytes = io.value().readBytes();
      writtenBytes = io.value().writeBytes();
    }
    voluntarySwitches = OsRecord.UNKNOWN;
    involuntarySwitches = OsRecord.UNKNOWN;
    if (sample.status() instanceof Reading.Value<ProcessStatus> status) {
      voluntarySwitches = status.value().voluntarySwitches();
      involuntarySwitches = status.value().involuntarySwitches();
    }
    residentBytes =
        sample.statm() instanceof Reading.Value<ProcessStatm> statm
            ? statm.value().rssBytes()
            : OsRecord.UNKNOWN;
    runDelayUs = OsRecord.UNKNOWN;
    if (sample.schedstat() instanceof Reading.Value<ProcessSchedstat> schedstat) {
      runDelayUs = schedstat.value().runDelayNs() / NS_PER_US;
    }
  }

  /**
   * Takes figures over of what the process shares with others: microseconds, or {@link
   * OsRecord#UNKNOWN}.
   */
  void setShared(long throttled, long cpu, long io, long memory, long diskBusy) {
    throttledUs = throttled;
    cpuPressureUs = cpu;
    ioPressureUs = io;
    memoryPressureUs = memory;
    diskBusyUs = diskBusy;
  }

  /** Says when the sample was taken, and what {@code PgtSlot.activity} was before and after. */
  void setMoment(long monotonicNs, int activityBefore, int activityAfter) {
    timeNs = monotonicNs;
    activity = activityAfter;
    isIdle = activityBefore == activityAfter && (activityAfter & 1) == 0;
  }

  long timeNs() {
    return timeNs;
  }

  int activity() {
    return activity;
  }

  /** Whether no call of the client ran while the sample was taken. */
  boolean isIdle() {
    return isIdle;
  }

  /**
   * Whether the process is about to end: it has no memory any more, or a file of it has nothing to
   * say that had before.
   */
  boolean isEndingSince(ProcessFigures before) {
    return residentBytes == 0
        || isGone(before.residentBytes, residentBytes)
        || isGone(before.readChars, readChars)
        || isGone(before.voluntarySwitches, voluntarySwitches)
        || isGone(before.runDelayUs, runDelayUs);
  }

  private static boolean isGone(long before, long now) {
    return before != OsRecord.UNKNOWN && now == OsRecord.UNKNOWN;
  }

  void copy(ProcessFigures other) {
    timeNs = other.timeNs;
    activity = other.activity;
    isIdle = other.isIdle;
    userUs = other.userUs;
    systemUs = other.systemUs;
    minorFaults = other.minorFaults;
    majorFaults = other.majorFaults;
    residentBytes = other.residentBytes;
    readChars = other.readChars;
    writtenChars = other.writtenChars;
    readBytes = other.readBytes;
    writtenBytes = other.writtenBytes;
    voluntarySwitches = other.voluntarySwitches;
    involuntarySwitches = other.involuntarySwitches;
    runDelayUs = other.runDelayUs;
    throttledUs = other.throttledUs;
    cpuPressureUs = other.cpuPressureUs;
    ioPressureUs = other.ioPressureUs;
    memoryPressureUs = other.memoryPressureUs;
    diskBusyUs = other.diskBusyUs;
  }

  /** What was counted from an earlier moment to this one. */
  void since(ProcessFigures from, OsRecord os) {
    os.userUs = userUs - from.userUs;
    os.systemUs = systemUs - from.systemUs;
    os.minorFaults = minorFaults - from.minorFaults;
    os.majorFaults = majorFaults - from.majorFaults;
    os.voluntarySwitches = difference(from.voluntarySwitches, voluntarySwitches);
    os.involuntarySwitches = difference(from.involuntarySwitches, involuntarySwitches);
    os.readChars = difference(from.readChars, readChars);
    os.writtenChars = difference(from.writtenChars, writtenChars);
    os.readBytes = difference(from.readBytes, readBytes);
    os.writtenBytes = difference(from.writtenBytes, writtenBytes);
    // The kernel makes its counters of blocks from these bytes.
    os.inBlocks = blocks(from.readBytes, readBytes);
    os.outBlocks = blocks(from.writtenBytes, writtenBytes);
    os.residentBytes = residentBytes;
    os.runDelayUs = difference(from.runDelayUs, runDelayUs);
    os.throttledUs = difference(from.throttledUs, throttledUs);
    os.cpuPressureUs = difference(from.cpuPressureUs, cpuPressureUs);
    os.ioPressureUs = difference(from.ioPressureUs, ioPressureUs);
    os.memoryPressureUs = difference(from.memoryPressureUs, memoryPressureUs);
    os.diskBusyUs = difference(from.diskBusyUs, diskBusyUs);
    os.spanUs = (timeNs - from.timeNs) / NS_PER_US;
  }

  private static long difference(long from, long to) {
    return from == OsRecord.UNKNOWN || to == OsRecord.UNKNOWN ? OsRecord.UNKNOWN : to - from;
  }

  private static long blocks(long fromBytes, long toBytes) {
    return fromBytes == OsRecord.UNKNOWN || toBytes == OsRecord.UNKNOWN
        ? OsRecord.UNKNOWN
        : toBytes / BLOCK_BYTES - fromBytes / BLOCK_BYTES;
  }
}
