/**
 * What the kernel says of traced processes, through bpftrace.
 *
 * <p>{@link org.pgtrace.ebpf.EbpfSupport} says whether that can be had, {@link
 * org.pgtrace.ebpf.EbpfProbe} runs bpftrace with the program of {@code KernelProgram} and gives
 * what it says to a {@link org.pgtrace.ebpf.KernelEventHandler}. On the way: {@code ProbeChild}
 * (the process and the thread that reads from it), {@code ProbeLines} (bytes to numbers), {@code
 * LineQueue} (to the daemon's thread), {@code FollowedProcess} (order, losses, descriptors).
 */
@org.jspecify.annotations.NullMarked
package org.pgtrace.ebpf;
