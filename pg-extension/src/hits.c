/*-------------------------------------------------------------------------
 *
 * hits.c
 *	  Buffer hits, gathered into runs of one relation.
 *
 * The table's compare function finds a block also where the server evicts or
 * inserts one.  It was a hit if and only if the server's own counter has grown
 * when the next block is found, or when something else happens: so one block is
 * kept pending.  A hit that is waited for (another session reads the block) is
 * counted after the wait.
 *
 * Blocks of one relation, in one statement and plan node, are gathered into
 * spans, in order; the run is written before any other record, so that it never
 * reaches across one.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "executor/instrument.h"
#include "utils/wait_event.h"

#include "compat.h"
#include "hits.h"
#include "pg_trace.h"
#include "ticks.h"
#include "waits.h"

#define SPANS	500				/* in one record */

/* Whose hits: what all of a run have in common. */
typedef struct Place
{
	uint32		file[4];		/* tablespace, database, file, fork */
	uint32		cursor;
	uint16		depth;
	uint16		node;
	uint32		local;
} Place;

static struct
{
	Place		place;
	uint32		count;			/* spans */
	int64		time_ns;		/* of the last hit */
	PgtSpan		spans[SPANS];
}			run;

/* The block found last. */
static struct
{
	bool		valid;
	uint32		block;
	int64		counted;		/* hits of its kind before it */
	int64		time_ns;
	Place		place;
}			pending;

static inline int64
hits_counted(bool local)
{
	return local ? pgBufferUsage.local_blks_hit : pgBufferUsage.shared_blks_hit;
}

static void
write_run(void)
{
	uint32		count = run.count;
	uint32		size = (uint32) (sizeof(PgtHits) + count * sizeof(PgtSpan));
	bool		wait_when_full = pgt_ring.wait_when_full;
	PgtHits    *rec;

	if (count == 0)
		return;
	run.count = 0;
	pgt_ring.wait_when_full = wait_when_full && pgt_wait_may_wait();
	rec = pgt_ring_begin(&pgt_ring, PGT_EV_HITS, 0, size, run.time_ns);
	pgt_ring.wait_when_full = wait_when_full;
	if (rec == NULL)
		return;
	rec->cursor = run.place.cursor;
	rec->depth = run.place.depth;
	rec->node = run.place.node;
	memcpy(rec->number, run.place.file, sizeof(rec->number));
	rec->local = run.place.local;
	rec->span_count = count;
	memcpy(rec + 1, run.spans, count * sizeof(PgtSpan));
	pgt_ring_end(&pgt_ring, size);
}

static void before_another_record(void);

static inline void
add_to_run(void)
{
	PgtSpan    *last = &run.spans[run.count - 1];

	if (run.count > 0 && memcmp(&run.place, &pending.place, sizeof(Place)) == 0)
	{
		run.time_ns = pending.time_ns;
		if (pending.block == last->first + last->count)
		{
			last->count++;
			return;
		}
		if (run.count < SPANS)
		{
			run.spans[run.count++] = (PgtSpan) {pending.block, 1};
			return;
		}
	}
	write_run();
	run.place = pending.place;
	run.time_ns = pending.time_ns;
	run.spans[0] = (PgtSpan) {pending.block, 1};
	run.count = 1;
	/* The run before it has been written, which was that record's turn. */
	pgt_ring.before = before_another_record;
}

/* Was the pending one a hit? */
static inline bool
confirm(void)
{
	if (!pending.valid || hits_counted(pending.place.local) == pending.counted)
		return false;
	pending.valid = false;
	add_to_run();
	return true;
}

static void
before_another_record(void)
{
	bool		waits_for_io = *(volatile uint32 *) my_wait_event_info == WAIT_EVENT_BUFFER_IO;

	if (!confirm() && pending.valid && !waits_for_io)
		pending.valid = false;
	write_run();
	pgt_ring.before = pending.valid ? before_another_record : NULL;
}

void
pgt_hits_flush(void)
{
	confirm();
	pending.valid = false;
	pgt_ring.before = NULL;
	write_run();
}

void
pgt_hit_maybe(const void *tag, bool local)
{
	int			save_errno = errno;

	confirm();
	pending.valid = !pgt_own_work;
	if (!pending.valid)
		return;
	pgt_compat_tag(tag, pending.place.file, &pending.block);
	pgt_wait_statement(&pending.place.cursor, &pending.place.depth, &pending.place.node);
	pending.place.local = local;
	pending.counted = hits_counted(local);
	pending.time_ns = pgt_now_ns();
	pgt_ring.before = before_another_record;
	errno = save_errno;
}
