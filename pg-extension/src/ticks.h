/*-------------------------------------------------------------------------
 *
 * ticks.h
 *	  A cheap clock for times inside one execution: the CPU's counter where the
 *	  kernel keeps its own time by it, else CLOCK_MONOTONIC.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PG_TRACE_TICKS_H
#define PG_TRACE_TICKS_H

#include "ring.h"

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

/* False where the counter may not be used. */
extern bool pgt_ticks_counter;

static inline uint64_t
pgt_ticks(void)
{
#if defined(__x86_64__)
	if (__builtin_expect(pgt_ticks_counter, 1))
		return __rdtsc();
#elif defined(__aarch64__)
	if (__builtin_expect(pgt_ticks_counter, 1))
	{
		uint64_t	value;

		__asm__ volatile("mrs %0, cntvct_el0" : "=r"(value));
		return value;
	}
#endif
	return (uint64_t) pgt_clock_ns();
}

/* Look at what the kernel uses; in the postmaster, before any child. */
extern void pgt_ticks_init(void);

/* How many ns a tick lasts, measured since pgt_ticks_init. */
extern double pgt_ticks_ns(void);

#endif							/* PG_TRACE_TICKS_H */
