/*-------------------------------------------------------------------------
 *
 * node_record.c
 *	  The records of a plan that has been executed: sums over its tree, and
 *	  what each kind of node has to say of its own.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "nodes/execnodes.h"
#include "utils/tuplesort.h"

#include "node_account.h"
#include "ticks.h"

static void
add_buffers(PgtBuffers *sum, const PgtBuffers *more)
{
	int64_t    *to = (int64_t *) sum;
	const int64_t *from = (const int64_t *) more;

	for (int i = 0; i < (int) (sizeof(PgtBuffers) / sizeof(int64_t)); i++)
		to[i] += from[i];
}

static void
add_wal(WalUsage *sum, const WalUsage *more)
{
	sum->wal_records += more->wal_records;
	sum->wal_fpi += more->wal_fpi;
	sum->wal_bytes += more->wal_bytes;
}

/* Sums over the tree of what our functions charged, by node. */
static void
sum_up(const PgtNodes *nodes, NodeTotals *totals)
{
	for (int i = nodes->count - 1; i >= 0; i--)
	{
		const PgtNodeAccount *node = nodes->nodes[i];

		add_buffers(&totals[i].buffers, &node->buffers);
		add_wal(&totals[i].wal, &node->wal);
		totals[i].self_ticks += node->self_ticks;
		if (node->parent > 0)
		{
			NodeTotals *parent = &totals[node->parent - 1];

			add_buffers(&parent->buffers, &totals[i].buffers);
			add_wal(&parent->wal, &totals[i].wal);
			parent->self_ticks += totals[i].self_ticks;
		}
	}
}

/* All calls of a kind, in ticks. */
static double
estimate(const CallSample *kind)
{
	uint64		rest = kind->calls > PGT_HEAD_CALLS ? kind->calls - PGT_HEAD_CALLS : 0;
	uint64		calls[2] = {rest - Min(kind->moved, rest), Min(kind->moved, rest)};
	double		all_for = (double) (kind->stood_for[0] + kind->stood_for[1]);
	double		all_ticks = (double) (kind->stood_ticks[0] + kind->stood_ticks[1]);
	double		ticks = (double) kind->head_ticks;

	if (rest == 0)
		return ticks;
	if (all_for == 0)
		return ticks * ((double) kind->calls / PGT_HEAD_CALLS);
	for (int moved = 0; moved < 2; moved++)
	{
		double		mean = kind->stood_for[moved] > 0 ?
		(double) kind->stood_ticks[moved] / (double) kind->stood_for[moved] :
		all_ticks / all_for;

		ticks += mean * (double) calls[moved];
	}
	return ticks;
}

/* Which of the two row counters means what, as EXPLAIN shows them. */
static void
fill_removed(PgtNode *rec, const PlanState *state, const PgtServerInstr *instr)
{
	switch (nodeTag(state))
	{
		case T_NestLoopState:
		case T_MergeJoinState:
		case T_HashJoinState:
			rec->removed1_kind = PGT_REMOVED_JOIN_FILTER;
			rec->removed2_kind = PGT_REMOVED_FILTER;
			break;
		case T_IndexScanState:
		case T_IndexOnlyScanState:
		case T_BitmapHeapScanState:
			rec->removed1_kind = PGT_REMOVED_FILTER;
			rec->removed2_kind = PGT_REMOVED_INDEX_RECHECK;
			break;
		case T_ModifyTableState:
			rec->removed1_kind = PGT_REMOVED_CONFLICT_FILTER;
			rec->removed2_kind = PGT_REMOVED_CONFLICTING;
			break;
		default:
			rec->removed1_kind = PGT_REMOVED_FILTER;
			break;
	}
	rec->removed1 = (uint64) instr->nfiltered1;
	rec->removed2 = (uint64) (rec->removed2_kind == PGT_REMOVED_CONFLICTING ?
							  instr->ntuples2 : instr->nfiltered2);
	if (rec->removed1 == 0)
		rec->removed1_kind = PGT_REMOVED_NONE;
	if (rec->removed2 == 0)
		rec->removed2_kind = PGT_REMOVED_NONE;
}

static void
fill_sort(PgtNode *rec, SortState *state)
{
	TuplesortInstrumentation stats;

	if (!state->sort_Done || state->tuplesortstate == NULL)
		return;
	tuplesort_get_stats((Tuplesortstate *) state->tuplesortstate, &stats);
	rec->method_kind = PGT_METHOD_SORT;
	strlcpy(rec->method_name, tuplesort_method_name(stats.sortMethod), sizeof(rec->method_name));
	rec->space_kb = stats.spaceUsed;
	if (stats.spaceType == SORT_SPACE_TYPE_DISK)
		rec->flags |= PGT_NODE_SORT_DISK;
}

