package org.pgtrace.format;

/** Which figures of its method a plan node has. */
public enum NodeMethod {
  /** None. */
  NONE,
  /** {@code sortMethod}, {@code spaceKb}, {@code sortOnDisk}. */
  SORT,
  /** {@code buckets}, {@code batches}, {@code spaceKb}. */
  HASH,
  /** {@code batches}, {@code spaceKb}, {@code diskKb}. */
  HASH_AGGREGATE,
  /** {@code hits}, {@code misses}, {@code evictions}, {@code spaceKb}. */
  MEMOIZE,
  /** {@code exactBlocks}, {@code lossyBlocks}. */
  BITMAP,
  /** {@code workersPlanned}, {@code workersLaunched}. */
  GATHER,
  /** {@code heapFetches}. */
  INDEX_ONLY,
  /** {@code tuplesInserted}. */
  INSERT
}
