/*-------------------------------------------------------------------------
 *
 * hits.h
 *	  Buffer hits, gathered into runs of one relation.
 *
 * What buffer_table.c sees the server do, for hits.c.  Nothing here allocates,
 * locks or raises an error: locks of the server's are held.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PG_TRACE_HITS_H
#define PG_TRACE_HITS_H

#include "postgres.h"

/* Hits are gathered from now on. */
extern void pgt_hits_begin(void);

/* What has been gathered goes: the session is no longer looked at. */
extern void pgt_hits_flush(void);

/* The server begins to look for a shared block; tag: a BufferTag. */
extern void pgt_hit_asked(const void *tag);

/* It was found, in this shared buffer (from 0). */
extern void pgt_hit_found(const void *tag, int buffer);

/* It was not: a buffer that has been emptied is the block's now. */
extern void pgt_hit_inserted(const void *tag);

/* A local block was found. */
extern void pgt_hit_found_local(const void *tag);

/* These blocks are not hits: the session reads them, or makes them. */
extern void pgt_hits_not(const uint32 file[4], uint32 block, uint32 count);

#endif							/* PG_TRACE_HITS_H */
