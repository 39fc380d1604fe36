/*-------------------------------------------------------------------------
 *
 * hits.c
 *	  Buffer hits, gathered into runs of one relation.
 *
 * The server asks its table for a block, and what it finds is a hit if and only
 * if its own counter grows.  So the block asked for last is kept until
 * something else happens: the next one is asked for, or a record is written.
 *
 * Before 18 that is all: the counter grows for the block asked for last, also
 * where it was waited for because another session read it.  Since then a block
 * that was not there is read later, and if another session has read it by then,
 * the server counts a hit without asking again.  Such blocks are remembered
 * until they are counted or read.  Which of them it was is known where as many
 * hits are counted as blocks are left, or where they are read one after the
 * other, as one plan node asks for them; otherwise the one that was asked for
 * first is named, and marked as a guess, as are those after it until none is left.
 *
 * Blocks of one relation, in one statement and plan node, are gathered into
 * spans, in order; the run is written before any other record, so that it never
 * reaches across one.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "executor/instrument.h"
#include "storage/buf_internals.h"
#include "storage/proc.h"
#include "utils/wait_event.h"

#include "compat.h"
#include "hits.h"
#include "node_account.h"
#include "parallel.h"
#include "pg_trace.h"
#include "ticks.h"
#include "waits.h"

#define SPANS		500			/* in one record */
#define MISSES		1024		/* blocks that are remembered */

/* Whose hits, and in which file: what all of a run have in common. */
typedef struct Place
{
	uint32		file[4];		/* tablespace, database, file, fork */
	uint32		cursor;
	uint16		depth;
	uint16		node;
} Place;

/* A tag has the same numbers, and then the block's. */
StaticAssertDecl(offsetof(BufferTag, blockNum) == sizeof(((Place *) 0)->file) &&
				 sizeof(BufferTag) == sizeof(((Place *) 0)->file) + sizeof(BlockNumber),
				 "a BufferTag is not made of five numbers");

typedef struct Wanted
{
	Place		place;
	uint32		block;
	bool		local;
	bool		own_work;		/* of pg_trace: in no line */
	uint64		ticks;			/* when it was asked for */
} Wanted;

static struct
{
	Place		place;
	uint32		local;
	uint32		count;			/* spans */
	uint64		next;			/* the block that makes the last span longer */
	uint64		ticks;			/* of the last hit */
	PgtSpan		spans[SPANS];
}			run;

#define NO_BLOCK	UINT64_MAX

/* The block asked for last. */
static struct
{
	bool		valid;
	bool		counts;			/* the hit that is counted next is this one */
	bool		inserted;		/* it was not in the table, and is now */
	int			reading;		/* buffer into which it was being read; or -1 */
	Wanted		what;
}			asked;

/* Blocks that were not there, in the order in which they were asked for. */
static Wanted misses[MISSES];
static int	miss_count = 0;

/* One of them may have been counted: another was taken for it. */
static bool doubtful = false;

static bool gathering = false;

/* What the server had counted when it was looked at last. */
static int64 seen = 0;

static inline int64
hits_counted(void)
{
	return pgBufferUsage.shared_blks_hit + pgBufferUsage.local_blks_hit;
}

/* ---- Runs ---- */

static void
write_run(void)
{
	uint32		count = run.count;
	uint32		size = (uint32) (sizeof(PgtHits) + count * sizeof(PgtSpan));
	bool		wait_when_full = pgt_ring.wait_when_full;
	int			save_errno;
	PgtHits    *rec;

	if (count == 0)
		return;
	save_errno = errno;
	run.count = 0;
	pgt_ring.wait_when_full = wait_when_full && pgt_wait_may_wait();
	rec = pgt_ring_begin(&pgt_ring, PGT_EV_HITS, 0, size, pgt_ns_of(run.ticks));
	pgt_ring.wait_when_full = wait_when_full;
	errno = save_errno;
	if (rec == NULL)
		return;
	rec->cursor = run.place.cursor;
	rec->depth = run.place.depth;
	rec->node = run.place.node;
	memcpy(rec->number, run.place.file, sizeof(rec->number));
	rec->local = run.local;
	rec->span_count = count;
	memcpy(rec + 1, run.spans, count * sizeof(PgtSpan));
	pgt_ring_end(&pgt_ring, size);
}

