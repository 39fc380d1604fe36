/*-------------------------------------------------------------------------
 *
 * hooks_exec.c
 *	  EXEC, FETCH and CLOSE calls of plans: the executor's four hooks.
 *
 * A plan that returns rows: EXEC is ExecutorStart, each ExecutorRun is a
 * FETCH, CLOSE is ExecutorFinish (of a query) and ExecutorEnd.  Any other
 * plan: EXEC lasts from ExecutorStart to the end of ExecutorFinish, where the
 * AFTER triggers run.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "executor/executor.h"
#include "tcop/utility.h"
#include "utils/memutils.h"

#include "parallel.h"
#include "pg_trace.h"
#include "running.h"
#include "waits.h"

static ExecutorStart_hook_type prev_ExecutorStart = NULL;
static ExecutorRun_hook_type prev_ExecutorRun = NULL;
static ExecutorFinish_hook_type prev_ExecutorFinish = NULL;
static ExecutorEnd_hook_type prev_ExecutorEnd = NULL;

/* Executions that have been started and not ended, the last used first. */
static PgtExec *executions = NULL;

static void
forget_execution(void *arg)
{
	pgt_plan_text_release(((PgtExec *) arg)->plan);
	pgt_charge_forget(&((PgtExec *) arg)->charged);
	for (PgtExec **link = &executions; *link != NULL; link = &(*link)->next)
	{
		if (*link == arg)
		{
			*link = (*link)->next;
			return;
		}
	}
}

/* Find the query's execution and move it to the front. */
static PgtExec *
find_execution(QueryDesc *desc)
{
	for (PgtExec **link = &executions; *link != NULL; link = &(*link)->next)
	{
		PgtExec    *exec = *link;

		if (exec->desc == desc)
		{
			*link = exec->next;
			exec->next = executions;
			executions = exec;
			return exec;
		}
	}
	return NULL;
}

bool
pgt_returns_rows(const QueryDesc *desc)
{
	return desc->operation == CMD_SELECT || desc->plannedstmt->hasReturning;
}

static uint32
cursor_of(const QueryDesc *desc, int64 time_ns)
{
	const PlannedStmt *stmt = desc->plannedstmt;

	return pgt_cursor(desc->sourceText, stmt->stmt_location, stmt->stmt_len, pgt_depth,
					  GetCommandTagName(CreateCommandTag((Node *) stmt)), time_ns);
}

/*
 * Remember the execution for as long as its memory lives: an error frees it
 * without ExecutorEnd.
 */
static PgtExec *
remember_execution(QueryDesc *desc, uint32 cursor, PgtPlanText *plan)
{
	MemoryContext context = desc->estate->es_query_cxt;
	PgtExec    *exec = MemoryContextAllocZero(context, sizeof(PgtExec));

	exec->desc = desc;
	exec->cursor = cursor;
	exec->plan = plan;
	exec->returns_rows = pgt_returns_rows(desc);
	exec->forget.func = forget_execution;
	exec->forget.arg = exec;
	MemoryContextRegisterResetCallback(context, &exec->forget);
	exec->next = executions;
	executions = exec;
	return exec;
}

static void
call_start(QueryDesc *queryDesc, int eflags)
{
	if (prev_ExecutorStart)
		prev_ExecutorStart(queryDesc, eflags);
	else
		standard_ExecutorStart(queryDesc, eflags);
}

/* Is this execution's plan to be written? */
static bool
wants_plan(uint32 cursor)
{
	switch (pgt_plan_stat())
	{
		case PGT_PLAN_STAT_ALL:
			return true;
		case PGT_PLAN_STAT_FIRST:
			return pgt_cursor_first_execution(cursor);
		default:
			return false;
	}
}

/* What workers of the execution are told, in its memory. */
static char *
px_of(const PgtExec *exec, int depth)
{
	MemoryContext caller = MemoryContextSwitchTo(exec->desc->estate->es_query_cxt);
	char	   *text = pgt_px_text(exec->cursor, depth, exec->nodes);

	MemoryContextSwitchTo(caller);
	return text;
}

