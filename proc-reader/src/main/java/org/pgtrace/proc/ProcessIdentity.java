package org.pgtrace.proc;

/**
 * One process for as long as the machine runs: a pid alone is used again.
 *
 * @param pid the process id
 * @param startTicks when it started, in clock ticks since boot
 */
public record ProcessIdentity(int pid, long startTicks) {}
