/*-------------------------------------------------------------------------
 *
 * calls.c
 *	  Calls in progress: snapshots at their boundaries, and their end, good or
 *	  bad.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "cpu_clock.h"
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

void
pgt_snapshot(PgtSnapshot *snapshot)
{
	snapshot->cpu_ns = pgt_cpu_ns(&snapshot->wall_ns);
	memcpy(&snapshot->buffers, &pgBufferUsage, sizeof(PgtBuffers));
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
	pgt_frame = frame;
	pgt_depth++;
}

void
pgt_frame_pop(PgtFrame *frame)
{
	pgt_frame = frame->outer;
	pgt_depth = frame->depth;
	if (unlikely(!pgt_wanted) && pgt_frame == NULL)
		pgt_session_calls_ended();
}

void
pgt_frame_done(PgtFrame *frame, uint64 rows, const PgtSnapshot *end)
{
	if (likely(pgt_session_has_ring()))
		pgt_event_call(frame, end, rows);
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
			pgt_event_error(cursor, frame->depth, 0, error);
			if (frame->exec != NULL && !frame->exec->plan_written)
				pgt_nodes_write(frame->exec, frame->depth, true);
		}
	}
	if (frame->depth == 0)
		pgt_boundary_set(&end);
}