static void
pgt_ExecutorStart(QueryDesc *queryDesc, int eflags)
{
	PgtFrame	frame;
	PgtSnapshot now;
	PgtExec    *exec;
	PgtPlanText *plan;
	uint32		cursor;
	bool		plan_cached;
	bool		with_nodes;
	bool		of_worker = pgt_worker_starts();
	uint32		untraced_workers;
	int			depth = pgt_depth;

	if (!pgt_tracing() || (eflags & EXEC_FLAG_EXPLAIN_ONLY))
	{
		pgt_depth = depth + 1;
		call_start(queryDesc, eflags);
		pgt_depth = depth;
		return;
	}

	if (depth == 0)
		pgt_message_watch();
	pgt_snapshot(&now);
	plan = pgt_plan_text(queryDesc->plannedstmt);
	if (of_worker)
	{
		pgt_worker_prepares(true);
		cursor = pgt_worker_frame.cursor;
		/* Not before the server has found that nobody has asked for its own. */
		with_nodes = false;
		plan_cached = false;
	}
	else
	{
		cursor = cursor_of(queryDesc, now.wall_ns);
		with_nodes = wants_plan(cursor);
		pgt_parse_plan_used(queryDesc->plannedstmt, cursor, plan->hash, &plan_cached, &now);
		if ((pgt_level() & PGT_LEVEL_BINDS) && queryDesc->params != NULL)
			pgt_binds_write(cursor, depth, queryDesc->params);
		if (queryDesc->plannedstmt->parallelModeNeeded)
			pgt_px_reserve();
	}
	untraced_workers = pgt_ring.slot->untraced_workers;

	/* What pg_trace has done for itself is not the statement's. */
	pgt_snapshot(&now);
	pgt_frame_push(&frame, PGT_CALL_EXEC, cursor, &now);
	frame.plan_hash = plan->hash;
	pgt_charge_begin(&frame.charged, cursor, depth, now.wall_ns);
	PG_TRY();
	{
		call_start(queryDesc, eflags);
	}
	PG_CATCH();
	{
		pgt_plan_text_release(plan);
		pgt_frame_failed(&frame);
		PG_RE_THROW();
	}
	PG_END_TRY();

	exec = remember_execution(queryDesc, cursor, plan);
	exec->plan_cached = plan_cached;
	exec->start = now;
	exec->charged = frame.charged;
	exec->of_worker = of_worker;
	exec->untraced_workers = untraced_workers;
	if (pgt_waits_on || pgt_daemon_wants(PGT_WANTS_RUNS))
		pgt_objects_tell(queryDesc);
	if (with_nodes)
		exec->nodes = pgt_nodes_attach(queryDesc, plan);
	if (queryDesc->plannedstmt->parallelModeNeeded)
		exec->px = px_of(exec, depth);
	if (exec->returns_rows)
	{
		exec->exec_written = true;
		frame.exec = exec;
		pgt_snapshot(&now);
		pgt_frame_done(&frame, 0, &now);
	}
	pgt_frame_pop(&frame);
}

/*
 * Begin a call of an execution.  A cursor that was opened before tracing began
 * is made known here.
 */
static PgtExec *
begin_call(PgtFrame *frame, QueryDesc *desc, uint8 kind)
{
	PgtExec    *exec = find_execution(desc);
	PgtSnapshot now;

	if (pgt_depth == 0)
		pgt_message_watch();
	pgt_snapshot(&now);
	if (exec == NULL)
	{
		exec = remember_execution(desc, cursor_of(desc, now.wall_ns), pgt_plan_text(desc->plannedstmt));
		exec->exec_written = exec->returns_rows;
		exec->start = now;
		exec->untraced_workers = pgt_ring.slot->untraced_workers;
		if (desc->plannedstmt->parallelModeNeeded)
		{
			pgt_px_reserve();
			exec->px = px_of(exec, pgt_depth);
		}
	}
	if (!exec->exec_written)
		now = exec->start;
	pgt_frame_push(frame, kind, exec->cursor, &now);
	frame->plan_hash = exec->plan->hash;
	frame->exec = exec;
	pgt_charge_begin(&exec->charged, exec->cursor, frame->depth, now.wall_ns);
	return exec;
}

