/*-------------------------------------------------------------------------
 *
 * message_clock.c
 *	  When a message from the client arrived: the clocks and counters at the
 *	  return of the recv() that brought it; and how long the server is at work
 *	  on it.
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
static bool at_work = false;
static bool transaction_ends = false;

void
pgt_message_received(void)
{
	pgt_snapshot(&arrival);
	has_arrived = true;
	at_work = true;
	transaction_ends = false;
	pgt_own_work = false;
}

bool
pgt_message_may_parse(void)
{
	return at_work && !transaction_ends;
}

void
pgt_message_transaction_ends(bool ends)
{
	transaction_ends = ends;
}

void
pgt_message_idle(void)
{
	at_work = false;
	pgt_charge_settle();
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
