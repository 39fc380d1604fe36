/*-------------------------------------------------------------------------
 *
 * ring.h
 *	  The writing side of one ring.  Knows no PostgreSQL; see ring_layout.h for
 *	  the rules that make it safe without a lock.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PG_TRACE_RING_H
#define PG_TRACE_RING_H

#include <stdbool.h>

#include "ring_layout.h"

/* What the writer keeps in its own memory. */
typedef struct PgtRing
{
	PgtSegment *segment;
	PgtSlot    *slot;
	uint8_t    *data;			/* ring_size bytes */
	uint64_t	size;			/* bytes; not read from the segment again */
	uint64_t	head;			/* position of the next record */
	uint64_t	read_pos;		/* last read position seen */
	int64_t		last_time_ns;	/* of the last record: time never decreases */
	PgtRecord  *open;			/* record being written, or NULL */
	uint32_t	open_length;	/* bytes reserved for it */
	bool		broken;			/* the reader wrote an impossible position */

	/* A workers' ring, which others write too. */
	bool		shared;
	uint32_t	session_number; /* of whom it is */
	uint16_t	source;			/* flags of who writes: its number, see
								 * PGT_RF_WORKER */

	/* Called, once, before the next record is begun: what has to come first. */
	void		(*before) (void);

	/* Settings of what to do when there is no room. */
	bool		wait_when_full;
	int64_t		full_timeout_ns;
	int64_t		full_until_ns;	/* after a time-out: do not wait again before */
} PgtRing;

/*
 * Attach the ring to a slot that the caller has claimed; the slot's positions
 * are kept, so that a session which is switched on again goes on.
 */
extern void pgt_ring_attach(PgtRing *ring, PgtSegment *segment, PgtSlot *slot,
							uint8_t *data, uint64_t size);

/*
 * Attach to the workers' ring of a session; worker: number of the parallel
 * worker that writes, from 1, or 0.  Records that are begun are dropped, and
 * not counted, once the session has ended.
 */
extern void pgt_ring_attach_shared(PgtRing *ring, PgtSegment *segment, PgtSlot *slot,
								   uint8_t *data, uint64_t size,
								   uint32_t session_number, uint16_t worker);

/* The session has ended: nobody writes to its workers' ring from now on. */
extern void pgt_ring_close_shared(PgtSlot *slot);

/*
 * Begin a record of `length` bytes (rounded up to 8).  Returns where to write
 * it with its header filled in, or NULL where it is dropped (and counted).
 * Must be followed by pgt_ring_end.
 */
extern void *pgt_ring_begin(PgtRing *ring, uint16_t type, uint16_t flags,
							uint32_t length, int64_t time_ns);

/* Make the record visible.  `length` may be less than what was begun with. */
extern void pgt_ring_end(PgtRing *ring, uint32_t length);

/* Is a daemon attached to the segment now, by its heartbeat? */
extern bool pgt_ring_reader_attached(const PgtSegment *segment, int64_t now_ns);

/* CLOCK_MONOTONIC in ns. */
extern int64_t pgt_clock_ns(void);

#endif							/* PG_TRACE_RING_H */
