/*-------------------------------------------------------------------------
 *
 * parallel.h
 *	  Parallel workers of a traced session: what they are told of the statement
 *	  they work for, and where they write.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PG_TRACE_PARALLEL_H
#define PG_TRACE_PARALLEL_H

#include "pg_trace.h"

/* pg_trace.px: what the workers that are launched now are told; no user's. */
extern char *pgt_guc_px;
extern void pgt_px_assign(const char *newval, void *extra);

/*
 * What workers of the call have to know, as text in the current memory context:
 * its cursor and depth, what is traced, and how the plan's nodes are numbered
 * (nodes: NULL where no plan is written).
 */
extern char *pgt_px_text(uint32 cursor, int depth, const PgtNodes *nodes);

/* Have the workers' ring ready; a warning where it cannot be had. */
extern void pgt_px_reserve(void);

/*
 * Workers launched in between are told the text.  An error in between takes it
 * back by itself.
 */
extern int	pgt_px_tell(const char *text);
extern void pgt_px_told(int nest_level);

/* The same around a command that may end its transaction. */
extern void pgt_px_tell_command(const char *text);

/* Is this process a worker that writes to its leader's trace? */
extern bool pgt_is_worker;

/*
 * The leader's call, which the worker's calls are in: the outermost frame of a
 * worker.
 */
extern PgtFrame pgt_worker_frame;

/* Is the next plan to start the worker's part of its leader's? */
#define pgt_worker_starts()	(unlikely(pgt_is_worker) && pgt_frame == &pgt_worker_frame)

/*
 * Does the server count what this worker does now for the leader's statement?
 * Not while it is set up, nor while its part of a plan is started or ended.
 */
extern bool pgt_worker_counts(void);

/* Its part of the plan is being started or ended, or is not any more. */
extern void pgt_worker_prepares(bool prepares);

/* Are figures of the leader's plan nodes asked for? */
extern bool pgt_worker_wants_nodes(void);

/* Number the nodes of the worker's part as its leader does. */
extern void pgt_worker_number_nodes(PgtNodes *nodes);

/* Has the leader's session been switched off from outside? */
extern bool pgt_worker_is_stopped(void);

/* The worker's account has been written with its execution's. */
extern void pgt_worker_accounted(void);

#endif							/* PG_TRACE_PARALLEL_H */