static void
fill_method(PgtNode *rec, PlanState *state, const PgtServerInstr *instr)
{
	switch (nodeTag(state))
	{
		case T_SortState:
			fill_sort(rec, (SortState *) state);
			break;
		case T_HashState:
			{
				const HashInstrumentation *hash = ((HashState *) state)->hinstrument;

				if (hash == NULL || hash->nbatch == 0)
					break;
				rec->method_kind = PGT_METHOD_HASH;
				rec->buckets = hash->nbuckets;
				rec->batches = hash->nbatch;
				rec->space_kb = (int64) ((hash->space_peak + 1023) / 1024);
			}
			break;
		case T_AggState:
			{
				const AggState *agg = (const AggState *) state;

				if (agg->aggstrategy != AGG_HASHED && agg->aggstrategy != AGG_MIXED)
					break;
				rec->method_kind = PGT_METHOD_HASHAGG;
				rec->batches = agg->hash_batches_used;
				rec->space_kb = (int64) ((agg->hash_mem_peak + 1023) / 1024);
				rec->disk_kb = (int64) agg->hash_disk_used;
			}
			break;
		case T_MemoizeState:
			{
				const MemoizeInstrumentation *stats = &((MemoizeState *) state)->stats;

				rec->method_kind = PGT_METHOD_MEMOIZE;
				rec->buckets = (int64) stats->cache_hits;
				rec->batches = (int64) stats->cache_misses;
				rec->disk_kb = (int64) stats->cache_evictions;
				rec->space_kb = (int64) ((stats->mem_peak + 1023) / 1024);
			}
			break;
		case T_BitmapHeapScanState:
			rec->method_kind = PGT_METHOD_BITMAP;
			pgt_compat_bitmap_pages((BitmapHeapScanState *) state, &rec->buckets, &rec->batches);
			break;
		case T_GatherState:
			rec->method_kind = PGT_METHOD_GATHER;
			rec->buckets = ((Gather *) state->plan)->num_workers;
			rec->batches = ((GatherState *) state)->nworkers_launched;
			break;
		case T_GatherMergeState:
			rec->method_kind = PGT_METHOD_GATHER;
			rec->buckets = ((GatherMerge *) state->plan)->num_workers;
			rec->batches = ((GatherMergeState *) state)->nworkers_launched;
			break;
		case T_IndexOnlyScanState:
			rec->method_kind = PGT_METHOD_INDEX_ONLY;
			rec->buckets = (int64) instr->ntuples2;
			break;
		default:
			break;
	}
}

/* A call that an error ended is the last one of a loop. */
static void
close_failed(const PgtNodes *nodes)
{
	uint64		now = pgt_ticks();

	for (int i = 0; i < nodes->count; i++)
	{
		PgtNodeAccount *node = nodes->nodes[i];
		PgtServerInstr *instr = nodes->timing == PGT_TIMING_SERVER ?
		node->state->instrument : &node->instr;

		if (instr == NULL)
			continue;
		/* The server's own clock of the node is stopped, not read. */
		if (!INSTR_TIME_IS_ZERO(PGT_INSTR_BASE(instr)->starttime))
		{
			INSTR_TIME_SET_ZERO(PGT_INSTR_BASE(instr)->starttime);
			instr->running = true;
		}
		if (node->open_ticks == 0)
			continue;
		instr->running = true;
		if (nodes->timing == PGT_TIMING_SAMPLED)
		{
			CallSample *kind = node->open_first ? &node->first : &node->other;

			pgt_sample(kind, now - node->open_ticks);
			kind->calls++;
			node->empty++;
		}
		else if (node->open_first)
			node->startup_ticks += now - node->open_ticks;
		node->open_ticks = 0;
	}
}