static inline bool
same_place(const Place *a, const Place *b)
{
	return ((a->file[0] ^ b->file[0]) | (a->file[1] ^ b->file[1]) | (a->file[2] ^ b->file[2]) |
			(a->file[3] ^ b->file[3]) | (a->cursor ^ b->cursor) | (a->depth ^ b->depth) |
			(a->node ^ b->node)) == 0;
}

static void before_another_record(void);

/* guess: 0 or PGT_SPAN_GUESS. */
static inline void
add_to_run(const Wanted *hit, uint32 guess)
{
	if (hit->own_work)
		return;
	if (run.count == 0 || run.count == SPANS || !same_place(&run.place, &hit->place))
	{
		/* Its turn now: nothing else comes before it. */
		pgt_ring.before = NULL;
		write_run();
		pgt_ring.before = before_another_record;
		run.place = hit->place;
		run.local = hit->local;
		run.next = NO_BLOCK;
	}
	run.ticks = hit->ticks;
	if (likely(hit->block == run.next && guess == 0))
		run.spans[run.count - 1].count++;
	else
		run.spans[run.count++] = (PgtSpan) {hit->block, 1 | guess};
	run.next = guess == 0 ? (uint64) hit->block + 1 : NO_BLOCK;
}

/* ---- Blocks that are counted later ---- */

static void
forget_miss(int index)
{
	miss_count--;
	memmove(&misses[index], &misses[index + 1], (miss_count - index) * sizeof(Wanted));
}

static inline bool
same_block(const Wanted *a, const Wanted *b)
{
	return a->block == b->block && memcmp(a->place.file, b->place.file, sizeof(a->place.file)) == 0;
}

static void
remember(const Wanted *miss)
{
	/* It may have been asked for in advance. */
	for (int i = miss_count - 1; i >= 0; i--)
		if (misses[i].block == miss->block && same_place(&misses[i].place, &miss->place))
			forget_miss(i);
	if (miss_count == 0)
		doubtful = false;
	if (miss_count == MISSES)
		forget_miss(0);
	misses[miss_count++] = *miss;
}

/*
 * The server has counted hits without asking again.  in_order: the first one was
 * that of the block asked for first.
 */
static void
counted_later(int64 hits, bool in_order)
{
	/* A leader counts what its workers have counted, too. */
	if (!PGT_STARTS_READS ||
		(hits > miss_count && MyProc->lockGroupLeader != NULL))
		return;
	for (; hits > 0; hits--)
	{
		int			first = -1;
		int			candidates = 0;
		Wanted		hit;

		for (int i = miss_count - 1; i >= 0; i--)
		{
			if (same_place(&misses[i].place, &misses[miss_count - 1].place))
			{
				first = i;
				candidates++;
			}
		}
		if (first >= 0)
		{
			doubtful = doubtful || (candidates > hits && !in_order);
			hit = misses[first];
			forget_miss(first);
			add_to_run(&hit, doubtful ? PGT_SPAN_GUESS : 0);
			continue;
		}
		memset(&hit, 0, sizeof(hit));
		pgt_wait_statement(&hit.place.cursor, &hit.place.depth, &hit.place.node);
		hit.place.file[3] = PGT_NO_FORK;
		hit.block = PGT_NO_BLOCK;
		hit.own_work = pgt_own_work;
		hit.ticks = pgt_ticks();
		add_to_run(&hit, PGT_SPAN_GUESS);
	}
}

/* ---- What the server does ---- */

/* What has been counted?  over: something else is asked for now. */
static inline void
settle(bool over)
{
	int64		now = hits_counted();
	int64		hits = now - seen;
	bool		in_order = true;

	seen = now;
	if (asked.valid && asked.counts)
	{
		if (likely(hits > 0))
		{
			hits--;
			add_to_run(&asked.what, 0);
			asked.valid = false;
		}
		else if (over)
			asked.valid = false;
	}
	else if (asked.valid && (over || hits > 0))
	{
		asked.valid = false;
		remember(&asked.what);
		/* It may have become valid at the very moment when it was found. */
		in_order = asked.reading < 0 || !pgt_compat_buffer_is_valid(asked.reading);
	}
	if (unlikely(hits > 0))
		counted_later(hits, in_order && pgt_compat_reads_in_order());
}

