/*-------------------------------------------------------------------------
 *
 * node_account.c
 *	  Rows, loops, buffers, WAL and time of each plan node, for a fraction of
 *	  what the server's own instrumentation costs.
 *
 * After ExecutorStart, and unless somebody asked for the server's
 * instrumentation (then that is read), each PlanState gets a PgtNodeAccount
 * whose first member is the server's own struct as its `instrument`, and a
 * function of ours as its ExecProcNode.  With the server's struct in place the
 * nodes count rows that filters remove, ReScan closes loops, and nodes that
 * are not run through ExecProcNode (Hash, bitmap index scans) account for
 * themselves.
 *
 * Counters: the function compares one sum of all counters with the last one
 * seen, and charges the difference to the node that was executing, if there is
 * any.  What a node shows includes its children: sums over the tree.
 *
 * Time: exact mode reads the clock at each entry and exit, and charges the
 * node that was executing.  Sampled mode times whole calls: of each kind of
 * call (the first of a loop; all others) the first HEAD_CALLS, and then one in
 * each block of SAMPLE_BLOCK, at random; the others are taken to have lasted
 * as long as those on average.
 *
 * pgt_current_node is the node that is executing, also with timing off.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "executor/executor.h"
#include "executor/nodeIndexscan.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "utils/tuplesort.h"

#include "pg_trace.h"
#include "ticks.h"

#define HEAD_CALLS		16
#define SAMPLE_BLOCK	16		/* power of two */

/* One kind of a node's calls, sampled. */
typedef struct CallSample
{
	uint64		calls;
	uint64		next;			/* number of the next call to be timed */
	uint64		head_ticks;		/* of the first HEAD_CALLS */
	uint64		timed;			/* calls timed after those */
	uint64		timed_ticks;
} CallSample;

struct PgtNodeAccount
{
	PgtServerInstr instr;		/* must be first: PlanState.instrument */

	PlanState  *state;
	uint16		id;				/* from 1, preorder */
	uint16		parent;
	uint16		position;
	bool		below_gather;	/* workers execute it too */
	bool		is_gather;
	bool		self_counting;	/* the server counts it, see counts_itself */

	/* Self values, of the calls through our function. */
	PgtBuffers	buffers;
	WalUsage	wal;
	uint64		self_ticks;		/* exact mode */
	uint64		startup_ticks;	/* first calls of loops, inclusive */
	uint64		open_ticks;		/* when the timed call in progress began, or 0 */
	bool		open_first;		/* it is the first of a loop */
	CallSample	first;			/* sampled mode: first calls of loops */
	CallSample	other;

	const PgtNodeText *name;
};

/* What a node and all below it have used, through our functions. */
typedef struct NodeTotals
{
	PgtBuffers	buffers;
	WalUsage	wal;
	uint64		self_ticks;
} NodeTotals;

struct PgtNodes
{
	int			timing;			/* PGT_TIMING_* */
	int			told_timing;	/* what the trace is told: the server's own
								 * may be without a clock */
	int			count;
	PgtNodeAccount **nodes;		/* preorder */
	NodeTotals *totals;			/* the same order; filled at the end, where
								 * nothing may be allocated */
	ExecProcNodeMtd function;
};

PgtNodeAccount *pgt_current_node = NULL;

/* A node that is not in the statement's plan. */
static const PgtNodeText unknown = {"???", 3, InvalidOid};

/* The counters at the last charge. */
static int64 charged_sum;
static PgtBuffers charged_buffers;
static WalUsage charged_wal;
static uint64 charged_ticks;

static uint64 random_state = UINT64CONST(0x9E3779B97F4A7C15);

/* ---- Counters ---- */

static inline int64
counters_sum(void)
{
	const BufferUsage *b = &pgBufferUsage;

	return b->shared_blks_hit + b->shared_blks_read + b->shared_blks_dirtied +
		b->shared_blks_written + b->local_blks_hit + b->local_blks_read +
		b->local_blks_dirtied + b->local_blks_written + b->temp_blks_read +
		b->temp_blks_written + (int64) pgWalUsage.wal_bytes;
}

