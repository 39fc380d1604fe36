/** What reports for programs are written with. */
@org.jspecify.annotations.NullMarked
package org.pgtrace.report;
