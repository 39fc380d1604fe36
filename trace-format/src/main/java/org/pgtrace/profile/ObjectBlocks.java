package org.pgtrace.profile;

/** What a statement read of one object; blocks of parallel workers too, time of its own alone. */
final class ObjectBlocks {
  /** Read calls. */
  long reads;

  long blocks;

  /** Of those: by calls in which the kernel read a device. */
  long diskBlocks;

  /** Of those: by calls that the page cache could serve. */
  long cacheBlocks;

  /** Waits of the session for them, in microseconds, with the CPU time inside of them. */
  long elapsedUs;

  /** Blocks found in buffers, where the trace has HIT lines. */
  long hits;

  void add(ObjectBlocks other) {
    reads += other.reads;
    blocks += other.blocks;
    diskBlocks += other.diskBlocks;
    cacheBlocks += other.cacheBlocks;
    elapsedUs += other.elapsedUs;
    hits += other.hits;
  }
}