static void
add_counters(PgtNodeAccount *node, const PgtBuffers *from, const WalUsage *wal_from)
{
	const int64_t *now = (const int64_t *) &pgBufferUsage;
	const int64_t *then = (const int64_t *) from;
	int64_t    *sum = (int64_t *) &node->buffers;

	for (int i = 0; i < (int) (sizeof(PgtBuffers) / sizeof(int64_t)); i++)
		sum[i] += now[i] - then[i];
	node->wal.wal_records += pgWalUsage.wal_records - wal_from->wal_records;
	node->wal.wal_fpi += pgWalUsage.wal_fpi - wal_from->wal_fpi;
	node->wal.wal_bytes += pgWalUsage.wal_bytes - wal_from->wal_bytes;
}

static void
note_counters(int64 sum)
{
	charged_sum = sum;
	memcpy(&charged_buffers, &pgBufferUsage, sizeof(PgtBuffers));
	charged_wal = pgWalUsage;
}

static pg_noinline void
charge_moved(PgtNodeAccount *node, int64 sum)
{
	if (node != NULL)
		add_counters(node, &charged_buffers, &charged_wal);
	note_counters(sum);
}

/* Charge what has been counted since the last time to the node. */
static inline void
charge(PgtNodeAccount *node)
{
	int64		sum = counters_sum();

	if (unlikely(sum != charged_sum))
		charge_moved(node, sum);
}

/* ---- The functions that stand in for ExecProcNode ---- */

static inline bool
begin_loop(PgtNodeAccount *node)
{
	if (likely(node->instr.running))
		return false;
	/* As the server's ExecProcNodeFirst does at a node's first call. */
	check_stack_depth();
	return true;
}

static inline void
count_row(PgtNodeAccount *node, TupleTableSlot *slot)
{
	node->instr.running = true;
	if (!TupIsNull(slot))
		node->instr.tuplecount += 1;
}

static TupleTableSlot *
exec_untimed(PlanState *state)
{
	PgtNodeAccount *node = (PgtNodeAccount *) state->instrument;
	PgtNodeAccount *caller = pgt_current_node;
	TupleTableSlot *slot;

	begin_loop(node);
	charge(caller);
	pgt_current_node = node;
	slot = state->ExecProcNodeReal(state);
	charge(node);
	count_row(node, slot);
	pgt_current_node = caller;
	return slot;
}

