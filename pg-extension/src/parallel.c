/*-------------------------------------------------------------------------
 *
 * parallel.c
 *	  Parallel workers of a traced session.
 *
 * A worker gets its leader's settings when it starts, those of extensions too:
 * so a setting that nobody else uses tells it for which statement it works.  It
 * is set for as long as the plan runs (or the command: an index is built by
 * workers too), and is right also where plans are nested.
 *
 * The worker writes to the workers' ring of its leader's session.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/parallel.h"
#include "access/xact.h"
#include "miscadmin.h"
#include "storage/ipc.h"
#include "storage/proc.h"
#include "utils/guc.h"

#include "node_account.h"
#include "parallel.h"
#include "waits.h"

#define PX_SETTING	"pg_trace.px"

char	   *pgt_guc_px;
bool		pgt_is_worker = false;
PgtFrame	pgt_worker_frame;

/* The leader's slot, and how it numbers its nodes: a part of pgt_guc_px. */
static PgtSlot *leader = NULL;
static const char *node_ids = NULL;
static bool prepares = false;
static bool accounted = false;

/* ---- In the leader ---- */

char *
pgt_px_text(uint32 cursor, int depth, const PgtNodes *nodes)
{
	StringInfoData text;
	int			count = 0;
	uint16	   *ids;

	initStringInfo(&text);
	appendStringInfo(&text, "%u %d %d %d %d", cursor, depth, pgt_level(), pgt_blocks(),
					 pgt_plan_stat());
	if (nodes == NULL)
		return text.data;
	for (int i = 0; i < nodes->count; i++)
		count = Max(count, nodes->nodes[i]->state->plan->plan_node_id + 1);
	ids = palloc0(count * sizeof(uint16));
	for (int i = 0; i < nodes->count; i++)
		if (nodes->nodes[i]->state->plan->plan_node_id >= 0)
			ids[nodes->nodes[i]->state->plan->plan_node_id] = nodes->nodes[i]->shown_id;
	for (int i = 0; i < count; i++)
		appendStringInfo(&text, " %d", ids[i]);
	pfree(ids);
	return text.data;
}

void
pgt_px_reserve(void)
{
	static bool refused = false;
	PgtClaimError error;

	if (refused || pgt_segment_reserve_workers(pgt_ring.slot, &error))
		return;
	refused = true;
	strlcpy(error.detail, "What parallel workers do is missing in the trace.", sizeof(error.detail));
	pgt_claim_error_report(WARNING, &error);
}

int
pgt_px_tell(const char *text)
{
	int			nest_level = NewGUCNestLevel();

	(void) set_config_option(PX_SETTING, text, PGC_SUSET, PGC_S_SESSION, GUC_ACTION_SAVE,
							 true, 0, false);
	return nest_level;
}

void
pgt_px_told(int nest_level)
{
	AtEOXact_GUC(true, nest_level);
}

void
pgt_px_tell_command(const char *text)
{
	if (!IsInParallelMode())
		SetConfigOption(PX_SETTING, text, PGC_SUSET, PGC_S_SESSION);
}

/* ---- In the worker ---- */

/* The next number of the text; *text moves behind it, or to the end where none is. */
static uint32
next_number(const char **text)
{
	char	   *end;
	uint32		number = (uint32) strtoul(*text, &end, 10);

	*text = end != *text ? end : *text + strlen(*text);
	return number;
}

/* The account of a worker that has run no plan. */
static void
at_worker_exit(int code, Datum arg)
{
	PgtUsage	usage = {0};
	PgtSnapshot now;

	if (!accounted && pgt_session_has_ring())
	{
		pgt_snapshot(&now);
		pgt_usage_add(&usage, &pgt_worker_frame.start, &now);
		pgt_charge_write(&pgt_worker_frame.charged, pgt_worker_frame.cursor,
						 pgt_worker_frame.depth, usage.cpu_ns);
		pgt_event_summary(pgt_worker_frame.cursor, pgt_worker_frame.depth, &usage);
	}
	pgt_session_leave_leader();
}

/*
 * The worker is being set up, and gets its leader's settings.  Raises nothing,
 * allocates nothing.
 */
void
pgt_px_assign(const char *newval, void *extra)
{
	const char *text = newval;
	PGPROC	   *group = MyProc != NULL ? MyProc->lockGroupLeader : NULL;
	uint16		number = (uint16) (ParallelWorkerNumber + 1);

	if (!InitializingParallelWorker || pgt_is_worker || text == NULL || *text == '\0' ||
		group == NULL || number > PGT_WORKER_MAX)
		return;
	leader = pgt_segment_session(group->pid);
	if (leader == NULL || !__atomic_load_n(&leader->enabled, __ATOMIC_RELAXED))
		return;
	if (!pgt_segment_attach_workers(leader, number, &pgt_ring))
	{
		__atomic_add_fetch(&leader->untraced_workers, 1, __ATOMIC_RELAXED);
		return;
	}
	pgt_is_worker = true;
	pgt_worker_frame.kind = PGT_CALL_EXEC;
	pgt_worker_frame.cursor = next_number(&text);
	pgt_worker_frame.depth = (uint16) next_number(&text);
	pgt_asked.action = PGT_CONTROL_ON;
	pgt_asked.level = (uint8) next_number(&text);
	pgt_asked.blocks = (uint8) next_number(&text);
	pgt_asked.plan_stat = (uint8) next_number(&text);
	node_ids = text;
	pgt_cursors_begin_at((uint32) number << PGT_WORKER_NUMBERS_SHIFT);
	pgt_files_begin_at((uint32) number << PGT_WORKER_NUMBERS_SHIFT);
	pgt_frame = &pgt_worker_frame;
	pgt_depth = pgt_worker_frame.depth;
	pgt_session_join_leader();
	pgt_snapshot(&pgt_worker_frame.start);
	pgt_charge_begin(&pgt_worker_frame.charged, pgt_worker_frame.cursor,
					 pgt_worker_frame.depth, pgt_worker_frame.start.wall_ns);
	on_proc_exit(at_worker_exit, 0);
}

bool
pgt_worker_counts(void)
{
	/* Its account begins with the last thing before it had been set up. */
	if (InitializingParallelWorker)
		pgt_snapshot(&pgt_worker_frame.start);
	return !InitializingParallelWorker && !prepares;
}

void
pgt_worker_prepares(bool now)
{
	prepares = now;
}

bool
pgt_worker_wants_nodes(void)
{
	return *node_ids != '\0';
}

void
pgt_worker_number_nodes(PgtNodes *nodes)
{
	uint16	   *ids = palloc(strlen(node_ids) * sizeof(uint16));
	int			count = 0;

	for (const char *text = node_ids; *text != '\0';)
		ids[count++] = (uint16) next_number(&text);
	for (int i = 0; i < nodes->count; i++)
	{
		PgtNodeAccount *node = nodes->nodes[i];
		int			plan_id = node->state->plan->plan_node_id;

		node->shown_id = plan_id >= 0 && plan_id < count ? ids[plan_id] : 0;
	}
	pfree(ids);
}

bool
pgt_worker_is_stopped(void)
{
	uint64		control = __atomic_load_n(&leader->control, __ATOMIC_ACQUIRE);

	return PGT_CONTROL_ACTION(control) == PGT_CONTROL_OFF ||
		!__atomic_load_n(&leader->enabled, __ATOMIC_RELAXED);
}

void
pgt_worker_accounted(void)
{
	accounted = true;
}
