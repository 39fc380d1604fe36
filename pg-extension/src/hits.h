/*-------------------------------------------------------------------------
 *
 * hits.h
 *	  Buffer hits, gathered into runs of one relation.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PG_TRACE_HITS_H
#define PG_TRACE_HITS_H

#include "postgres.h"

/*
 * A block was found in a table of buffers: a hit, if the server counts one next.
 * Called with the lock of the table's partition held.
 */
extern void pgt_hit_maybe(const void *tag, bool local);

/* The statement, the plan node or the session changes: what has been gathered goes. */
extern void pgt_hits_flush(void);

#endif							/* PG_TRACE_HITS_H */
