/*-------------------------------------------------------------------------
 *
 * capabilities.c
 *	  What this build of the server and of pg_trace can show, and why not.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

#include "aio.h"
#include "buffer_table.h"
#include "pg_trace.h"
#include "wait_calls.h"

PG_FUNCTION_INFO_V1(pg_trace_capabilities);

typedef struct Capability
{
	const char *name;
	const char *(*why_not) (void);	/* returns NULL where it is there */
	const char *detail;			/* what it gives */
} Capability;

static const char *
executor_why_not(void)
{
	return pgt_segment != NULL ? NULL : pgt_segment_why_not();
}

static const char *
waits_why_not(void)
{
	return pgt_wait_calls_why_not(NULL);
}

static const Capability capabilities[] = {
	{"executor", executor_why_not, "calls, binds, plans, errors and transactions"},
	{"message_arrival", pgt_message_clock_why_not,
	"a parse begins at the return of the recv() that brought its message"},
	{"waits", waits_why_not, "each wait, with its name and time"},
	{"physical_blocks", waits_why_not, "each block read or written"},
	{"logical_blocks", pgt_buffer_table_why_not,
	"each buffer hit that the server looks for"},
	{"cache_tier", waits_why_not, "page cache or disk, for each read"},
	{"aio", pgt_aio_why_not, "each block read by an I/O worker or io_uring, for whom it was asked"},
};

/* Tell the trace what is missing in it; more attributes follow. */
void
pgt_capabilities_tell(void)
{
	char		text[512];

	for (int i = 0; i < (int) lengthof(capabilities); i++)
	{
		const char *why_not = capabilities[i].why_not();

		if (why_not == NULL)
			continue;
		snprintf(text, sizeof(text), "%s: %s", capabilities[i].name, why_not);
		pgt_event_attribute(PGT_ATTR_CAPABILITY, text, true);
	}
}

Datum
pg_trace_capabilities(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < (int) lengthof(capabilities); i++)
	{
		const char *why_not = capabilities[i].why_not();
		Datum		values[3];
		bool		nulls[3] = {0};

		values[0] = CStringGetTextDatum(capabilities[i].name);
		values[1] = BoolGetDatum(why_not == NULL);
		values[2] = CStringGetTextDatum(why_not != NULL ? why_not : capabilities[i].detail);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}
