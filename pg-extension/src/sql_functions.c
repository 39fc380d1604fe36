/*-------------------------------------------------------------------------
 *
 * sql_functions.c
 *	  What SQL can ask of pg_trace: its file, its state, and to trace another
 *	  session.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "storage/proc.h"
#include "storage/procarray.h"
#include "utils/acl.h"
#include "utils/backend_status.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

#include "compat.h"
#include "pg_trace.h"
#include "wait_calls.h"

PG_FUNCTION_INFO_V1(pg_trace_file);
PG_FUNCTION_INFO_V1(pg_trace_status);
PG_FUNCTION_INFO_V1(pg_trace_session_enable);
PG_FUNCTION_INFO_V1(pg_trace_session_disable);

/* A NUL-padded name of the segment, whoever wrote it. */
static text *
padded_name(const char *name, size_t size)
{
	return cstring_to_text_with_len(name, (int) strnlen(name, size));
}

/* The trace file of this session, or NULL before the daemon has begun it. */
Datum
pg_trace_file(PG_FUNCTION_ARGS)
{
	PgtSlot    *slot = pgt_ring.slot;

	if (slot == NULL || slot->trace_file[0] == '\0')
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(padded_name(slot->trace_file, sizeof(slot->trace_file)));
}

#define STATUS_COLUMNS	8

/* How full a slot's ring is, 0 to 1. */
static double
ring_fill(const PgtSlot *slot)
{
	uint64		head = __atomic_load_n(&slot->head, __ATOMIC_ACQUIRE);
	uint64		read_pos = __atomic_load_n(&slot->read_pos, __ATOMIC_ACQUIRE);

	return head < read_pos ? 0.0 : (double) (head - read_pos) / (double) pgt_segment->ring_size;
}

static int64
dropped(const PgtSlot *slot)
{
	return (int64) (slot->lost_full + slot->lost_too_big);
}

/* Parallel workers of sessions that are traced: they write to their leader's. */
static void
put_workers(ReturnSetInfo *rsinfo)
{
	int			count = pgt_compat_backend_count();

	for (int i = 0; i < count; i++)
	{
		const PgBackendStatus *backend = pgt_compat_backend(i);
		PGPROC	   *proc = backend != NULL ? BackendPidGetProc(backend->st_procpid) : NULL;
		PGPROC	   *group = proc != NULL ? proc->lockGroupLeader : NULL;
		PgtSlot    *leader = group != NULL && group != proc ? pgt_segment_session(group->pid) : NULL;
		Datum		values[STATUS_COLUMNS] = {0};
		bool		nulls[STATUS_COLUMNS] = {false, false, false, true, true, true, false, true};

		if (leader == NULL || !leader->enabled ||
			pgt_segment_workers(leader)->state != PGT_SLOT_ACTIVE)
			continue;
		values[0] = Int32GetDatum(backend->st_procpid);
		values[1] = Int32GetDatum(leader->pid);
		values[2] = Int32GetDatum((int32) leader->level);
		values[6] = PointerGetDatum(padded_name(leader->trace_file, sizeof(leader->trace_file)));
		nulls[6] = leader->trace_file[0] == '\0';
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
}

Datum
pg_trace_status(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, 0);
	if (pgt_segment == NULL)
		return (Datum) 0;
	for (uint32 i = 0; i < pgt_segment->slot_count; i++)
	{
		PgtSlot    *slot = pgt_segment_slot(i);
		PgtSlot    *workers = pgt_segment_workers(slot);
		uint32		state = __atomic_load_n(&slot->state, __ATOMIC_ACQUIRE);
		Datum		values[STATUS_COLUMNS] = {0};
		bool		nulls[STATUS_COLUMNS] = {0};

		if (state != PGT_SLOT_ACTIVE && state != PGT_SLOT_CLOSED && state != PGT_SLOT_OFFERED)
			continue;
		values[0] = Int32GetDatum(slot->pid);
		values[1] = Int32GetDatum(slot->leader_pid);
		nulls[1] = slot->leader_pid == 0;
		values[2] = Int32GetDatum(state == PGT_SLOT_OFFERED ? PGT_CONTROL_LEVEL(slot->control) :
								  slot->enabled ? (int32) slot->level : 0);
		values[3] = Int64GetDatum((int64) (slot->events + workers->events));
		values[4] = Int64GetDatum(dropped(slot) + dropped(workers));
		values[5] = Float8GetDatum(Max(ring_fill(slot), ring_fill(workers)));
		values[6] = PointerGetDatum(padded_name(slot->trace_file, sizeof(slot->trace_file)));
		nulls[6] = slot->trace_file[0] == '\0';
		nulls[7] = true;
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	put_workers(rsinfo);
	for (int i = 0; i < PGT_RULES; i++)
	{
		const PgtRule *rule = pgt_segment_rule(i);
		Datum		values[STATUS_COLUMNS] = {0};
		bool		nulls[STATUS_COLUMNS] = {true, true, false, true, true, true, true, false};

		if (rule == NULL)
			continue;
		values[2] = Int32GetDatum(PGT_CONTROL_LEVEL(rule->control));
		values[7] = CStringGetTextDatum(psprintf("%s %.*s",
												 rule->kind == PGT_RULE_APPLICATION ? "application" :
												 rule->kind == PGT_RULE_ROLE ? "role" : "database",
												 (int) sizeof(rule->name), rule->name));
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/* An error unless it is a process of this server that can be traced. */
static void
check_pid(int32 pid)
{
	if (BackendPidGetProc(pid) == NULL && AuxiliaryPidGetProc(pid) == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("PID %d is not a process of this server that can be traced", pid),
				 errhint("pg_stat_activity shows them all.")));
}

static void
refuse_value(const char *parameter, const char *value, const char *allowed)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid value for parameter \"%s\": \"%s\"", parameter, value),
			 errhint("Available values: %s.", allowed)));
}

