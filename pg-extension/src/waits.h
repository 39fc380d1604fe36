/*-------------------------------------------------------------------------
 *
 * waits.h
 *	  Between who sees that the process waits (a provider: wait_calls.c) and who
 *	  writes it down (wait_record.c).
 *
 *-------------------------------------------------------------------------
 */
#ifndef PG_TRACE_WAITS_H
#define PG_TRACE_WAITS_H

#include "pg_trace.h"

struct iovec;

/* A call into the system, from its beginning. */
typedef struct PgtWaiting
{
	int64		start_ns;
	int64		cpu_ns;			/* of this process then */
	uint32		event;			/* wait_event_info then */
	uint8		call;			/* PGT_CALLED_* */
	uint8		kind;			/* PGT_WAIT_*, of what is filled below */
	uint8		lock_mode;
	uint32		lock_type;
	uint32		holder;
	uint32		number[4];
	int64		device_reads;	/* what the kernel has counted of this thread */
} PgtWaiting;

/* When a call of the library ended, what it moved, and where. */
typedef struct PgtMoved
{
	int64		now;
	int64		cpu_ns;			/* used by the call */
	uint32		block;
	uint32		count;
	int64		offset;
	int64		bytes;
	uint8		tier;			/* PGT_TIER_* */
} PgtMoved;

/*
 * Are waits recorded now?  The one branch that each call pays when they are
 * not.
 */
extern bool pgt_waits_on;

extern void pgt_wait_begin(PgtWaiting *waiting, uint8 call);

/* Each accounts for the wait and writes a record; errno stays what it was. */
extern void pgt_wait_end(const PgtWaiting *waiting, int64 bytes);
extern void pgt_wait_end_file(PgtWaiting *waiting, int fd, const void *buffer,
							  int64 offset, int64 bytes);

/* The call has ended: when, with how much CPU time, and from where its bytes came. */
extern void pgt_wait_measure(const PgtWaiting *waiting, PgtMoved *moved);

/* Fill in all but whose wait it is. */
extern void pgt_wait_fill(PgtWait *rec, const PgtWaiting *waiting, const PgtMoved *moved);

/* Waits for this event will be written by other processes: tell its name. */
extern void pgt_wait_announce(uint32 event);

/* Whose wait it would be now: its cursor (or PGT_CURSOR_NEXT_PARSE), depth, node. */
extern void pgt_wait_statement(uint32 *cursor, uint16 *depth, uint16 *node);

/* Files that are no relations' get numbers above this one. */
extern void pgt_files_begin_at(uint32 number);

/* Is it a read, or a wait for workers whose hits the server adds to its own? */
extern bool pgt_wait_other_counts(void);

/* May the daemon be waited for, or does this process hold what others need? */
extern bool pgt_wait_may_wait(void);

/*
 * The server begins to wait for its client: waits whose statement was not known
 * belong to none.
 */
extern void pgt_wait_idle(void);

/* The wait for the client that has begun and brought nothing yet ends now. */
extern void pgt_wait_client_ended(void);

#endif							/* PG_TRACE_WAITS_H */
