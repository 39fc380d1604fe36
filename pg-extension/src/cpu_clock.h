/*-------------------------------------------------------------------------
 *
 * cpu_clock.h
 *	  CPU time of this process, by the kernel's accounting.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PG_TRACE_CPU_CLOCK_H
#define PG_TRACE_CPU_CLOCK_H

#include <stdint.h>

/*
 * CPU time (user + system) of this thread in ns, and the moment of
 * CLOCK_MONOTONIC at which it was that.  Neither ever decreases.
 */
extern int64_t pgt_cpu_ns(int64_t *now_ns);

#endif							/* PG_TRACE_CPU_CLOCK_H */
