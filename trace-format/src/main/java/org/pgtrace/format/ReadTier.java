package org.pgtrace.format;

/** Where the bytes of a read came from. */
public enum ReadTier {
  /** It was no read, or that is not known. */
  UNKNOWN,
  /** The page cache had them. */
  CACHE,
  /** The kernel read a device. */
  DISK
}
