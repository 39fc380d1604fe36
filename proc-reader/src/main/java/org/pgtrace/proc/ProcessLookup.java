package org.pgtrace.proc;

/** What a look at a pid found. */
public sealed interface ProcessLookup {

  /** A process has this pid now. */
  record Found(ProcessIdentity identity) implements ProcessLookup {}

  /** No process has this pid. */
  record Gone(int pid) implements ProcessLookup {}

  /** There may be one, but its stat file cannot be read or understood. */
  record NotPermitted(int pid, String reason) implements ProcessLookup {}
}
