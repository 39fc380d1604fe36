/** What /proc tells about a process, read from bytes. Knows nothing of rings or trace files. */
@org.jspecify.annotations.NullMarked
package org.pgtrace.proc;
