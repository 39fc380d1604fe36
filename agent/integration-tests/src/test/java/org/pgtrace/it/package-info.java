/** A real server with the extension, the real daemon, and what is in the trace. */
@org.jspecify.annotations.NullMarked
package org.pgtrace.it;
