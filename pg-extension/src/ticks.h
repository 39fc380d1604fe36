/*-------------------------------------------------------------------------
 *
 * ticks.h
 *	  CLOCK_MONOTONIC for less: the CPU's counter where the kernel keeps its own
 *	  time by it, set by the kernel's clock once in a millisecond.
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

/* The last pair of both clocks; for pgt_now_ns alone. */
typedef struct PgtClockSync
{
	uint64_t	ticks;
	int64_t		ns;
	uint64_t	valid_ticks;	/* use it for so long; 0: not set yet */
	double		tick_ns;		/* how many ns a tick lasts */
} PgtClockSync;

extern PgtClockSync pgt_clock_sync;
extern int64_t pgt_clock_resync(void);

/* CLOCK_MONOTONIC in ns, to within what the counter drifts in a millisecond. */
static inline int64_t
pgt_now_ns(void)
{
	uint64_t	passed = pgt_ticks() - pgt_clock_sync.ticks;

	if (__builtin_expect(passed < pgt_clock_sync.valid_ticks, 1))
		return pgt_clock_sync.ns + (int64_t) ((double) passed * pgt_clock_sync.tick_ns);
	return pgt_clock_resync();
}

/* The same of a moment that has passed. */
static inline int64_t
pgt_ns_of(uint64_t ticks)
{
	int64_t		passed = (int64_t) (ticks - pgt_clock_sync.ticks);

	if (__builtin_expect((uint64_t) passed >= pgt_clock_sync.valid_ticks, 0))
	{
		pgt_now_ns();
		passed = (int64_t) (ticks - pgt_clock_sync.ticks);
	}
	return pgt_clock_sync.ns + (int64_t) ((double) passed * pgt_clock_sync.tick_ns);
}

/* How many ns a tick lasts; known after the first pgt_now_ns. */
static inline double
pgt_ticks_ns(void)
{
	return pgt_clock_sync.tick_ns;
}

#endif							/* PG_TRACE_TICKS_H */
