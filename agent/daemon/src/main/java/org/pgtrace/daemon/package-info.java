/**
 * Drains the rings of traced sessions into trace files.
 *
 * <p>One thread does it all: {@link org.pgtrace.daemon.Daemon} finds segments, {@code SegmentDrain}
 * looks after the slots of one, {@code SessionDrain} after one session: ring, lines, file, commit.
 */
@org.jspecify.annotations.NullMarked
package org.pgtrace.daemon;
