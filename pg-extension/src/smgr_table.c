/*-------------------------------------------------------------------------
 *
 * smgr_table.c
 *	  Blocks that the session has begun to read, or has added to a relation.
 *
 * Since 18 another process may read what a session has asked for: only the
 * beginning of the read is the session's.  The server begins it through its
 * table of the storage manager's functions, which is private, but holds the
 * addresses of functions that are not, side by side.  Where exactly one place
 * of the main program's data does, two of them are exchanged, once, in the
 * postmaster; where none does, more hits are guesses (hits.c).
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "storage/md.h"
#include "storage/smgr.h"

#include "buffer_table.h"
#include "compat.h"
#include "hits.h"
#include "import_slots.h"
#include "pg_trace.h"
#include "smgr_table.h"

#if PGT_STARTS_READS

static void
not_hits(SMgrRelation relation, ForkNumber fork, BlockNumber block, uint32 count)
{
	int			save_errno = errno;
	uint32		file[4];

	pgt_compat_smgr_file(relation, file);
	file[3] = (uint32) fork;
	pgt_hits_not(file, block, count);
	errno = save_errno;
}

static void
start_read(PgAioHandle *handle, SMgrRelation relation, ForkNumber fork, BlockNumber block,
		   void **buffers, BlockNumber count)
{
	if (unlikely(pgt_buffer_table_is_watched()))
		not_hits(relation, fork, block, count);
	mdstartreadv(handle, relation, fork, block, buffers, count);
}

static void
extend(SMgrRelation relation, ForkNumber fork, BlockNumber block, int count, bool skip_fsync)
{
	if (unlikely(pgt_buffer_table_is_watched()))
		not_hits(relation, fork, block, (uint32) count);
	mdzeroextend(relation, fork, block, count, skip_fsync);
}

/* Neighbours in the table. */
enum
{
	ZERO_EXTEND, PREFETCH, MAX_COMBINE, READ, START_READ, WRITE, FUNCTIONS
};

typedef struct Search
{
	void	   *functions[FUNCTIONS];
	void	  **found;
	int			candidates;
} Search;

/* All words of the main program's data. */
static void
search_words(void **at, void **end, void *arg)
{
	Search	   *search = arg;

	for (; at + FUNCTIONS <= end; at++)
	{
		if (memcmp(at, search->functions, sizeof(search->functions)) != 0)
			continue;
		search->found = at;
		search->candidates++;
	}
}

void
pgt_smgr_table_install(void)
{
	Search		search = {.functions = {mdzeroextend, mdprefetch, mdmaxcombine, mdreadv,
	mdstartreadv, mdwritev}};

	pgt_program_data(search_words, &search);
	if (search.candidates == 1 && pgt_slot_store(&search.found[START_READ], start_read))
		pgt_slot_store(&search.found[ZERO_EXTEND], extend);
}

#else

void
pgt_smgr_table_install(void)
{
}

#endif
