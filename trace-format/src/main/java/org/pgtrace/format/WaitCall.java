package org.pgtrace.format;

import java.util.Locale;

/** The call of the library in which a process waited. */
public enum WaitCall {
  /** Not known. */
  UNKNOWN,
  READ,
  WRITE,
  SYNC,
  PREFETCH,
  ALLOCATE,
  TRUNCATE,
  POLL,
  SEMAPHORE,
  SLEEP,
  RECEIVE,
  SEND,
  SUBMIT;

  /** The call in lower case. */
  String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
