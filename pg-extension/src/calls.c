/*-------------------------------------------------------------------------
 *
 * calls.c
 *	  Calls in progress: snapshots at their boundaries, and their end, good or
 *	  bad.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "aio.h"
#include "cpu_clock.h"
#include "parallel.h"
#include "pg_trace.h"

/* PgtBuffers is the head of the server's BufferUsage. */
StaticAssertDecl(offsetof(BufferUsage, shared_blks_hit) == offsetof(PgtBuffers, shared_hit) &&
				 offsetof(BufferUsage, shared_blks_read) == offsetof(PgtBuffers, shared_read) &&
				 offsetof(BufferUsage, shared_blks_dirtied) == offsetof(PgtBuffers, shared_dirtied) &&
				 offsetof(BufferUsage, shared_blks_written) == offsetof(PgtBuffers, shared_written) &&
				 offsetof(BufferUsage, local_blks_hit) == offsetof(PgtBuffers, local_hit) &&
				 offsetof(BufferUsage, local_blks_read) == offsetof(PgtBuffers, local_read) &&
				 offsetof(BufferUsage, local_blks_dirtied) == offsetof(PgtBuffers, local_dirtied) &&
				 offsetof(BufferUsage, local_blks_written) == offsetof(PgtBuffers, local_written) &&
				 offsetof(BufferUsage, temp_blks_read) == offsetof(PgtBuffers, temp_read) &&
				 offsetof(BufferUsage, temp_blks_written) == offsetof(PgtBuffers, temp_written),
				 "BufferUsage does not begin as PgtBuffers does");

PgtFrame   *pgt_frame = NULL;
int			pgt_depth = 0;
bool		pgt_own_work = false;

void
pgt_snapshot(PgtSnapshot *snapshot)
{
	snapshot->cpu_ns = pgt_cpu_ns(&snapshot->wall_ns);
	memcpy(&snapshot->buffers, &pgBufferUsage, sizeof(PgtBuffers));
	pgt_aio_take_in();
	snapshot->waited = pgt_waited;
}

void
pgt_usage_add(PgtUsage *usage, const PgtSnapshot *from, const PgtSnapshot *to)
{
	int64_t    *sum = (int64_t *) &usage->buffers;
	const int64_t *begin = (const int64_t *) &from->buffers;
	const int64_t *end = (const int64_t *) &to->buffers;

	if (!usage->begun)
		usage->waited.epoch = from->waited.epoch;
	usage->begun = true;
	usage->incomplete |= from->waited.epoch == 0 ||
		from->waited.epoch != usage->waited.epoch ||
		to->waited.epoch != usage->waited.epoch;
	usage->elapsed_ns += to->wall_ns - from->wall_ns;
	usage->cpu_ns += pgt_cpu_between(from, to);
	for (int i = 0; i < (int) (sizeof(PgtBuffers) / sizeof(int64_t)); i++)
		sum[i] += end[i] - begin[i];
	usage->waited.wait_ns += to->waited.wait_ns - from->waited.wait_ns;
	usage->waited.think_ns += to->waited.think_ns - from->waited.think_ns;
	usage->waited.disk_blocks += to->waited.disk_blocks - from->waited.disk_blocks;
	usage->waited.cache_blocks += to->waited.cache_blocks - from->waited.cache_blocks;
}

/*
 * A call begins or ends: tell who reads the slot, and who wants to know what the
 * process works for.  Calls that an error left behind have had no end.
 */
static void
tell_activity(const PgtFrame *frame, bool begins)
{
	PgtSlot    *slot = pgt_ring.slot;

	if (frame->depth == 0 && !pgt_is_worker)
	{
		uint32		step = ((slot->activity & 1) != 0) == begins ? 2 : 1;

		__atomic_store_n(&slot->activity, slot->activity + step, __ATOMIC_RELEASE);
	}
	if (pgt_daemon_wants(PGT_WANTS_RUNS) && frame->cursor != 0 && pgt_session_has_ring())
		pgt_event_runs(begins ? frame : frame->outer);
}

