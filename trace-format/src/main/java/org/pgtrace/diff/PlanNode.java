package org.pgtrace.diff;

/**
 * One node of a plan that was executed.
 *
 * @param level 0 of the root
 * @param op as EXPLAIN names it, without what is another in each run
 * @param rows all loops together
 * @param loops times it was started
 * @param reads blocks hit or read, without the children's
 */
record PlanNode(int level, String op, long rows, long loops, long reads) {}
