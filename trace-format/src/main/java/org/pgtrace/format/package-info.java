/** The text of a trace file: what each line says and how it is written. */
@org.jspecify.annotations.NullMarked
package org.pgtrace.format;