/* What is asked for: the arguments level, blocks and plan_stat, checked. */
typedef struct Wish
{
	int			level;
	int			blocks;
	int			plan_stat;
} Wish;

/* From the function's second argument on; an error where it cannot be had. */
static Wish
wish(FunctionCallInfo fcinfo)
{
	char	   *blocks_name = text_to_cstring(PG_GETARG_TEXT_PP(2));
	char	   *plan_stat_name = text_to_cstring(PG_GETARG_TEXT_PP(3));
	const char *why_not = pgt_wait_calls_why_not(NULL);
	Wish		wish = {PG_GETARG_INT32(1), pgt_blocks_named(blocks_name),
	pgt_plan_stat_named(plan_stat_name)};

	if (wish.level < PGT_LEVEL_MIN || wish.level > PGT_LEVEL_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("level %d is outside the valid range (%d .. %d)",
						wish.level, PGT_LEVEL_MIN, PGT_LEVEL_MAX)));
	if (wish.blocks < 0)
		refuse_value("blocks", blocks_name, "off, physical, all");
	if (wish.plan_stat < 0)
		refuse_value("plan_stat", plan_stat_name, "never, first_execution, all_executions");
	if (why_not != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("another session cannot be switched on: %s", why_not),
				 errdetail("A process sees the request at its next call into the system.")));
	return wish;
}

/*
 * Have another session (a client's, or a process of the server's own) trace
 * itself, from its next call into the system on: pid, level, blocks, plan_stat.
 */
Datum
pg_trace_session_enable(PG_FUNCTION_ARGS)
{
	int32		pid = PG_GETARG_INT32(0);
	Wish		w = wish(fcinfo);
	PgtClaimError error;

	check_pid(pid);
	if (!pgt_segment_switch_on(pid, w.level, w.blocks, w.plan_stat, &error))
		pgt_claim_error_report(ERROR, &error);
	pgt_session_warn_unattached();
	PG_RETURN_VOID();
}

/* End the trace of a session, whoever began it; false: it was not traced. */
Datum
pg_trace_session_disable(PG_FUNCTION_ARGS)
{
	int32		pid = PG_GETARG_INT32(0);

	check_pid(pid);
	PG_RETURN_BOOL(pgt_segment_switch_off(pid));
}

/* ---- Sessions by application, role and database ---- */

/* A ring for each session of the kind that runs; they look at once. */
static void
offer_to_running(uint32 kind, const char *name, Oid oid)
{
	PgtClaimError error;
	int			without = 0;

	for (int i = 0; i < pgt_compat_backend_count(); i++)
	{
		const PgBackendStatus *backend = pgt_compat_backend(i);
		bool		matches;

		if (backend == NULL ||
			(backend->st_backendType != B_BACKEND && backend->st_backendType != B_WAL_SENDER))
			continue;
		matches = kind == PGT_RULE_ROLE ? backend->st_userid == oid :
			kind == PGT_RULE_DATABASE ? backend->st_databaseid == oid :
			strcmp(backend->st_appname, name) == 0;
		if (matches && !pgt_segment_offer(backend->st_procpid, &error))
			without++;
	}
	if (without > 0)
	{
		ereport(WARNING,
				(errmsg("%d running sessions are not traced", without)));
		pgt_claim_error_report(WARNING, &error);
	}
}

static Datum
rule_on(FunctionCallInfo fcinfo, uint32 kind)
{
	char	   *name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	Wish		w = wish(fcinfo);
	Oid			oid = InvalidOid;
	PgtClaimError error;

	if (strlen(name) >= NAMEDATALEN)
		ereport(ERROR,
				(errcode(ERRCODE_NAME_TOO_LONG),
				 errmsg("\"%s\" is longer than %d bytes", name, NAMEDATALEN - 1)));
	if (kind == PGT_RULE_ROLE)
		oid = get_role_oid(name, false);
	else if (kind == PGT_RULE_DATABASE)
		oid = pgt_compat_database_oid(name);
	if (!pgt_segment_rule_on(kind, name, w.level, w.blocks, w.plan_stat, &error))
		pgt_claim_error_report(ERROR, &error);
	offer_to_running(kind, name, oid);
	pgt_session_warn_unattached();
	PG_RETURN_VOID();
}

static Datum
rule_off(FunctionCallInfo fcinfo, uint32 kind)
{
	PG_RETURN_BOOL(pgt_segment_rule_off(kind, text_to_cstring(PG_GETARG_TEXT_PP(0))));
}

#define RULE_FUNCTIONS(what, kind) \
	PG_FUNCTION_INFO_V1(pg_trace_##what##_enable); \
	Datum \
	pg_trace_##what##_enable(PG_FUNCTION_ARGS) \
	{ \
		return rule_on(fcinfo, kind); \
	} \
 \
	PG_FUNCTION_INFO_V1(pg_trace_##what##_disable); \
	Datum \
	pg_trace_##what##_disable(PG_FUNCTION_ARGS) \
	{ \
		return rule_off(fcinfo, kind); \
	}

RULE_FUNCTIONS(application, PGT_RULE_APPLICATION)
RULE_FUNCTIONS(role, PGT_RULE_ROLE)
RULE_FUNCTIONS(database, PGT_RULE_DATABASE)
