/**
 * The reading side of a shared-memory segment, as ring_layout.h defines it. The only package that
 * maps memory or orders memory accesses.
 *
 * <p>Nothing read from a segment is trusted: lengths, positions and counts are checked before use,
 * and each is read once.
 */
@org.jspecify.annotations.NullMarked
package org.pgtrace.ring;
