package org.pgtrace.ring;

/**
 * What the trace file holds: everything below two ring positions.
 *
 * @param read ring positions
 * @param fileLength bytes of the trace file that stand for them
 * @param fileNumber which file of the session, from 1; 0 before the first
 */
public record Commit(Positions read, long fileLength, long fileNumber) {}
