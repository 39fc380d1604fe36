/*-------------------------------------------------------------------------
 *
 * running.h
 *	  The client's statement that runs untraced, and what becomes of it when
 *	  its session is switched on meanwhile.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PG_TRACE_RUNNING_H
#define PG_TRACE_RUNNING_H

#include "pg_trace.h"

/* A statement at the top level that is not traced; desc: NULL of a utility command. */
typedef struct PgtRunning
{
	const PlannedStmt *stmt;	/* NULL: none runs */
	QueryDesc  *desc;
	const char *text;
} PgtRunning;

extern PgtRunning pgt_running;

/*
 * The session has been switched on: anywhere in the server.  If a statement
 * runs it gets its text and a call that begins now; its plan follows when a
 * node of it is executed next.
 */
extern void pgt_running_attach(void);

/* It has run; rows: processed. */
extern void pgt_running_ended(uint64 rows);

/* An error is reported that has ended it. */
extern void pgt_running_failed(const PgtErrorInfo *error);

/* An error has ended it, if it was there at all. */
extern void pgt_running_forget(void);

/* Is this the call of a statement that ran already? */
extern bool pgt_running_is_attached(void);

#endif							/* PG_TRACE_RUNNING_H */
