package org.pgtrace.ring;

/**
 * What the trace file holds: everything below a ring position.
 *
 * @param readPosition ring position
 * @param fileLength bytes of the trace file that stand for it
 * @param fileNumber which file of the session, from 1; 0 before the first
 */
public record Commit(long readPosition, long fileLength, long fileNumber) {}
