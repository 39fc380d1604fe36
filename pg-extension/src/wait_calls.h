/*-------------------------------------------------------------------------
 *
 * wait_calls.h
 *	  The calls into the system that the server waits in, seen through its
 *	  import slots.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PG_TRACE_WAIT_CALLS_H
#define PG_TRACE_WAIT_CALLS_H

/* In the postmaster, whose children inherit it. */
extern void pgt_wait_calls_install(void);

/*
 * Why calls of this function are not seen (any of those that matter, for NULL);
 * NULL where they are.
 */
extern const char *pgt_wait_calls_why_not(const char *function);

#endif							/* PG_TRACE_WAIT_CALLS_H */
