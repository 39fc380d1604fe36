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

#include "aio.h"
#include "buffer_table.h"
#include "client_port.h"
#include "hits.h"
#include "parallel.h"
#include "running.h"
#include "pg_trace.h"
#include "wait_calls.h"
#include "waits.h"

PgtRing		pgt_ring;
bool		pgt_wanted = false;
PgtAsked	pgt_asked;

static const uint32 no_generation = 0;
const uint32 *pgt_control_generation = &no_generation;
uint32		pgt_control_seen = 0;

static bool has_ring = false;	/* pgt_ring is attached to our slot */
static bool is_open = false;	/* between SESSION and SESSION_END records */
static bool introduced = false; /* the head of the trace has been written */
static bool refused = false;	/* no ring was to be had; said once */

/* The last request that was followed, and the session's name then. */
static uint64 followed = 0;
static char followed_application[NAMEDATALEN] = "";

/* Where the time of this session's trace begins. */
static PgtSnapshot opened;
static PgtCharged session_charged;

/* What the last records said, to see what has changed since. */
static struct
{
	int			level;
	int			blocks;
	int			plan_stat;
	int			node_timing;
	int			max_bind_length;
	uint32		resend;
	char		application[NAMEDATALEN];
}			told;

static bool claim(PgtClaimError *error);
static void attach(uint32 index);
static void open_session(void);
static void tell_settings(void);
static void take_settings(void);
static void take_full_settings(void);
static void take_waits(bool on);
static void take_blocks(bool all);
static void go_on(void);
static void stop_recording(void);
static void at_exit(int code, Datum arg);

void
pgt_claim_error_report(int level, const PgtClaimError *error)
{
	ereport(level,
			(errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
			 errmsg("%s", error->message),
			 error->detail[0] != '\0' ? errdetail_internal("%s", error->detail) : 0,
			 error->hint[0] != '\0' ? errhint("%s", error->hint) : 0));
}

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
		pgt_claim_error_report(WARNING, &error);
		return false;
	}
	open_session();
	return true;
}

/*
 * Where nothing may be raised (an error's report, a stand-in for a function of
 * the library): as pgt_session_begin.
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

	if (!pgt_segment_take_offer(&index) && !pgt_segment_claim(&index, error))
		return false;
	attach(index);
	return true;
}

/* The slot is ours: write to its ring from now on. */
static void
attach(uint32 index)
{
	pgt_ring_attach(&pgt_ring, pgt_segment, pgt_segment_slot(index),
					pgt_segment_ring(index), pgt_segment->ring_size);
	on_proc_exit(at_exit, 0);
	has_ring = true;
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
	if (!pgt_wanted)
		pgt_session_warn_unattached();
	return true;
}

void
pgt_session_warn_unattached(void)
{
	if (!pgt_segment_daemon_attached())
		ereport(WARNING,
				(errmsg("no pg_trace daemon is attached"),
				 errdetail("Events are kept in the ring, up to pg_trace.ring_size, until one is; then they are dropped and counted."),
				 errhint("Start \"pgtrace daemon\", or set pg_trace.daemon_command and restart the server.")));
}

/*
 * In a parallel worker that is being set up: its ring is attached to its
 * leader's workers' ring.
 */
void
pgt_session_join_leader(void)
{
	has_ring = true;
	is_open = true;
	introduced = true;
	pgt_wanted = true;
	told.resend = __atomic_load_n(&pgt_ring.slot->resend, __ATOMIC_RELAXED);
	take_full_settings();
	take_settings();
}

/* The worker ends, or its leader's session is not traced any more. */
void
pgt_session_leave_leader(void)
{
	take_blocks(false);
	take_waits(false);
	is_open = false;
	has_ring = false;
	pgt_wanted = false;
}

static void
set_wanted(bool on)
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

void
pgt_session_switch(bool on)
{
	if (pgt_is_worker)
		return;
	pgt_asked.action = 0;
	set_wanted(on);
}

/* The last request that this session is meant by; 0: none. */
static uint64
asked_of_me(void)
{
	uint64		own = has_ring ? __atomic_load_n(&pgt_ring.slot->control, __ATOMIC_ACQUIRE) : 0;
	uint64		rule = MyProcPort == NULL ? 0 :
		pgt_segment_rule_for(application_name, MyProcPort->user_name,
							 MyProcPort->database_name);

	return PGT_CONTROL_COUNTER(rule) > PGT_CONTROL_COUNTER(own) ? rule : own;
}

/*
 * Called from the stand-ins of the library's functions, so anywhere: with locks
 * held, in critical sections, in a signal's handler.  It allocates nothing and
 * raises nothing; the system calls are those that open the segment's file, once.
 * between_calls: the server turns to its client.
 */