static void
before_another_record(void)
{
	settle(false);
	/* It has been read, or workers' hits may be added to the counter. */
	if (!PGT_STARTS_READS && pgt_wait_other_counts())
		asked.valid = false;
	write_run();
	pgt_ring.before = before_another_record;
}

static inline void
take_tag(const void *tag, Wanted *what)
{
	memcpy(what->place.file, tag, sizeof(what->place.file));
	memcpy(&what->block, (const char *) tag + sizeof(what->place.file), sizeof(what->block));
}

/* As pgt_wait_statement, quickly where statement and node are known. */
static inline void
take_statement(Place *place)
{
	const PgtFrame *frame = pgt_frame;
	const PgtNodeAccount *node = pgt_current_node;

	if (likely(frame != NULL && frame->cursor != 0 && !pgt_own_work && !pgt_is_worker &&
			   (node != NULL || frame->exec == NULL || frame->exec->nodes == NULL)))
	{
		place->cursor = frame->cursor;
		place->depth = frame->depth;
		place->node = node != NULL ? node->shown_id : 0;
	}
	else
		pgt_wait_statement(&place->cursor, &place->depth, &place->node);
}

static inline void
ask(const void *tag, bool local, bool counts)
{
	Wanted	   *what = &asked.what;

	take_tag(tag, what);
	take_statement(&what->place);
	what->local = local;
	what->own_work = pgt_own_work;
	what->ticks = pgt_ticks();
	asked.counts = counts;
	asked.inserted = false;
	asked.reading = -1;
	asked.valid = true;
	pgt_ring.before = before_another_record;
}

void
pgt_hit_asked(const void *tag)
{
	settle(true);
	ask(tag, false, !PGT_STARTS_READS);
}

void
pgt_hit_found_local(const void *tag)
{
	settle(true);
	ask(tag, true, true);
}

static inline bool
is_asked(const void *tag)
{
	Wanted		what;

	take_tag(tag, &what);
	return asked.valid && same_block(&asked.what, &what);
}

/* The server goes on with this block, after it has emptied buffers for it. */
static void
go_on_with(const void *tag)
{
	Wanted		found;

	take_tag(tag, &found);
	asked.valid = false;
	for (int i = miss_count - 1; i >= 0; i--)
	{
		if (same_block(&misses[i], &found))
		{
			asked.what = misses[i];
			asked.counts = false;
			asked.inserted = false;
			asked.reading = -1;
			asked.valid = true;
			miss_count = i;
			return;
		}
	}
	ask(tag, false, !PGT_STARTS_READS);
}

void
pgt_hit_found(const void *tag, int buffer)
{
	if (unlikely(!is_asked(tag)))
	{
		/* Before 16 the block that was in the buffer is removed afterwards. */
		if (asked.inserted)
			return;
		go_on_with(tag);
	}
	if (!PGT_STARTS_READS)
		return;
	asked.counts = pgt_compat_buffer_is_valid(buffer);
	asked.reading = asked.counts ? -1 : buffer;
}

void
pgt_hit_inserted(const void *tag)
{
	if (!is_asked(tag))
		go_on_with(tag);
	asked.inserted = true;
}

void
pgt_hits_not(const uint32 file[4], uint32 block, uint32 count)
{
	for (int i = miss_count - 1; i >= -1; i--)
	{
		const Wanted *miss = i >= 0 ? &misses[i] : &asked.what;

		if (miss->block - block >= count ||
			memcmp(miss->place.file, file, sizeof(miss->place.file)) != 0)
			continue;
		if (i >= 0)
			forget_miss(i);
		else if (!asked.counts)
			asked.valid = false;
	}
	settle(false);
}

void
pgt_hits_begin(void)
{
	gathering = true;
	seen = hits_counted();
	asked.valid = false;
	miss_count = 0;
}

void
pgt_hits_flush(void)
{
	if (!gathering)
		return;
	gathering = false;
	settle(true);
	asked.valid = false;
	miss_count = 0;
	pgt_ring.before = NULL;
	write_run();
}