/* The figures of a node, apart from its text. */
static void
fill_node(PgtNode *rec, const PgtNodes *nodes, PgtNodeAccount *node,
		  const NodeTotals *totals, double tick_ns, bool workers_ran, bool failed)
{
	PlanState  *state = node->state;
	PgtServerInstr *instr = nodes->timing == PGT_TIMING_SERVER ? state->instrument : &node->instr;
	const Plan *plan = state->plan;

	memset((char *) rec + sizeof(PgtRecord), 0, sizeof(PgtNode) - sizeof(PgtRecord));
	rec->id = node->shown_id;
	rec->parent = node->parent > 0 ? nodes->nodes[node->parent - 1]->shown_id : 0;
	rec->position = node->position;
	rec->plan_node_id = (uint16) plan->plan_node_id;
	rec->object = node->name->object;
	rec->width = (uint32) plan->plan_width;
	rec->est_rows = plan->plan_rows;
	rec->total_cost = plan->total_cost;
	if (workers_ran && node->below_gather && nodes->timing != PGT_TIMING_SERVER)
		rec->flags |= PGT_NODE_LEADER_ONLY;
	if (instr == NULL)
	{
		rec->flags |= PGT_NODE_NEVER_RUN;
		return;
	}

	/* A loop that a LIMIT left open is closed here. */
	InstrEndLoop(instr);
	rec->rows = (uint64) instr->ntuples;
	if (nodes->timing != PGT_TIMING_SERVER)
		rec->rows += node->first.calls + node->other.calls - node->empty;
	rec->loops = (uint64) instr->nloops;
	if (rec->loops == 0)
		rec->flags |= PGT_NODE_NEVER_RUN;

	if (nodes->timing == PGT_TIMING_SERVER || node->self_counting)
	{
		const BufferUsage *usage = &PGT_INSTR_BASE(instr)->bufusage;

		rec->startup_ns = pgt_compat_startup_ns(instr);
		rec->total_ns = pgt_compat_total_ns(instr);
		memcpy(&rec->buffers, usage, sizeof(PgtBuffers));
		rec->wal_records = PGT_INSTR_BASE(instr)->walusage.wal_records;
		rec->wal_fpi = PGT_INSTR_BASE(instr)->walusage.wal_fpi;
		rec->wal_bytes = (int64) PGT_INSTR_BASE(instr)->walusage.wal_bytes;
	}
	else
	{
		NodeTotals	all = *totals;

		/* In a parallel plan: while the server shut it down. */
		add_buffers(&all.buffers, (const PgtBuffers *) &PGT_INSTR_BASE(instr)->bufusage);
		add_wal(&all.wal, &PGT_INSTR_BASE(instr)->walusage);
		rec->buffers = all.buffers;
		rec->wal_records = all.wal.wal_records;
		rec->wal_fpi = all.wal.wal_fpi;
		rec->wal_bytes = (int64) all.wal.wal_bytes;
		if (nodes->timing == PGT_TIMING_EXACT)
		{
			rec->total_ns = (int64) ((double) totals->self_ticks * tick_ns);
			rec->startup_ns = (int64) ((double) node->startup_ticks * tick_ns);
		}
		else if (nodes->timing == PGT_TIMING_SAMPLED)
		{
			double		first = estimate(&node->first) * tick_ns;

			rec->startup_ns = (int64) first;
			rec->total_ns = (int64) (first + estimate(&node->other) * tick_ns);
		}
	}
	fill_removed(rec, state, instr);
	/* After an error the nodes' own structures may be half changed. */
	if (!failed && !nodes->running)
		fill_method(rec, state, instr);
}

static bool
workers_launched(const PgtNodes *nodes)
{
	for (int i = 0; i < nodes->count; i++)
	{
		const PlanState *state = nodes->nodes[i]->state;

		if ((IsA(state, GatherState) && ((const GatherState *) state)->nworkers_launched > 0) ||
			(IsA(state, GatherMergeState) && ((const GatherMergeState *) state)->nworkers_launched > 0))
			return true;
	}
	return false;
}

void
pgt_nodes_write(PgtExec *exec, int depth, bool failed)
{
	PgtNodes   *nodes = exec->nodes;
	NodeTotals *totals;
	PgtPlan    *plan;
	int64		now;
	double		tick_ns;
	bool		workers_ran;

	exec->plan_written = true;
	if (nodes == NULL)
		return;
	totals = nodes->totals;
	workers_ran = !nodes->running && workers_launched(nodes);
	if (failed)
		close_failed(nodes);
	sum_up(nodes, totals);
	now = pgt_now_ns();
	tick_ns = pgt_ticks_ns();

	plan = pgt_ring_begin(&pgt_ring, PGT_EV_PLAN, PGT_RF_MORE, sizeof(PgtPlan), now);
	if (plan == NULL)
		return;
	plan->cursor = exec->cursor;
	plan->depth = (uint16) depth;
	plan->flags = (failed ? PGT_PLAN_FAILED : 0) | (workers_ran ? PGT_PLAN_WORKERS : 0) |
		(nodes->running ? PGT_PLAN_RUNNING : 0);
	plan->plan_hash = exec->plan->hash;
	plan->node_timing = (uint32) nodes->told_timing;
	plan->node_count = (uint32) nodes->count;
	plan->untraced_workers = pgt_ring.slot->untraced_workers - exec->untraced_workers;
	pgt_ring_end(&pgt_ring, sizeof(PgtPlan));

	for (int i = 0; i < nodes->count; i++)
	{
		PgtNodeAccount *node = nodes->nodes[i];
		uint32		length = node->name->length;
		uint32		size = (uint32) sizeof(PgtNode) + length;
		PgtNode    *rec = pgt_ring_begin(&pgt_ring, PGT_EV_NODE,
										 i + 1 < nodes->count ? PGT_RF_MORE : 0, size, now);

		if (rec == NULL)
			continue;
		fill_node(rec, nodes, node, &totals[i], tick_ns, workers_ran, failed);
		rec->text_length = length;
		memcpy(rec + 1, node->name->text, length);
		pgt_ring_end(&pgt_ring, size);
	}
}
