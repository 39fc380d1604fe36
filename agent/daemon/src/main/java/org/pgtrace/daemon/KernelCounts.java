package org.pgtrace.daemon;

import org.pgtrace.format.KernelSumRecord;

/** Sums of what the kernel's probes have seen: counts, bytes, and times in nanoseconds. */
final class KernelCounts {
  private static final long NS_PER_US = 1000;

  long reads;
  long readNs;
  long readBytes;
  long writes;
  long writeNs;
  long writtenBytes;
  long syncs;
  long syncNs;
  long requests;
  long requestBytes;
  long deviceNs;
  long sleeps;
  long sleepNs;
  long preemptions;
  long runQueueNs;

  KernelCounts copy() {
    KernelCounts copy = new KernelCounts();
    copy.add(this, new KernelCounts());
    return copy;
  }

  /** Adds what has come between two moments. */
  void add(KernelCounts to, KernelCounts from) {
    reads += to.reads - from.reads;
    readNs += to.readNs - from.readNs;
    readBytes += to.readBytes - from.readBytes;
    writes += to.writes - from.writes;
    writeNs += to.writeNs - from.writeNs;
    writtenBytes += to.writtenBytes - from.writtenBytes;
    syncs += to.syncs - from.syncs;
    syncNs += to.syncNs - from.syncNs;
    requests += to.requests - from.requests;
    requestBytes += to.requestBytes - from.requestBytes;
    deviceNs += to.deviceNs - from.deviceNs;
    sleeps += to.sleeps - from.sleeps;
    sleepNs += to.sleepNs - from.sleepNs;
    preemptions += to.preemptions - from.preemptions;
    runQueueNs += to.runQueueNs - from.runQueueNs;
  }

  void describe(KernelSumRecord line) {
    line.reads = reads;
    line.readUs = readNs / NS_PER_US;
    line.readBytes = readBytes;
    line.writes = writes;
    line.writeUs = writeNs / NS_PER_US;
    line.writtenBytes = writtenBytes;
    line.syncs = syncs;
    line.syncUs = syncNs / NS_PER_US;
    line.requests = requests;
    line.requestBytes = requestBytes;
    line.deviceUs = deviceNs / NS_PER_US;
    line.sleeps = sleeps;
    line.sleepUs = sleepNs / NS_PER_US;
    line.preemptions = preemptions;
    line.runQueueUs = runQueueNs / NS_PER_US;
  }
}
