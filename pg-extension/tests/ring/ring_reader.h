/*-------------------------------------------------------------------------
 *
 * ring_reader.h
 *	  The reference reader: how a ring is to be read, for the tests.
 *
 * Trusts nothing that it reads: each position, length and text length is
 * checked before it is used.  It does not move PgtSlot.read_pos; that is for
 * the caller, once it has kept what it read (ring_reader_release).
 *
 *-------------------------------------------------------------------------
 */
#ifndef PG_TRACE_RING_READER_H
#define PG_TRACE_RING_READER_H

#include <stdio.h>

#include "ring_layout.h"

typedef enum RingRead
{
	RING_RECORD,				/* *rec is a whole, checked record */
	RING_EMPTY,					/* nothing more at the moment */
	RING_DAMAGED				/* reader->reason says why; do not read on */
} RingRead;

typedef struct RingReader
{
	PgtSlot    *slot;
	const uint8_t *data;
	uint64_t	size;			/* bytes */
	uint64_t	pos;			/* position of the next record */
	uint64_t	head;			/* last head seen */
	const char *reason;
} RingReader;

/* Begin at the slot's read_pos. */
extern void ring_reader_init(RingReader *reader, PgtSlot *slot,
							 const uint8_t *data, uint64_t size);

/* The next record, PAD records included.  It stays valid until released. */
extern RingRead ring_reader_next(RingReader *reader, const PgtRecord **rec);

/* Give all that was read back to the writer. */
extern void ring_reader_release(RingReader *reader);

/*
 * Write the slot's unread records as text, one line each, then an "end" or
 * "damaged" line; the format is described in README.md.
 */
extern void ring_decode(FILE *out, PgtSlot *slot, const uint8_t *data, uint64_t size);

#endif							/* PG_TRACE_RING_READER_H */
