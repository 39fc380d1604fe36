/** The program {@code pgtrace}: one class a command, and no logic in them. */
@org.jspecify.annotations.NullMarked
package org.pgtrace.cli;