static inline uint64
next_random(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

/* This call was timed: account for it, and choose the next one. */
static pg_noinline void
sample(CallSample *kind, uint64 ticks)
{
	if (kind->calls <= HEAD_CALLS)
	{
		kind->head_ticks += ticks;
		kind->next = kind->calls + 1;
		if (kind->calls < HEAD_CALLS)
			return;
	}
	else
	{
		kind->timed++;
		kind->timed_ticks += ticks;
	}
	/* One call of the block that begins after this one's. */
	kind->next = (kind->calls + SAMPLE_BLOCK - 1) / SAMPLE_BLOCK * SAMPLE_BLOCK +
		1 + (next_random() >> 32 & (SAMPLE_BLOCK - 1));
}

static TupleTableSlot *
exec_sampled(PlanState *state)
{
	PgtNodeAccount *node = (PgtNodeAccount *) state->instrument;
	PgtNodeAccount *caller = pgt_current_node;
	bool		first = begin_loop(node);
	CallSample *kind = first ? &node->first : &node->other;
	TupleTableSlot *slot;

	charge(caller);
	pgt_current_node = node;
	if (likely(++kind->calls < kind->next))
		slot = state->ExecProcNodeReal(state);
	else
	{
		uint64		begin = pgt_ticks();

		node->open_ticks = begin;
		node->open_first = first;
		slot = state->ExecProcNodeReal(state);
		sample(kind, pgt_ticks() - begin);
		node->open_ticks = 0;
	}
	charge(node);
	count_row(node, slot);
	pgt_current_node = caller;
	return slot;
}

static inline void
charge_ticks(PgtNodeAccount *node, uint64 now)
{
	if (node != NULL)
		node->self_ticks += now - charged_ticks;
	charged_ticks = now;
}

static TupleTableSlot *
exec_exact(PlanState *state)
{
	PgtNodeAccount *node = (PgtNodeAccount *) state->instrument;
	PgtNodeAccount *caller = pgt_current_node;
	bool		first = begin_loop(node);
	TupleTableSlot *slot;
	uint64		begin;
	uint64		end;

	charge(caller);
	begin = pgt_ticks();
	charge_ticks(caller, begin);
	pgt_current_node = node;
	node->open_ticks = begin;
	node->open_first = first;
	slot = state->ExecProcNodeReal(state);
	node->open_ticks = 0;
	charge(node);
	count_row(node, slot);
	end = pgt_ticks();
	charge_ticks(node, end);
	if (unlikely(first))
		node->startup_ticks += end - begin;
	pgt_current_node = caller;
	return slot;
}

/* ---- Attaching ---- */

typedef struct AttachContext
{
	PgtNodes   *nodes;
	int			capacity;
	PgtNodeAccount *parent;
	uint16		children;		/* of the parent, so far */
	bool		own;			/* accounting of ours, not the server's */
	const PgtPlanText *plan;
} AttachContext;

/*
 * Nodes that account for themselves by the server's instrumentation: those
 * that are run through MultiExecProcNode, which call it, and a parallel hash
 * join, which sets its function anew when its shared memory has been set up,
 * and so gets the server's instrumenting one.
 */
static bool
counts_itself(const PlanState *state)
{
	switch (nodeTag(state))
	{
		case T_HashState:
		case T_BitmapIndexScanState:
		case T_BitmapAndState:
		case T_BitmapOrState:
			return true;
		case T_HashJoinState:
			return state->plan->parallel_aware;
		default:
			return false;
	}
}

static bool
is_attached(const AttachContext *context, const PlanState *state)
{
	if (context->own)
		return state->instrument != NULL;
	for (int i = 0; i < context->nodes->count; i++)
		if (context->nodes->nodes[i]->state == state)
			return true;
	return false;
}

static bool
attach_walker(PlanState *state, void *arg)
{
	AttachContext *context = arg;
	AttachContext below = *context;
	PgtNodes   *nodes = context->nodes;
	PgtNodeAccount *node;
	int			plan_id = state->plan->plan_node_id;

	/* Several SubPlans may share one plan: it is shown at its first place. */
	if (is_attached(context, state))
		return false;
	if (nodes->count >= PG_UINT16_MAX)
		return false;

	node = palloc0(sizeof(PgtNodeAccount));
	if (nodes->count >= context->capacity)
	{
		context->capacity *= 2;
		nodes->nodes = repalloc(nodes->nodes, context->capacity * sizeof(PgtNodeAccount *));
	}
	nodes->nodes[nodes->count++] = node;
	node->state = state;
	node->id = (uint16) nodes->count;
	node->parent = context->parent ? context->parent->id : 0;
	node->position = ++context->children;
	node->is_gather = IsA(state, GatherState) || IsA(state, GatherMergeState);
	node->below_gather = context->parent != NULL &&
		(context->parent->below_gather || context->parent->is_gather);
	node->self_counting = counts_itself(state);
	node->first.next = node->other.next = 1;
	node->name = plan_id >= 0 && plan_id < context->plan->count &&
		context->plan->nodes[plan_id].text != NULL ? &context->plan->nodes[plan_id] : &unknown;

	below.capacity = context->capacity;
	below.parent = node;
	below.children = 0;
	planstate_tree_walker(state, attach_walker, &below);
	context->capacity = below.capacity;

	if (context->own)
	{
		if (node->self_counting || state->async_capable)
		{
			PGT_INSTR_BASE(&node->instr)->need_timer = nodes->timing != PGT_TIMING_OFF;
			PGT_INSTR_BASE(&node->instr)->need_bufusage = true;
			PGT_INSTR_BASE(&node->instr)->need_walusage = true;
		}
		state->instrument = &node->instr;
		if (!node->self_counting)
			state->ExecProcNode = nodes->function;
	}
	else if (state->instrument != NULL)
	{
		/* Whoever asked for it may not have asked for these. */
		PGT_INSTR_BASE(state->instrument)->need_bufusage = true;
		PGT_INSTR_BASE(state->instrument)->need_walusage = true;
	}
	return false;
}

PgtNodes *
pgt_nodes_attach(QueryDesc *desc, const PgtPlanText *plan)
{
	MemoryContext caller = MemoryContextSwitchTo(desc->estate->es_query_cxt);
	PgtNodes   *nodes = palloc0(sizeof(PgtNodes));
	AttachContext context = {0};

	context.own = desc->instrument_options == 0;
	nodes->timing = context.own ? pgt_guc_node_timing : PGT_TIMING_SERVER;
	nodes->told_timing = !context.own && !(desc->instrument_options & INSTRUMENT_TIMER) ?
		PGT_TIMING_OFF : nodes->timing;
	nodes->function = nodes->timing == PGT_TIMING_EXACT ? exec_exact :
		nodes->timing == PGT_TIMING_SAMPLED ? exec_sampled : exec_untimed;
	context.nodes = nodes;
	context.capacity = 8;
	context.plan = plan;
	nodes->nodes = palloc(context.capacity * sizeof(PgtNodeAccount *));
	attach_walker(desc->planstate, &context);
	nodes->totals = palloc0(nodes->count * sizeof(NodeTotals));
	MemoryContextSwitchTo(caller);
	return nodes;
}

void
pgt_nodes_enter(PgtNodeScope *scope)
{
	int64		sum = counters_sum();

	scope->outer = pgt_current_node;
	if (scope->outer != NULL)
	{
		charge(scope->outer);
		scope->ticks = pgt_ticks();
		charge_ticks(scope->outer, scope->ticks);
		memcpy(&scope->buffers, &pgBufferUsage, sizeof(PgtBuffers));
		scope->wal = pgWalUsage;
	}
	else if (sum != charged_sum)
		note_counters(sum);
	pgt_current_node = NULL;
}

/*
 * An error jumps out of the nodes: charge the one that was executing.  Those
 * whose call was open are closed when the plan is written.
 */
void
pgt_nodes_abandon(const PgtNodeScope *scope)
{
	if (pgt_current_node != NULL)
	{
		charge(pgt_current_node);
		charge_ticks(pgt_current_node, pgt_ticks());
	}
	pgt_nodes_leave(scope);
}

void
pgt_nodes_leave(const PgtNodeScope *scope)
{
	if (scope->outer != NULL)
	{
		uint64		now = pgt_ticks();

		add_counters(scope->outer, &scope->buffers, &scope->wal);
		note_counters(counters_sum());
		scope->outer->self_ticks += now - scope->ticks;
		charged_ticks = now;
	}
	pgt_current_node = scope->outer;
}

/* ---- Writing ---- */

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
	uint64		rest = kind->calls > HEAD_CALLS ? kind->calls - HEAD_CALLS : 0;

	if (rest == 0)
		return (double) kind->head_ticks;
	if (kind->timed == 0)
		return (double) kind->head_ticks * ((double) kind->calls / HEAD_CALLS);
	return (double) kind->head_ticks +
		(double) kind->timed_ticks / (double) kind->timed * (double) rest;
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
			sample(node->open_first ? &node->first : &node->other, now - node->open_ticks);
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
	rec->id = node->id;
	rec->parent = node->parent;
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
		rec->buffers = totals->buffers;
		rec->wal_records = totals->wal.wal_records;
		rec->wal_fpi = totals->wal.wal_fpi;
		rec->wal_bytes = (int64) totals->wal.wal_bytes;
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
	if (!failed)
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
	workers_ran = workers_launched(nodes);
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
	plan->flags = (failed ? PGT_PLAN_FAILED : 0) | (workers_ran ? PGT_PLAN_WORKERS : 0);
	plan->plan_hash = exec->plan->hash;
	plan->node_timing = (uint32) nodes->told_timing;
	plan->node_count = (uint32) nodes->count;
	plan->reserved = 0;
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
