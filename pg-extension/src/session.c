/*-------------------------------------------------------------------------
 *
 * session.c
 *	  Is this process traced: claiming a ring, beginning, pausing, ending.
 *
 * The ring stays this process's until it exits, also while tracing is
 * switched off in between.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/parallel.h"
#include "miscadmin.h"
#include "postmaster/postmaster.h"
#include "storage/ipc.h"
#include "storage/proc.h"
#include "utils/guc.h"
#include "utils/memutils.h"

#include "client_port.h"
#include "pg_trace.h"
#include "waits.h"

PgtRing		pgt_ring;
bool		pgt_wanted = false;

static bool has_ring = false;	/* pgt_ring is attached to our slot */
static bool is_open = false;	/* between SESSION and SESSION_END records */
static bool introduced = false; /* the head of the trace has been written */
static bool refused = false;	/* no ring was to be had; said once */

/* What the last records said, to see what has changed since. */
static struct
{
	int			level;
	int			plan_stat;
	int			node_timing;
	int			max_bind_length;
	uint32		resend;
	char		application[NAMEDATALEN];
}			told;

static bool claim(PgtClaimError *error);
static void open_session(void);
static void at_exit(int code, Datum arg);

bool
pgt_session_begin(void)
{
	PgtClaimError error;

	if (likely(is_open))
		return true;
	if (refused || IsParallelWorker() || InitializingParallelWorker || proc_exit_inprogress)
		return false;
	if (!has_ring && !claim(&error))
	{
		refused = true;
		ereport(WARNING,
				(errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
				 errmsg("%s", error.message),
				 error.detail[0] != '\0' ? errdetail_internal("%s", error.detail) : 0,
				 error.hint[0] != '\0' ? errhint("%s", error.hint) : 0));
		return false;
	}
	open_session();
	return true;
}

/*
 * In the middle of an error's report: as pgt_session_begin, but raises nothing.
 */
bool
pgt_session_begin_quietly(void)
{
	PgtClaimError error;

	if (is_open)
		return true;
	if (refused || IsParallelWorker() || InitializingParallelWorker || proc_exit_inprogress ||
		!IsUnderPostmaster || MyProc == NULL)
		return false;
	if (!has_ring && !claim(&error))
		return false;
	open_session();
	return true;
}

/* Claim this process's ring, if it has none. */
static bool
claim(PgtClaimError *error)
{
	uint32		index;

	if (!pgt_segment_claim(&index, error))
		return false;
	pgt_ring_attach(&pgt_ring, pgt_segment, pgt_segment_slot(index),
					pgt_segment_ring(index), pgt_segment->ring_size);
	on_proc_exit(at_exit, 0);
	has_ring = true;
	return true;
}

bool
pgt_session_check_enable(PgtClaimError *error)
{
	if (IsParallelWorker() || InitializingParallelWorker ||
		!IsUnderPostmaster || proc_exit_inprogress)
		return true;
	if (!has_ring && !claim(error))
		return false;
	refused = false;
	if (!pgt_wanted && !pgt_segment_daemon_attached())
		ereport(WARNING,
				(errmsg("no pg_trace daemon is attached"),
				 errdetail("Events are kept in the ring, up to pg_trace.ring_size, until one is; then they are dropped and counted."),
				 errhint("Start \"pgtrace daemon\", or set pg_trace.daemon_command and restart the server.")));
	return true;
}

void
pgt_session_switch(bool on)
{
	PgtSnapshot now;

	if (on == pgt_wanted)
		return;
	pgt_wanted = on;
	if (!IsUnderPostmaster)
		return;
	if (!on && pgt_frame == NULL)
		pgt_session_calls_ended();
	else if (on && MyProc != NULL)
	{
		pgt_snapshot(&now);
		pgt_boundary_set(&now);
	}
}

bool
pgt_session_has_ring(void)
{
	return is_open;
}

void
pgt_session_calls_ended(void)
{
	if (!is_open)
		return;
	pgt_waits_on = false;
	pgt_event_session_end(PGT_END_DISABLED);
	__atomic_store_n(&pgt_ring.slot->enabled, 0, __ATOMIC_RELAXED);
	is_open = false;
}

