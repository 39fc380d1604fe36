/** Makes another form of a trace. */
@NullMarked
package org.pgtrace.convert;

import org.jspecify.annotations.NullMarked;