void
pgt_frame_push(PgtFrame *frame, uint8 kind, uint32 cursor, const PgtSnapshot *start)
{
	frame->outer = pgt_frame;
	frame->cursor = cursor;
	frame->kind = kind;
	frame->flags = 0;
	frame->depth = (uint16) pgt_depth;
	frame->plan_hash = 0;
	frame->exec = NULL;
	frame->text = NULL;
	frame->location = 0;
	frame->length = 0;
	frame->tag = NULL;
	frame->start = *start;
	frame->charged.open = false;
	frame->charged.statement = 0;
	frame->charged.start_ns = 0;
	memset(&frame->charged.sum, 0, sizeof(PgtRusage));
	pgt_own_work = false;
	pgt_frame = frame;
	pgt_depth++;
	tell_activity(frame, true);
}

void
pgt_frame_attach(PgtFrame *frame)
{
	pgt_frame = frame;
	tell_activity(frame, true);
	pgt_charge_begin(&frame->charged, frame->cursor, frame->depth, frame->start.wall_ns);
}

void
pgt_frame_pop(PgtFrame *frame)
{
	pgt_frame = frame->outer;
	pgt_depth = frame->depth;
	tell_activity(frame, false);
	if (unlikely(!pgt_wanted) && pgt_frame == NULL)
		pgt_session_calls_ended();
}

/* An execution's account takes in its EXEC and FETCH calls. */
static void
add_to_execution(const PgtFrame *frame, const PgtSnapshot *end)
{
	/* A worker's start is not in its leader's counters. */
	if (frame->exec != NULL)
		pgt_charge_pause(&frame->exec->charged);
	if (frame->exec != NULL && !(frame->exec->of_worker && frame->kind == PGT_CALL_EXEC) &&
		(frame->kind == PGT_CALL_EXEC || frame->kind == PGT_CALL_FETCH))
		pgt_usage_add(&frame->exec->usage, &frame->start, end);
}

/* The account of an execution that had this call alone. */
static void
write_own_summary(PgtFrame *frame, const PgtSnapshot *end)
{
	PgtUsage	usage = {0};

	pgt_usage_add(&usage, &frame->start, end);
	pgt_charge_write(&frame->charged, frame->cursor, frame->depth, usage.cpu_ns);
	pgt_event_summary(frame->cursor, frame->depth, &usage);
}

void
pgt_exec_write_summary(PgtExec *exec, int depth)
{
	if (!exec->summary_written)
	{
		pgt_charge_write(&exec->charged, exec->cursor, depth, exec->usage.cpu_ns);
		pgt_event_summary(exec->cursor, depth, &exec->usage);
	}
	exec->summary_written = true;
	if (exec->of_worker)
		pgt_worker_accounted();
}

void
pgt_frame_done(PgtFrame *frame, uint64 rows, const PgtSnapshot *end)
{
	if (likely(pgt_session_has_ring()))
	{
		pgt_event_call(frame, end, rows);
		add_to_execution(frame, end);
		if (frame->flags & (PGT_CALL_UTILITY | PGT_CALL_PARTIAL))
			write_own_summary(frame, end);
	}
	if (frame->depth == 0)
		pgt_boundary_set(end);
}

void
pgt_frame_failed(PgtFrame *frame)
{
	pgt_frame_failed_with(frame, pgt_error_current());
	if (frame->outer == NULL)
		pgt_error_written(true);
	pgt_frame_pop(frame);
}

void
pgt_frame_failed_with(PgtFrame *frame, const PgtErrorInfo *error)
{
	PgtSnapshot end;
	uint32		cursor = frame->cursor;

	pgt_snapshot(&end);
	if (pgt_session_has_ring())
	{
		if (frame->kind == PGT_CALL_PARSE)
		{
			cursor = pgt_cursor_parse_error(frame->text, frame->location, frame->length,
											frame->depth, frame->tag, error);
			pgt_event_error(cursor, frame->depth, PGT_ERROR_PARSE, error);
		}
		else
		{
			frame->flags |= PGT_CALL_FAILED;
			pgt_event_call(frame, &end, frame->exec ? frame->exec->rows : 0);
			add_to_execution(frame, &end);
			pgt_event_error(cursor, frame->depth, 0, error);
			if (frame->exec != NULL)
			{
				if (!frame->exec->plan_written)
					pgt_nodes_write(frame->exec, frame->depth, true);
				pgt_exec_write_summary(frame->exec, frame->depth);
			}
			else if (frame->kind == PGT_CALL_EXEC)
				write_own_summary(frame, &end);
		}
	}
	if (frame->depth == 0)
		pgt_boundary_set(&end);
}
