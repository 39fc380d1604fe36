/*-------------------------------------------------------------------------
 *
 * running.c
 *	  The client's statement that runs untraced, and what becomes of it when
 *	  its session is switched on meanwhile.
 *
 * That happens in a call into the system, where nothing may be allocated and no
 * catalog read: the statement's text can be written, its plan's cannot.  So the
 * nodes of the plan get another function, which the executor calls instead of
 * theirs: there everything is allowed.  It gives each node its own one back.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "executor/executor.h"
#include "tcop/utility.h"

#include "running.h"

/* Nodes that are looked at: enough to find one that is executed again. */
#define NODES_MAX	64

PgtRunning	pgt_running;

/* Its call, from the moment when the session was switched on. */
static PgtFrame attached;
static bool plan_is_due = false;

bool
pgt_running_is_attached(void)
{
	return pgt_frame == &attached;
}

static void
write_plan(void)
{
	if (!plan_is_due)
		return;
	plan_is_due = false;
	if (pgt_running.desc != NULL && pgt_session_has_ring() &&
		pgt_plan_stat() != PGT_PLAN_STAT_NEVER)
		pgt_nodes_write_running(pgt_running.desc, attached.cursor);
}

/* Executed in place of a node: the first one writes the plan. */
static TupleTableSlot *
exec_once(PlanState *state)
{
	ExecSetExecProcNode(state, state->ExecProcNodeReal);
	write_plan();
	return state->ExecProcNode(state);
}

/*
 * Give the nodes our function.  Without recursion: the stack may be nearly used
 * up here.  Nodes that are not found are as they were.
 */
static void
plant(PlanState *root)
{
	PlanState  *nodes[NODES_MAX];
	int			count = 0;

	nodes[count++] = root;
	for (int i = 0; i < count; i++)
	{
		PlanState  *below[] = {outerPlanState(nodes[i]), innerPlanState(nodes[i]),
		IsA(nodes[i], SubqueryScanState) ? ((SubqueryScanState *) nodes[i])->subplan : NULL};

		nodes[i]->ExecProcNode = exec_once;
		for (int j = 0; j < (int) lengthof(below); j++)
			if (below[j] != NULL && count < NODES_MAX)
				nodes[count++] = below[j];
		if (IsA(nodes[i], AppendState))
		{
			AppendState *append = (AppendState *) nodes[i];

			for (int j = 0; j < append->as_nplans && count < NODES_MAX; j++)
				nodes[count++] = append->appendplans[j];
		}
	}
}

void
pgt_running_attach(void)
{
	const PlannedStmt *stmt = pgt_running.stmt;
	PgtSnapshot now;

	if (stmt == NULL || pgt_frame != NULL || pgt_depth == 0)
		return;
	pgt_snapshot(&now);
	memset(&attached, 0, sizeof(attached));
	attached.kind = pgt_running.desc != NULL && pgt_returns_rows(pgt_running.desc) ?
		PGT_CALL_FETCH : PGT_CALL_EXEC;
	attached.flags = PGT_CALL_PARTIAL | (pgt_running.desc == NULL ? PGT_CALL_UTILITY : 0);
	attached.start = now;
	attached.cursor = pgt_cursor(pgt_running.text, stmt->stmt_location, stmt->stmt_len, 0,
								 GetCommandTagName(CreateCommandTag((Node *) stmt)),
								 now.wall_ns);
	pgt_frame_attach(&attached);
	plan_is_due = pgt_running.desc != NULL && pgt_running.desc->planstate != NULL;
	if (plan_is_due)
		plant(pgt_running.desc->planstate);
}

void
pgt_running_ended(uint64 rows)
{
	PgtSnapshot now;

	if (pgt_frame == &attached)
	{
		pgt_snapshot(&now);
		write_plan();
		pgt_frame_done(&attached, rows, &now);
		pgt_frame_pop(&attached);
		pgt_message_watch();
	}
	plan_is_due = false;
	memset(&pgt_running, 0, sizeof(pgt_running));
}

void
pgt_running_failed(const PgtErrorInfo *error)
{
	pgt_frame_failed_with(&attached, error);
	pgt_frame_pop(&attached);
}

void
pgt_running_forget(void)
{
	plan_is_due = false;
	memset(&pgt_running, 0, sizeof(pgt_running));
	if (pgt_frame == &attached)
	{
		PgtSnapshot now;

		pgt_snapshot(&now);
		attached.flags |= PGT_CALL_FAILED;
		pgt_frame_done(&attached, 0, &now);
		pgt_frame_pop(&attached);
	}
}
