/**
 * What /proc and the control groups below /sys tell about a process and its machine, read from
 * bytes. Knows nothing of rings or trace files.
 *
 * <p>{@link org.pgtrace.proc.ProcessTable} finds processes. What is read again and again has a
 * reader of its own ({@link org.pgtrace.proc.ProcessSampler}, {@link
 * org.pgtrace.proc.CgroupReader}, {@link org.pgtrace.proc.PressureReader}, {@link
 * org.pgtrace.proc.DiskReader}): it keeps its files open, overwrites its values, makes no garbage,
 * and is for one thread. Its answers are a {@link org.pgtrace.proc.Reading}: a value, or why there
 * is none. No file's content makes it throw.
 */
@org.jspecify.annotations.NullMarked
package org.pgtrace.proc;
