/** Compares what two traces say of the same work, for tests that run again and again. */
@NullMarked
package org.pgtrace.diff;

import org.jspecify.annotations.NullMarked;
