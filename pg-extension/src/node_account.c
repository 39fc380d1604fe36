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
 * call (the first of a loop; all others) the first PGT_HEAD_CALLS, and then one
 * in each block of PGT_SAMPLE_BLOCK (later PGT_LONG_BLOCK), at random, which
 * stands for its block.  Calls in which counters moved (a scan that goes to its
 * next page) last much longer than the others: how many there were is known,
 * so the two are averaged apart.
 *
 * pgt_current_node is the node that is executing, also with timing off.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "executor/executor.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"

#include "node_account.h"
#include "ticks.h"

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

/*
 * Where they are.  Volatile: to load them again after each call of a node costs
 * less than to keep two registers for them.
 */
static const BufferUsage *volatile buffer_usage = &pgBufferUsage;
static const WalUsage *volatile wal_usage = &pgWalUsage;

/*
 * One number that has moved when any of the counters has.  Blocks written need
 * not be in it: a block is written to make room for one that is read, or when
 * the relation grows by one that is then made dirty.
 */
static inline int64
counters_sum(void)
{
	const BufferUsage *b = buffer_usage;
	const WalUsage *w = wal_usage;

	return b->shared_blks_hit + b->shared_blks_read + b->shared_blks_dirtied +
		b->local_blks_hit + b->local_blks_read + b->local_blks_dirtied +
		b->temp_blks_read + b->temp_blks_written + (int64) w->wal_bytes;
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

/* Counters moved in the calls in progress of the node and of those above it. */
static void
mark_moved(PgtNodeAccount *node)
{
	for (; node != NULL; node = node->caller)
	{
		CallSample *kind = node->instr.running ? &node->other : &node->first;

		if (kind->moved_in == kind->calls)
			break;
		kind->moved_in = kind->calls;
		if (kind->calls >= PGT_HEAD_CALLS)
			kind->moved++;
	}
}

static pg_noinline void
charge_moved(PgtNodeAccount *node, int64 sum)
{
	if (node != NULL)
	{
		add_counters(node, &charged_buffers, &charged_wal);
		mark_moved(node);
	}
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

static inline uint64
next_random(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

void
pgt_sample(CallSample *kind, uint64 ticks)
{
	uint64		number = kind->calls + 1;
	uint64		block = number <= PGT_LONG_AFTER ? PGT_SAMPLE_BLOCK : PGT_LONG_BLOCK;

	if (number <= PGT_HEAD_CALLS)
	{
		kind->head_ticks += ticks;
		kind->next = number;
		if (number < PGT_HEAD_CALLS)
			return;
	}
	else
	{
		bool		moved = kind->moved_in == kind->calls;

		kind->stood_for[moved] += block;
		kind->stood_ticks[moved] += ticks * block;
	}
	/* One call of the block that begins after this one's. */
	block = number < PGT_LONG_AFTER ? PGT_SAMPLE_BLOCK : PGT_LONG_BLOCK;
	kind->next = (number + block - 1) / block * block +
		(next_random() >> 32 & (block - 1));
}

static inline void
charge_ticks(PgtNodeAccount *node, uint64 now)
{
	if (node != NULL)
		node->self_ticks += now - charged_ticks;
	charged_ticks = now;
}

/*
 * The node was run by another one than the one above it in the tree: the plan
 * of a CTE or an InitPlan, by the node that needs its result.  What it used is
 * the caller's, as EXPLAIN has it, and all that are above the caller; the node
 * above it in the tree is one of those, and must not have it twice.
 */
static void
lend(PgtNodeAccount *node, PgtNodeAccount *caller, const PgtBuffers *from,
	 const WalUsage *wal_from, uint64 ticks)
{
	PgtNodeAccount used = {0};
	int64_t    *sum = (int64_t *) &used.buffers;
	int64_t    *to = (int64_t *) &caller->buffers;
	int64_t    *above = (int64_t *) &node->caller->buffers;

	add_counters(&used, from, wal_from);
	for (int i = 0; i < (int) (sizeof(PgtBuffers) / sizeof(int64_t)); i++)
	{
		to[i] += sum[i];
		above[i] -= sum[i];
	}
	caller->wal.wal_records += used.wal.wal_records;
	caller->wal.wal_fpi += used.wal.wal_fpi;
	caller->wal.wal_bytes += used.wal.wal_bytes;
	node->caller->wal.wal_records -= used.wal.wal_records;
	node->caller->wal.wal_fpi -= used.wal.wal_fpi;
	node->caller->wal.wal_bytes -= used.wal.wal_bytes;
	caller->self_ticks += ticks;
	node->caller->self_ticks -= ticks;
}

/* A call has returned. */
static inline void
count_call(PgtNodeAccount *node, CallSample *kind, const TupleTableSlot *slot)
{
	kind->calls++;
	if (unlikely(TupIsNull(slot)))
		node->empty++;
}

/* A call that is the first of a loop, is timed, or has an unexpected caller. */
static pg_noinline TupleTableSlot *
exec_slowly(PlanState *state, PgtNodeAccount *node, int timing)
{
	PgtNodeAccount *caller = pgt_current_node;
	bool		first = !node->instr.running;
	bool		lent = caller != node->caller && caller != NULL && node->caller != NULL;
	CallSample *kind = first ? &node->first : &node->other;
	bool		timed = timing == PGT_TIMING_EXACT ||
	(timing == PGT_TIMING_SAMPLED && kind->calls >= kind->next);
	PgtBuffers	from;
	WalUsage	wal_from;
	uint64		begin = 0;
	uint64		end = 0;
	TupleTableSlot *slot;

	/* As the server's ExecProcNodeFirst does at a node's first call. */
	if (first)
		check_stack_depth();
	charge(caller);
	if (lent)
	{
		from = charged_buffers;
		wal_from = charged_wal;
	}
	if (timed)
	{
		begin = pgt_ticks();
		if (timing == PGT_TIMING_EXACT)
			charge_ticks(caller, begin);
		node->open_ticks = begin;
		node->open_first = first;
	}
	pgt_current_node = node;
	slot = state->ExecProcNodeReal(state);
	charge(node);
	if (lent && kind->moved_in == kind->calls)
		mark_moved(caller);
	if (timed)
	{
		end = pgt_ticks();
		node->open_ticks = 0;
		if (timing == PGT_TIMING_SAMPLED)
			pgt_sample(kind, end - begin);
		else
		{
			charge_ticks(node, end);
			if (first)
				node->startup_ticks += end - begin;
		}
	}
	count_call(node, kind, slot);
	node->instr.running = true;
	if (lent)
		lend(node, caller, &from, &wal_from, timing == PGT_TIMING_EXACT ? end - begin : 0);
	pgt_current_node = caller;
	return slot;
}

static inline bool
is_ordinary(const PgtNodeAccount *node)
{
	return likely(node->instr.running && pgt_current_node == node->caller);
}

/* An ordinary call, with nothing to time. */
static inline TupleTableSlot *
exec_fast(PlanState *state, PgtNodeAccount *node)
{
	TupleTableSlot *slot;

	charge(node->caller);
	pgt_current_node = node;
	slot = state->ExecProcNodeReal(state);
	charge(node);
	count_call(node, &node->other, slot);
	pgt_current_node = node->caller;
	return slot;
}

static TupleTableSlot *
exec_untimed(PlanState *state)
{
	PgtNodeAccount *node = (PgtNodeAccount *) state->instrument;

	if (is_ordinary(node))
		return exec_fast(state, node);
	return exec_slowly(state, node, PGT_TIMING_OFF);
}

static pg_attribute_aligned(64) TupleTableSlot *
exec_sampled(PlanState *state)
{
	PgtNodeAccount *node = (PgtNodeAccount *) state->instrument;

	if (is_ordinary(node) && likely(node->other.calls < node->other.next))
		return exec_fast(state, node);
	return exec_slowly(state, node, PGT_TIMING_SAMPLED);
}

static TupleTableSlot *
exec_exact(PlanState *state)
{
	PgtNodeAccount *node = (PgtNodeAccount *) state->instrument;
	TupleTableSlot *slot;
	uint64		begin;

	if (!is_ordinary(node))
		return exec_slowly(state, node, PGT_TIMING_EXACT);

	charge(node->caller);
	begin = pgt_ticks();
	charge_ticks(node->caller, begin);
	node->open_ticks = begin;
	node->open_first = false;
	pgt_current_node = node;
	slot = state->ExecProcNodeReal(state);
	charge(node);
	count_call(node, &node->other, slot);
	node->open_ticks = 0;
	charge_ticks(node, pgt_ticks());
	pgt_current_node = node->caller;
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
	bool		parallel;		/* workers may be launched */
	bool		running;		/* nothing may be changed */
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
	node->id = node->shown_id = (uint16) nodes->count;
	node->parent = context->parent ? context->parent->id : 0;
	node->position = ++context->children;
	node->is_gather = IsA(state, GatherState) || IsA(state, GatherMergeState);
	node->below_gather = context->parent != NULL &&
		(context->parent->below_gather || context->parent->is_gather);
	node->self_counting = counts_itself(state);
	if (context->parent != NULL)
		node->caller = context->parent->self_counting ? context->parent->caller : context->parent;
	node->first.moved_in = node->other.moved_in = PG_UINT64_MAX;
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
		else if (context->parallel)
		{
			/* What ended workers add where the server shuts the plan down. */
			PGT_INSTR_BASE(&node->instr)->need_bufusage = true;
			PGT_INSTR_BASE(&node->instr)->need_walusage = true;
		}
		state->instrument = &node->instr;
		if (!node->self_counting)
			state->ExecProcNode = nodes->function;
	}
	else if (state->instrument != NULL && !context->running)
	{
		/* Whoever asked for it may not have asked for these. */
		PGT_INSTR_BASE(state->instrument)->need_bufusage = true;
		PGT_INSTR_BASE(state->instrument)->need_walusage = true;
	}
	return false;
}

/* Its accounts, in the memory of the query. */
static void
attach(QueryDesc *desc, AttachContext *context)
{
	MemoryContext caller = MemoryContextSwitchTo(desc->estate->es_query_cxt);
	PgtNodes   *nodes = context->nodes;

	context->capacity = 8;
	nodes->nodes = palloc(context->capacity * sizeof(PgtNodeAccount *));
	attach_walker(desc->planstate, context);
	nodes->totals = palloc0(nodes->count * sizeof(NodeTotals));
	MemoryContextSwitchTo(caller);
}

PgtNodes *
pgt_nodes_attach(QueryDesc *desc, const PgtPlanText *plan)
{
	PgtNodes   *nodes = MemoryContextAllocZero(desc->estate->es_query_cxt, sizeof(PgtNodes));
	AttachContext context = {.nodes = nodes, .plan = plan};

	context.own = desc->instrument_options == 0;
	context.parallel = desc->plannedstmt->parallelModeNeeded;
	nodes->timing = context.own ? pgt_guc_node_timing : PGT_TIMING_SERVER;
	nodes->told_timing = !context.own && !(desc->instrument_options & INSTRUMENT_TIMER) ?
		PGT_TIMING_OFF : nodes->timing;
	nodes->function = nodes->timing == PGT_TIMING_EXACT ? exec_exact :
		nodes->timing == PGT_TIMING_SAMPLED ? exec_sampled : exec_untimed;
	attach(desc, &context);
	return nodes;
}

void
pgt_nodes_write_running(QueryDesc *desc, uint32 cursor)
{
	PgtNodes	nodes = {.timing = PGT_TIMING_OFF, .running = true};
	PgtExec		exec = {.desc = desc, .cursor = cursor, .nodes = &nodes};
	AttachContext context = {.nodes = &nodes, .running = true};

	exec.plan = pgt_plan_text(desc->plannedstmt);
	exec.untraced_workers = pgt_ring.slot->untraced_workers;
	context.plan = exec.plan;
	attach(desc, &context);
	pgt_nodes_write(&exec, 0, false);
	pgt_plan_text_release(exec.plan);
}

const PgtNodeAccount *
pgt_nodes_executing(const PgtNodes *nodes)
{
	if (nodes->timing != PGT_TIMING_SERVER)
		return NULL;
	/* Those that execute are a path down the tree: the last one is its end. */
	for (int i = nodes->count - 1; i >= 0; i--)
	{
		const PgtServerInstr *instr = nodes->nodes[i]->state->instrument;

		if (instr != NULL && !INSTR_TIME_IS_ZERO(PGT_INSTR_BASE(instr)->starttime))
			return nodes->nodes[i];
	}
	return NULL;
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
