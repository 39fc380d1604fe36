/*-------------------------------------------------------------------------
 *
 * buffer_table.h
 *	  Buffers that the server finds in its tables of them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PG_TRACE_BUFFER_TABLE_H
#define PG_TRACE_BUFFER_TABLE_H

/* Find the table; in the postmaster, when its shared memory has been made. */
extern void pgt_buffer_table_find(void);

/* Why buffer hits cannot be seen, or NULL where they can. */
extern const char *pgt_buffer_table_why_not(void);

/* Look at what is found in the tables from now on, or no longer. */
extern void pgt_buffer_table_watch(bool on);
extern bool pgt_buffer_table_is_watched(void);

/*
 * Find the table of local buffers, which the server makes when the session uses
 * the first one; nothing while it has not.  Allocates nothing.
 */
extern void pgt_buffer_table_find_local(void);

#endif							/* PG_TRACE_BUFFER_TABLE_H */
