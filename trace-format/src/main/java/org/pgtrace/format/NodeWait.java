package org.pgtrace.format;

import java.util.Comparator;

/** What a plan node waited for under one name, all together; mutable and used again. */
public final class NodeWait {
  /** What the sum of those is called that have no place of their own in a line. */
  public static final String OTHERS = "others";

  static final Comparator<NodeWait> MOST_TIME_FIRST =
      (a, b) -> {
        boolean isRest = a.nam.equals(OTHERS);
        if (isRest != b.nam.equals(OTHERS)) {
          return isRest ? 1 : -1;
        }
        int byTime = Long.compare(b.totalUs, a.totalUs);
        return byTime != 0 ? byTime : a.nam.compareTo(b.nam);
      };

  /** Such as {@code db file sequential read}. */
  public String nam = "";

  /** How often. */
  public long count;

  /** Microseconds. */
  public long totalUs;

  /** Reads for which the kernel read a device. */
  public long fromDisk;

  /** Reads that the page cache could serve. */
  public long fromCache;
}
