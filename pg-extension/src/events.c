/*-------------------------------------------------------------------------
 *
 * events.c
 *	  One encoder for each fixed kind of record.  Records with texts of their
 *	  own are written where the texts are known: cursors.c, binds.c,
 *	  node_account.c.
 *
 * On an event's path: no allocation, no lock, no catalog, no error.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "pg_trace.h"
#include "ticks.h"

void
pgt_event_session(bool more)
{
	PgtSession *rec = pgt_ring_begin(&pgt_ring, PGT_EV_SESSION, more ? PGT_RF_MORE : 0,
									 sizeof(PgtSession), pgt_now_ns());

	if (rec == NULL)
		return;
	rec->level = (uint32) pgt_level();
	rec->plan_stat = (uint32) pgt_plan_stat();
	rec->node_timing = (uint32) pgt_guc_node_timing;
	rec->max_bind_length = (uint32) pgt_guc_max_bind_length;
	pgt_ring_end(&pgt_ring, sizeof(PgtSession));
}

bool
pgt_event_attribute(uint32 key, const char *text, bool more)
{
	size_t		length = Min(strlen(text), (size_t) PGT_CHUNK_MAX);
	uint32		size = (uint32) (sizeof(PgtAttribute) + length);
	PgtAttribute *rec = pgt_ring_begin(&pgt_ring, PGT_EV_ATTRIBUTE,
									   more ? PGT_RF_MORE : 0, size, pgt_now_ns());

	if (rec == NULL)
		return false;
	rec->key = key;
	rec->text_length = (uint32) length;
	memcpy(rec + 1, text, length);
	pgt_ring_end(&pgt_ring, size);
	return true;
}

void
pgt_event_session_end(uint32 reason)
{
	PgtSessionEnd *rec = pgt_ring_begin(&pgt_ring, PGT_EV_SESSION_END, 0,
										sizeof(PgtSessionEnd), pgt_now_ns());

	if (rec == NULL)
		return;
	rec->reason = reason;
	rec->reserved = 0;
	pgt_ring_end(&pgt_ring, sizeof(PgtSessionEnd));
}

void
pgt_event_call(const PgtFrame *frame, const PgtSnapshot *end, uint64 rows)
{
	const int64_t *to = (const int64_t *) &end->buffers;
	const int64_t *from = (const int64_t *) &frame->start.buffers;
	int64_t    *used;
	PgtCall    *rec = pgt_ring_begin(&pgt_ring, PGT_EV_CALL, 0,
									 sizeof(PgtCall), end->wall_ns);

	if (rec == NULL)
		return;
	rec->cursor = frame->cursor;
	rec->kind = frame->kind;
	rec->reserved = 0;
	rec->depth = frame->depth;
	rec->flags = frame->flags;
	rec->reserved1 = 0;
	rec->plan_hash = frame->plan_hash;
	rec->start_ns = frame->start.wall_ns;
	rec->cpu_ns = pgt_cpu_between(&frame->start, end);
	rec->rows = rows;
	used = (int64_t *) &rec->buffers;
	for (int i = 0; i < (int) (sizeof(PgtBuffers) / sizeof(int64_t)); i++)
		used[i] = to[i] - from[i];
	pgt_ring_end(&pgt_ring, sizeof(PgtCall));
}

void
pgt_event_error(uint32 cursor, int depth, uint16 flags, const PgtErrorInfo *error)
{
	uint32		size = (uint32) sizeof(PgtError) + error->message_length;
	PgtError   *rec = pgt_ring_begin(&pgt_ring, PGT_EV_ERROR, 0, size, pgt_now_ns());

	if (rec == NULL)
		return;
	rec->cursor = cursor;
	rec->depth = (uint16) depth;
	rec->flags = flags | (error->fatal ? PGT_ERROR_FATAL : 0);
	memcpy(rec->sqlstate, error->sqlstate, sizeof(rec->sqlstate));
	rec->position = (uint32) error->position;
	rec->text_length = error->message_length;
	memcpy(rec + 1, error->message, error->message_length);
	pgt_ring_end(&pgt_ring, size);
}

void
pgt_event_summary(uint32 cursor, int depth, const PgtUsage *usage)
{
	PgtSummary *rec;

	if (usage->incomplete || !usage->begun)
		return;
	rec = pgt_ring_begin(&pgt_ring, PGT_EV_SUMMARY, 0, sizeof(PgtSummary), pgt_now_ns());
	if (rec == NULL)
		return;
	rec->cursor = cursor;
	rec->depth = (uint16) depth;
	rec->reserved = 0;
	rec->elapsed_ns = usage->elapsed_ns;
	rec->cpu_ns = usage->cpu_ns;
	rec->wait_ns = usage->waited.wait_ns;
	rec->think_ns = usage->waited.think_ns;
	rec->disk_blocks = usage->waited.disk_blocks;
	rec->cache_blocks = usage->waited.cache_blocks;
	rec->buffers = usage->buffers;
	pgt_ring_end(&pgt_ring, sizeof(PgtSummary));
}

void
pgt_event_charge(uint32 cursor, int depth, const PgtCharged *charged, const PgtRusage *usage)
{
	PgtCharge  *rec = pgt_ring_begin(&pgt_ring, PGT_EV_CHARGE, 0, sizeof(PgtCharge),
									 pgt_now_ns());

	if (rec == NULL)
		return;
	rec->cursor = cursor;
	rec->depth = (uint16) depth;
	rec->reserved = 0;
	rec->statement = charged->statement;
	rec->activity = pgt_ring.slot->activity;
	rec->start_ns = charged->start_ns;
	rec->usage = *usage;
	pgt_ring_end(&pgt_ring, sizeof(PgtCharge));
}

void
pgt_event_runs(const PgtFrame *frame)
{
	PgtRuns    *rec = pgt_ring_begin(&pgt_ring, PGT_EV_RUNS, 0, sizeof(PgtRuns), pgt_now_ns());

	if (rec == NULL)
		return;
	rec->cursor = frame != NULL ? frame->cursor : 0;
	rec->depth = frame != NULL ? frame->depth : 0;
	rec->kind = frame != NULL ? frame->kind : 0;
	pgt_ring_end(&pgt_ring, sizeof(PgtRuns));
}

void
pgt_event_xact_end(bool rollback, bool read_only, int depth)
{
	PgtXactEnd *rec = pgt_ring_begin(&pgt_ring, PGT_EV_XACT_END, 0,
									 sizeof(PgtXactEnd), pgt_now_ns());

	if (rec == NULL)
		return;
	rec->rollback = rollback;
	rec->read_only = read_only;
	rec->depth = (uint16) depth;
	rec->reserved = 0;
	pgt_ring_end(&pgt_ring, sizeof(PgtXactEnd));
}
