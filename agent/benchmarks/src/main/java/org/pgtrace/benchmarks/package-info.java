/** What tracing costs the server. */
package org.pgtrace.benchmarks;
