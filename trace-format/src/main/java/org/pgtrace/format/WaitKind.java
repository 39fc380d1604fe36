package org.pgtrace.format;

/** Which figures of a wait are known. */
public enum WaitKind {
  /** None. */
  PLAIN,
  /** Blocks of a relation: {@code tablespace} to {@code blocks}. */
  BLOCKS,
  /** Another file: {@code fileNumber}, {@code path}, {@code offset}, {@code bytes}. */
  FILE,
  /** A lock of the lock manager: {@code lockType} to {@code holder}. */
  LOCK,
  /** The client: {@code bytes}. */
  CLIENT,
  /** Another process of the server: {@code targetPid} or {@code targetLsn}. */
  IPC
}