static void
call_run(PGT_EXECUTOR_RUN_ARGS)
{
	if (prev_ExecutorRun)
		prev_ExecutorRun(PGT_EXECUTOR_RUN_PASS);
	else
		standard_ExecutorRun(PGT_EXECUTOR_RUN_PASS);
}

/*
 * Is this an execution whose nodes we account for, although tracing has been
 * switched off since it began?  Its nodes still need their scope.
 */
static bool
has_nodes(QueryDesc *desc)
{
	PgtExec    *exec = likely(executions == NULL) ? NULL : find_execution(desc);

	return exec != NULL && exec->nodes != NULL;
}

/*
 * An untraced statement has run.  If it was switched on meanwhile, what follows
 * of it is a part of the same execution.
 */
static void
end_running(QueryDesc *desc)
{
	PgtExec    *exec;

	if (unlikely(pgt_running_is_attached()))
	{
		exec = remember_execution(desc, pgt_frame->cursor, pgt_plan_text(desc->plannedstmt));
		exec->exec_written = exec->plan_written = exec->summary_written = true;
		exec->rows = desc->estate->es_processed;
	}
	pgt_running_ended(desc->estate->es_processed);
}

static void
pgt_ExecutorRun(PGT_EXECUTOR_RUN_ARGS)
{
	PgtFrame	frame;
	PgtExec    *exec;
	PgtNodeScope scope;
	PgtSnapshot end;
	volatile int nest_level = 0;
	int			depth = pgt_depth;

	if (!pgt_tracing() && !has_nodes(queryDesc))
	{
		if (depth == 0)
			pgt_running = (PgtRunning) {queryDesc->plannedstmt, queryDesc, queryDesc->sourceText};
		pgt_depth = depth + 1;
		call_run(PGT_EXECUTOR_RUN_PASS);
		pgt_depth = depth;
		if (depth == 0)
			end_running(queryDesc);
		return;
	}

	exec = begin_call(&frame, queryDesc,
					  pgt_returns_rows(queryDesc) ? PGT_CALL_FETCH : PGT_CALL_EXEC);
	if (exec->of_worker)
	{
		if (exec->nodes == NULL && pgt_worker_wants_nodes())
		{
			exec->nodes = pgt_nodes_attach(queryDesc, exec->plan);
			pgt_worker_number_nodes(exec->nodes);
		}
		pgt_worker_prepares(false);
	}
	pgt_nodes_enter(&scope);
	PG_TRY();
	{
		if (exec->px != NULL)
			nest_level = pgt_px_tell(exec->px);
		call_run(PGT_EXECUTOR_RUN_PASS);
	}
	PG_CATCH();
	{
		pgt_nodes_abandon(&scope);
		exec->rows = queryDesc->estate->es_processed;
		pgt_frame_failed(&frame);
		PG_RE_THROW();
	}
	PG_END_TRY();
	pgt_nodes_leave(&scope);
	if (exec->px != NULL)
		pgt_px_told(nest_level);

	exec->rows = queryDesc->estate->es_processed;
	if (exec->returns_rows)
	{
		pgt_snapshot(&end);
		pgt_frame_done(&frame, exec->rows, &end);
	}
	pgt_frame_pop(&frame);
}

static void
call_finish(QueryDesc *queryDesc)
{
	if (prev_ExecutorFinish)
		prev_ExecutorFinish(queryDesc);
	else
		standard_ExecutorFinish(queryDesc);
}

/* Did anything happen in an ExecutorFinish that a call has to account for? */
static bool
did_work(const PgtSnapshot *from, const PgtSnapshot *to, uint64 events_before)
{
	return memcmp(&from->buffers, &to->buffers, sizeof(PgtBuffers)) != 0 ||
		pgt_ring.slot->events != events_before;
}