static void
take_settings(void)
{
	PgtSlot    *slot = pgt_ring.slot;

	pgt_waits_on = is_open && (pgt_guc_level & PGT_LEVEL_WAITS) != 0;
	told.level = pgt_guc_level;
	told.plan_stat = pgt_guc_plan_stat;
	told.node_timing = pgt_guc_node_timing;
	told.max_bind_length = pgt_guc_max_bind_length;
	slot->level = (uint32) pgt_guc_level;
}

static void
take_application(void)
{
	strlcpy(told.application, application_name ? application_name : "", sizeof(told.application));
	strlcpy(pgt_ring.slot->application, told.application, sizeof(pgt_ring.slot->application));
}

/* All that is known of the session, for the head of its trace. */
static void
introduce_session(void)
{
	PgtSlot    *slot = pgt_ring.slot;
	const char *address = MyProcPort != NULL && MyProcPort->remote_host != NULL &&
	MyProcPort->raddr.addr.ss_family != AF_UNIX ? MyProcPort->remote_host : "";

	take_application();
	strlcpy(slot->identifier, pgt_guc_tracefile_identifier, sizeof(slot->identifier));
	pgt_event_session(true);
	pgt_event_attribute(PGT_ATTR_DATABASE, slot->database, true);
	pgt_event_attribute(PGT_ATTR_APPLICATION, slot->application, true);
	pgt_event_attribute(PGT_ATTR_CLIENT_ADDRESS, address, true);
	pgt_event_attribute(PGT_ATTR_ROLE, slot->role, true);
	pgt_capabilities_tell();
	pgt_event_attribute(PGT_ATTR_BACKEND_TYPE, GetBackendTypeDesc(MyBackendType), false);
}

static void
open_session(void)
{
	PgtSlot    *slot = pgt_ring.slot;

	is_open = true;
	__atomic_store_n(&slot->enabled, 1, __ATOMIC_RELAXED);
	take_settings();
	if (introduced)
		pgt_event_session(false);
	else
	{
		told.resend = __atomic_load_n(&slot->resend, __ATOMIC_RELAXED);
		introduce_session();
		introduced = true;
	}
	pgt_session_tell_changes();
}

/* The settings have changed: follow them, and write what a trace shows of them. */
static void
tell_settings(void)
{
	pgt_settings_changed = false;
	pgt_ring.wait_when_full = pgt_guc_on_full == PGT_ON_FULL_WAIT;
	pgt_ring.full_timeout_ns = (int64_t) pgt_guc_full_timeout * 1000000;
	if (told.level != pgt_guc_level || told.plan_stat != pgt_guc_plan_stat ||
		told.node_timing != pgt_guc_node_timing ||
		told.max_bind_length != pgt_guc_max_bind_length)
	{
		take_settings();
		pgt_event_session(false);
	}
	if (strcmp(pgt_ring.slot->identifier, pgt_guc_tracefile_identifier) != 0)
	{
		/* What follows goes to another file, which needs its texts. */
		if (!pgt_event_attribute(PGT_ATTR_IDENTIFIER, pgt_guc_tracefile_identifier, false))
		{
			pgt_settings_changed = true;
			return;
		}
		strlcpy(pgt_ring.slot->identifier, pgt_guc_tracefile_identifier,
				sizeof(pgt_ring.slot->identifier));
		pgt_cursors_forget_sent();
	}
}

/* Between statements: write what has changed since it was told. */
void
pgt_session_tell_changes(void)
{
	uint32		resend;

	if (!is_open)
		return;
	resend = __atomic_load_n(&pgt_ring.slot->resend, __ATOMIC_RELAXED);
	if (unlikely(resend != told.resend))
	{
		told.resend = resend;
		pgt_cursors_forget_sent();
	}
	if (unlikely(pgt_settings_changed))
		tell_settings();
	if (unlikely(strncmp(told.application, application_name ? application_name : "",
						 sizeof(told.application) - 1) != 0))
	{
		if (pgt_event_attribute(PGT_ATTR_APPLICATION, application_name, false))
			take_application();
	}
}

static void
at_exit(int code, Datum arg)
{
	if (!has_ring)
		return;
	pgt_waits_on = false;
	if (is_open)
		pgt_event_session_end(PGT_END_EXIT);
	is_open = false;
	has_ring = false;
	pgt_wanted = false;
	pgt_segment_leave(pgt_ring.slot);
}
