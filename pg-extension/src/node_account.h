/*-------------------------------------------------------------------------
 *
 * node_account.h
 *	  What is counted for each plan node: filled by node_account.c while the
 *	  plan executes, written to the ring by node_record.c at its end.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PG_TRACE_NODE_ACCOUNT_H
#define PG_TRACE_NODE_ACCOUNT_H

#include "postgres.h"

#include "executor/executor.h"

#include "pg_trace.h"

/*
 * Sampled mode: calls of each kind that are all timed, before one in a block;
 * the blocks are longer after so many calls.  Powers of two.
 */
#define PGT_HEAD_CALLS		16
#define PGT_SAMPLE_BLOCK	16
#define PGT_LONG_BLOCK		64
#define PGT_LONG_AFTER		8192

/* One kind of a node's calls. */
typedef struct CallSample
{
	uint64		calls;			/* that have returned */
	uint64		next;			/* sampled mode: so many calls before the next
								 * one that is timed */
	uint64		head_ticks;		/* of the first HEAD_CALLS */
	uint64		moved;			/* later calls in which counters moved */
	uint64		moved_in;		/* calls before the last one of these */

	/* Of those that were timed after the first: [1] where counters moved. */
	uint64		stood_for[2];	/* calls that they stand for */
	uint64		stood_ticks[2]; /* what those would have taken */
} CallSample;

struct PgtNodeAccount
{
	PgtServerInstr instr;		/* must be first: PlanState.instrument */

	/* What each call touches. */
	struct PgtNodeAccount *caller;	/* node whose calls it expects: the nearest
									 * above it that is run by our function */
	CallSample	other;			/* calls within a loop */
	uint64		empty;			/* calls that returned no row */

	PlanState  *state;
	uint16		id;				/* from 1, preorder */
	uint16		shown_id;		/* the same; a worker's: what its leader calls
								 * the node, 0: not known */
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
	CallSample	first;			/* first calls of loops */

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
	bool		running;		/* the plan of a statement that ran already:
								 * only its shape is known */
	int			count;
	PgtNodeAccount **nodes;		/* preorder */
	NodeTotals *totals;			/* the same order; filled at the end, where
								 * nothing may be allocated */
	ExecProcNodeMtd function;
};

/*
 * The node that executes, where the server's own instrumentation with a clock
 * is on: the deepest one whose clock runs.  NULL: none, or not known.
 */
extern const PgtNodeAccount *pgt_nodes_executing(const PgtNodes *nodes);

/*
 * The sampled call that is about to be counted lasted so long: account for it,
 * and choose the next one.
 */
extern void pgt_sample(CallSample *kind, uint64 ticks);

#endif							/* PG_TRACE_NODE_ACCOUNT_H */
