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

#include <sys/socket.h>

#include "client_port.h"
#include "import_slots.h"
#include "pg_trace.h"

static ssize_t (*server_recv) (int fd, void *buffer, size_t length, int flags);

static PgtSnapshot arrival;
static bool has_arrived = false;
static char why_not[256] = "";

/* Stands in for recv(); errno and the result are recv's own. */
static ssize_t
pgt_recv(int fd, void *buffer, size_t length, int flags)
{
	ssize_t		result = server_recv(fd, buffer, length, flags);

	if (unlikely(pgt_wanted) && result > 0 && MyProcPort != NULL && fd == MyProcPort->sock)
	{
		pgt_snapshot(&arrival);
		has_arrived = true;
	}
	return result;
}

void
pgt_message_clock_install(void)
{
	PgtImport	imports[] = {{"recv", (void *) pgt_recv, (void **) &server_recv, 0}};

	if (pgt_guc_waits_provider == PGT_WAITS_NONE)
		snprintf(why_not, sizeof(why_not), "pg_trace.waits_provider is none");
	else if (pgt_imports_install(imports, lengthof(imports), why_not, sizeof(why_not)) &&
			 imports[0].slots == 0)
		snprintf(why_not, sizeof(why_not), "the server does not import recv()");
}

const char *
pgt_message_clock_why_not(void)
{
	return why_not[0] != '\0' ? why_not : NULL;
}

const PgtSnapshot *
pgt_message_arrival(void)
{
	return has_arrived ? &arrival : NULL;
}