static void
pgt_ExecutorFinish(QueryDesc *queryDesc)
{
	PgtFrame	frame;
	PgtExec    *exec;
	PgtNodeScope scope;
	PgtSnapshot end;
	uint64		events;
	int			depth = pgt_depth;

	/* Nothing is left to do for a query that changes nothing. */
	if ((!pgt_tracing() && !has_nodes(queryDesc)) ||
		(queryDesc->operation == CMD_SELECT && !queryDesc->plannedstmt->hasModifyingCTE))
	{
		pgt_depth = depth + 1;
		call_finish(queryDesc);
		pgt_depth = depth;
		return;
	}

	exec = begin_call(&frame, queryDesc,
					  pgt_returns_rows(queryDesc) ? PGT_CALL_FETCH : PGT_CALL_EXEC);
	events = pgt_ring.slot->events;
	pgt_nodes_enter(&scope);
	PG_TRY();
	{
		call_finish(queryDesc);
	}
	PG_CATCH();
	{
		pgt_nodes_abandon(&scope);
		pgt_frame_failed(&frame);
		PG_RE_THROW();
	}
	PG_END_TRY();
	pgt_nodes_leave(&scope);

	if (!exec->exec_written)
	{
		exec->exec_written = true;
		pgt_snapshot(&end);
		pgt_frame_done(&frame, exec->rows, &end);
	}
	else
	{
		/* Triggers of a statement that returned its rows: a FETCH of none. */
		pgt_snapshot(&end);
		if (did_work(&frame.start, &end, events))
			pgt_frame_done(&frame, 0, &end);
	}
	pgt_frame_pop(&frame);
}

static void
call_end(QueryDesc *queryDesc)
{
	if (prev_ExecutorEnd)
		prev_ExecutorEnd(queryDesc);
	else
		standard_ExecutorEnd(queryDesc);
}

static void
pgt_ExecutorEnd(QueryDesc *queryDesc)
{
	PgtFrame	frame;
	PgtExec    *exec;
	PgtSnapshot now;
	uint32		plan_hash;
	bool		plan_cached;
	uint32		cursor;
	int			depth = pgt_depth;

	/* Forgets itself when the query's memory is freed. */
	exec = executions == NULL ? NULL : find_execution(queryDesc);
	if (!pgt_tracing() || exec == NULL)
	{
		pgt_depth = depth + 1;
		call_end(queryDesc);
		pgt_depth = depth;
		return;
	}

	if (exec->of_worker)
		pgt_worker_prepares(true);
	else if (depth == 0)
		pgt_message_watch();
	pgt_snapshot(&now);
	if (!exec->exec_written)
	{
		pgt_frame_push(&frame, PGT_CALL_EXEC, exec->cursor, &exec->start);
		frame.plan_hash = exec->plan->hash;
		frame.exec = exec;
		pgt_frame_done(&frame, exec->rows, &now);
		pgt_frame_pop(&frame);
	}
	if (!exec->plan_written)
		pgt_nodes_write(exec, depth, false);
	pgt_exec_write_summary(exec, depth);
	cursor = exec->cursor;
	plan_hash = exec->plan->hash;
	plan_cached = exec->plan_cached;

	pgt_frame_push(&frame, PGT_CALL_CLOSE, cursor, &now);
	frame.plan_hash = plan_hash;
	if (plan_cached)
		frame.flags |= PGT_CALL_PLAN_CACHED;
	PG_TRY();
	{
		call_end(queryDesc);
	}
	PG_CATCH();
	{
		pgt_frame_failed(&frame);
		PG_RE_THROW();
	}
	PG_END_TRY();
	pgt_snapshot(&now);
	pgt_frame_done(&frame, 0, &now);
	pgt_frame_pop(&frame);
}

void
pgt_exec_install(void)
{
	prev_ExecutorStart = ExecutorStart_hook;
	ExecutorStart_hook = pgt_ExecutorStart;
	prev_ExecutorRun = ExecutorRun_hook;
	ExecutorRun_hook = pgt_ExecutorRun;
	prev_ExecutorFinish = ExecutorFinish_hook;
	ExecutorFinish_hook = pgt_ExecutorFinish;
	prev_ExecutorEnd = ExecutorEnd_hook;
	ExecutorEnd_hook = pgt_ExecutorEnd;
}
