/*-------------------------------------------------------------------------
 *
 * hooks_utility.c
 *	  EXEC calls of utility commands.
 *
 * The command that ends a transaction only asks for it; the server commits or
 * aborts after the utility hook has returned.  Its EXEC is held open until
 * then (hooks_xact.c), so that what the commit does (deferred triggers, open
 * cursors, the flush of the log) is inside of it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "tcop/utility.h"

#include "parallel.h"
#include "pg_trace.h"
#include "running.h"

static ProcessUtility_hook_type prev_ProcessUtility = NULL;

static PgtFrame held;
static bool is_held = false;

bool
pgt_utility_is_held(void)
{
	return is_held;
}

void
pgt_utility_held_done(const PgtErrorInfo *error)
{
	PgtSnapshot end;

	if (!is_held)
		return;
	is_held = false;
	if (error != NULL)
		pgt_frame_failed_with(&held, error);
	else
	{
		pgt_snapshot(&end);
		pgt_frame_done(&held, 0, &end);
	}
	/* Calls that an error left behind are inside of it. */
	pgt_frame_pop(&held);
}

/* Will the transaction end, with a callback, when the command has returned? */
static bool
ends_transaction(const PlannedStmt *pstmt, ProcessUtilityContext context)
{
	if (pgt_depth > 0 || context != PROCESS_UTILITY_TOPLEVEL ||
		!IsA(pstmt->utilityStmt, TransactionStmt) || IsAbortedTransactionBlockState())
		return false;
	switch (((TransactionStmt *) pstmt->utilityStmt)->kind)
	{
		case TRANS_STMT_COMMIT:
		case TRANS_STMT_ROLLBACK:
		case TRANS_STMT_PREPARE:
			return true;
		default:
			return false;
	}
}

/* Commands that the server may have parallel workers for, but for queries in them. */
static bool
may_use_workers(PlannedStmt *pstmt)
{
	switch (nodeTag(pstmt->utilityStmt))
	{
		case T_IndexStmt:
		case T_ReindexStmt:
		case T_VacuumStmt:
		case T_AlterTableStmt:
			return true;
		default:
			return pgt_compat_is_cluster(pstmt->utilityStmt);
	}
}

static void
tell_workers(const PgtFrame *frame)
{
	char	   *text = pgt_px_text(frame->cursor, frame->depth, NULL);

	pgt_px_reserve();
	pgt_px_tell_command(text);
	pfree(text);
}

static void
call_utility(PlannedStmt *pstmt, const char *queryString, bool readOnlyTree,
			 ProcessUtilityContext context, ParamListInfo params,
			 QueryEnvironment *queryEnv, DestReceiver *dest, QueryCompletion *qc)
{
	if (prev_ProcessUtility)
		prev_ProcessUtility(pstmt, queryString, readOnlyTree, context, params,
							queryEnv, dest, qc);
	else
		standard_ProcessUtility(pstmt, queryString, readOnlyTree, context, params,
								queryEnv, dest, qc);
}

static void
pgt_ProcessUtility(PlannedStmt *pstmt, const char *queryString, bool readOnlyTree,
				   ProcessUtilityContext context, ParamListInfo params,
				   QueryEnvironment *queryEnv, DestReceiver *dest, QueryCompletion *qc)
{
	PgtFrame	frame;
	PgtNodeScope scope;
	PgtSnapshot now;
	bool		hold;
	bool		with_workers = may_use_workers(pstmt);
	int			depth = pgt_depth;

	/* A part of a larger command has no text of its own: it is in that one. */
	if (context == PROCESS_UTILITY_SUBCOMMAND)
	{
		call_utility(pstmt, queryString, readOnlyTree, context, params, queryEnv, dest, qc);
		return;
	}
	if (!pgt_tracing())
	{
		if (depth == 0)
			pgt_running = (PgtRunning) {pstmt, NULL, queryString};
		pgt_depth = depth + 1;
		call_utility(pstmt, queryString, readOnlyTree, context, params, queryEnv, dest, qc);
		pgt_depth = depth;
		if (depth == 0)
			pgt_running_ended(qc != NULL ? qc->nprocessed : 0);
		return;
	}

	if (depth == 0)
	{
		pgt_message_watch();
		pgt_parse_flush();
	}
	hold = ends_transaction(pstmt, context);
	pgt_snapshot(&now);
	pgt_frame_push(&frame, PGT_CALL_EXEC,
				   pgt_cursor(queryString, pstmt->stmt_location, pstmt->stmt_len, depth,
							  GetCommandTagName(CreateCommandTag((Node *) pstmt)), now.wall_ns),
				   &now);
	frame.flags |= PGT_CALL_UTILITY;
	pgt_charge_begin(&frame.charged, frame.cursor, depth, now.wall_ns);
	pgt_nodes_enter(&scope);
	PG_TRY();
	{
		if (with_workers)
			tell_workers(&frame);
		call_utility(pstmt, queryString, readOnlyTree, context, params, queryEnv, dest, qc);
		if (with_workers)
			pgt_px_tell_command("");
	}
	PG_CATCH();
	{
		pgt_nodes_abandon(&scope);
		pgt_frame_failed(&frame);
		PG_RE_THROW();
	}
	PG_END_TRY();
	pgt_nodes_leave(&scope);

	if (hold)
	{
		held = frame;
		is_held = true;
		pgt_frame = &held;
		return;
	}
	pgt_snapshot(&now);
	pgt_frame_done(&frame, qc != NULL ? qc->nprocessed : 0, &now);
	pgt_frame_pop(&frame);
}

void
pgt_utility_install(void)
{
	prev_ProcessUtility = ProcessUtility_hook;
	ProcessUtility_hook = pgt_ProcessUtility;
}