void
pgt_session_follow(bool between_calls)
{
	uint32		generation = __atomic_load_n(pgt_control_generation, __ATOMIC_ACQUIRE);
	int			save_errno = errno;
	uint32		index;
	uint64		control;
	bool		on;

	if (!IsUnderPostmaster || MyProc == NULL || proc_exit_inprogress ||
		!IsNormalProcessingMode())
		return;
	if (IsParallelWorker() || InitializingParallelWorker)
	{
		if (is_open && pgt_worker_is_stopped())
			pgt_session_leave_leader();
		pgt_control_seen = generation;
		return;
	}
	if (!has_ring && pgt_segment_take_offer(&index))
	{
		attach(index);
		followed = 0;
	}
	control = asked_of_me();
	if (control != followed)
	{
		uint8		action = PGT_CONTROL_ACTION(control);

		on = action == PGT_CONTROL_ON || (action == 0 && pgt_guc_enabled);
		/*
		 * A hook may be at work that has not begun its call yet: the end
		 * waits, without further waits and hits in the trace.
		 */
		if (!on && pgt_frame == NULL && MyBackendType == B_BACKEND && !between_calls)
		{
			if (is_open && pgt_waits_on)
				stop_recording();
			errno = save_errno;
			return;
		}
		followed = control;
		pgt_asked.action = action;
		pgt_asked.level = PGT_CONTROL_LEVEL(control);
		pgt_asked.blocks = PGT_CONTROL_BLOCKS(control);
		pgt_asked.plan_stat = PGT_CONTROL_PLAN_STAT(control);
		set_wanted(on);
		if (!on && is_open)
			stop_recording();
		else if (on && is_open)
			go_on();
		else if (on && has_ring)
			open_session();
		if (on && is_open)
			pgt_running_attach();
	}
	strlcpy(followed_application, application_name ? application_name : "",
			sizeof(followed_application));
	pgt_control_seen = generation;
	errno = save_errno;
}

bool
pgt_session_is_renamed(void)
{
	return application_name != NULL &&
		strncmp(application_name, followed_application, sizeof(followed_application) - 1) != 0;
}

bool
pgt_session_has_ring(void)
{
	return is_open;
}

static void
begin_summary(void)
{
	pgt_snapshot(&opened);
	memset(&session_charged, 0, sizeof(session_charged));
	pgt_charge_begin(&session_charged, 0, 0, opened.wall_ns);
}

/* The account of the time since the session was opened. */
static void
write_summary(void)
{
	PgtUsage	usage = {0};
	PgtSnapshot now;

	pgt_wait_client_ended();
	pgt_aio_take_in_all();
	pgt_snapshot(&now);
	pgt_usage_add(&usage, &opened, &now);
	pgt_charge_write(&session_charged, 0, 0, usage.cpu_ns);
	pgt_event_summary(0, 0, &usage);
}

/* Are waits recorded from now on? */
static void
take_waits(bool on)
{
	static uint32 epoch = 0;

	if (on == pgt_waits_on)
		return;
	if (!on)
		pgt_wait_client_ended();
	pgt_waits_on = on;
	pgt_aio_watch(on);
	pgt_waited.epoch = on ? ++epoch : 0;
}

/* Are buffer hits recorded from now on? */
static void
take_blocks(bool all)
{
	if (!all)
		pgt_hits_flush();
	pgt_buffer_table_watch(all);
}

/* No hits and waits from now on; their account goes before. */
static void
stop_recording(void)
{
	take_blocks(false);
	write_summary();
	take_waits(false);
}

void
pgt_session_calls_ended(void)
{
	if (!is_open)
		return;
	stop_recording();
	pgt_event_session_end(PGT_END_DISABLED);
	__atomic_store_n(&pgt_ring.slot->enabled, 0, __ATOMIC_RELAXED);
	is_open = false;
}

static void
take_settings(void)
{
	PgtSlot    *slot = pgt_ring.slot;

	take_waits(is_open && (pgt_level() & PGT_LEVEL_WAITS) != 0 &&
			   pgt_wait_calls_why_not(NULL) == NULL);
	take_blocks(pgt_waits_on && pgt_blocks() == PGT_BLOCKS_ALL);
	told.level = pgt_level();
	told.blocks = pgt_blocks();
	told.plan_stat = pgt_plan_stat();
	told.node_timing = pgt_guc_node_timing;
	told.max_bind_length = pgt_guc_max_bind_length;
	if (!pgt_is_worker)
		slot->level = (uint32) pgt_level();
}

static void
take_full_settings(void)
{
	pgt_ring.wait_when_full = pgt_guc_on_full == PGT_ON_FULL_WAIT;
	pgt_ring.full_timeout_ns = (int64_t) pgt_guc_full_timeout * 1000000;
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
	begin_summary();
}

/* The settings have changed: follow them, and write what a trace shows of them. */
static void
tell_settings(void)
{
	bool		shown;

	pgt_settings_changed = false;
	take_full_settings();
	shown = told.level != pgt_level() || told.plan_stat != pgt_plan_stat() ||
		told.node_timing != pgt_guc_node_timing ||
		told.max_bind_length != pgt_guc_max_bind_length;
	if (shown || told.blocks != pgt_blocks())
		take_settings();
	if (shown)
		pgt_event_session(false);
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

/*
 * It is open and is to be traced: with other settings, or again after its
 * recording was stopped in the middle of the statement that runs.
 */
static void
go_on(void)
{
	bool		stopped = (told.level & PGT_LEVEL_WAITS) != 0 && !pgt_waits_on;

	tell_settings();
	if (!stopped)
		return;
	if (!pgt_waits_on && (pgt_level() & PGT_LEVEL_WAITS) != 0)
	{
		take_settings();
		pgt_event_session(false);
	}
	begin_summary();
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
	if (pgt_is_worker)
		return;
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
	if (is_open)
	{
		stop_recording();
		pgt_event_session_end(PGT_END_EXIT);
	}
	is_open = false;
	has_ring = false;
	pgt_wanted = false;
	pgt_segment_leave(pgt_ring.slot);
}
