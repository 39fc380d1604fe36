/** Reads trace files, Oracle's and pg_trace's, line by line into the records of the format. */
@NullMarked
package org.pgtrace.reader;

import org.jspecify.annotations.NullMarked;
