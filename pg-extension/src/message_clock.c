/*-------------------------------------------------------------------------
 *
 * message_clock.c
 *	  When a message from the client arrived: the clocks and counters at the
 *	  return of the recv() that brought it.
 *
 * The server has no hook there.  Without the interposition
 * (pg_trace.waits_provider = none) hooks_parse.c makes do with the server's
 * own time stamp of the message.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "pg_trace.h"
#include "wait_calls.h"

static PgtSnapshot arrival;
static bool has_arrived = false;

void
pgt_message_received(void)
{
	pgt_snapshot(&arrival);
	has_arrived = true;
}

const char *
pgt_message_clock_why_not(void)
{
	return pgt_wait_calls_why_not("recv");
}

const PgtSnapshot *
pgt_message_arrival(void)
{
	return has_arrived ? &arrival : NULL;
}
